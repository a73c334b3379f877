// EncoderPort across the channel between the two workers.
import * as Comlink from 'comlink';
import type { EncoderPort } from '../pipeline/ports';
import type { EncoderChannelApi } from './protocol';
import { releaseSignal, signalForCall } from './transfer';

/** Encoder side. Calls wait until `loaded` resolves, and reject with its reason if it never does. */
export function exposeEncoder(port: MessagePort, loaded: Promise<EncoderPort>): void {
  loaded.catch(() => undefined);
  const api: EncoderChannelApi = {
    async describe() {
      const { info, background, calibration } = await loaded;
      return { info, background, calibration };
    },
    async encode(pixels, signal) {
      const features = await (await loaded).encode(pixels, signal);
      return Comlink.transfer(features, [features.grid.buffer, features.global.buffer]);
    },
  };
  Comlink.expose(api, port);
}

/** VLM side. Resolves when the encoder is loaded. */
export async function connectEncoder(port: MessagePort): Promise<EncoderPort> {
  const remote = Comlink.wrap<EncoderChannelApi>(port);
  return {
    ...(await remote.describe()),
    async encode(pixels, signal) {
      const own = signalForCall(signal);
      try {
        return await remote.encode(pixels, own);
      } finally {
        releaseSignal(own);
      }
    },
  };
}
