// The encoder worker: wiring only. Answers the VLM worker on its own channel, so photos never pass through the page.
import { exposeEncoder } from '../src/rpc/encoder-port';
import { exposeWorker } from '../src/rpc/life';
import type { EncoderWorkerApi } from '../src/rpc/protocol';
import { type OpenedEncoder, openEncoder } from '../src/runtime/encoder';

const loaded = Promise.withResolvers<OpenedEncoder>();
loaded.promise.catch(() => undefined); // told to whoever asks

exposeWorker({
  async start({ encoder, baseUrl }) {
    try {
      loaded.resolve(await openEncoder(encoder, baseUrl));
    } catch (error) {
      loaded.reject(error);
    }
    const { device } = await loaded.promise;
    return { backend: device.backend, device: device.name };
  },
  connect(port) {
    exposeEncoder(port, loaded.promise);
    return Promise.resolve();
  },
} satisfies EncoderWorkerApi);
