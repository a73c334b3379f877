// The encoder worker: wiring only. Answers the VLM worker on its own channel, so photos never pass through the page.
import { AppError, isAppError } from '../src/core/errors';
import { EMBEDDED_ENCODER } from '../src/core/model-choice';
import { exposeEncoder } from '../src/rpc/encoder-port';
import { exposeWorker } from '../src/rpc/life';
import type { EncoderWorkerApi } from '../src/rpc/protocol';
import { type OpenedEncoder, openEncoder } from '../src/runtime/encoder';

/** The page goes back to the embedded encoder for it, whatever it was. */
function ofTheHub(error: unknown): AppError {
  const message = isAppError(error) ? error.message : 'The encoder could not be loaded.';
  return new AppError('encoder-load', message, { cause: error });
}

const loaded = Promise.withResolvers<OpenedEncoder>();
let embedded = (): Promise<OpenedEncoder> => loaded.promise;
loaded.promise.catch(() => undefined); // told to whoever asks

exposeWorker({
  async start({ encoder, baseUrl }) {
    let isKept = false;
    try {
      const kept = encoder === EMBEDDED_ENCODER ? undefined : await (await import('./kept-model')).keptEncoder(encoder);
      isKept = kept !== undefined;
      if (isKept) {
        let opened: Promise<OpenedEncoder> | undefined;
        embedded = () =>
          (opened ??= openEncoder(EMBEDDED_ENCODER, baseUrl).catch((error: unknown) => {
            opened = undefined; // the next look tries again
            throw error;
          }));
      }
      loaded.resolve(await openEncoder(encoder, baseUrl, kept));
    } catch (error) {
      loaded.reject(isKept ? ofTheHub(error) : error);
    }
    const { device } = await loaded.promise;
    return { backend: device.backend, device: device.name };
  },
  connect(port) {
    exposeEncoder(port, loaded.promise, () => embedded());
    return Promise.resolve();
  },
} satisfies EncoderWorkerApi);
