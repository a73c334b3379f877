// EncoderPort across the channel between the two workers.
import * as Comlink from 'comlink';
import type { EncoderPort } from '../pipeline/ports';
import type { EncoderChannelApi } from './protocol';
import { releaseSignal, signalForCall } from './transfer';

/** Encoder side. Calls wait until `loaded` resolves, and reject with its reason if it never does. */
export function exposeEncoder(
  port: MessagePort,
  loaded: Promise<{ encoder: EncoderPort; warmUp: () => Promise<void> }>,
): void {
  loaded.catch(() => undefined);
  const api: EncoderChannelApi = {
    warmUp: async () => (await loaded).warmUp(),
    async describe() {
      const { info, background, calibration } = (await loaded).encoder;
      return { info, background, calibration };
    },
    async encode(pixels, signal) {
      const { encoder } = await loaded;
      const features = await encoder.encode(pixels, signal);
      return Comlink.transfer(features, [features.grid.buffer, features.global.buffer]);
    },
  };
  Comlink.expose(api, port);
}

/** VLM side. Resolves when the encoder's files are read. */
export async function connectEncoder(
  port: MessagePort,
): Promise<{ encoder: EncoderPort; warmUp: () => Promise<void> }> {
  const remote = Comlink.wrap<EncoderChannelApi>(port);
  const description = await remote.describe();
  return {
    warmUp: () => remote.warmUp(),
    encoder: {
      ...description,
      async encode(pixels, signal) {
        const own = signalForCall(signal);
        try {
          return await remote.encode(pixels, own);
        } finally {
          releaseSignal(own);
        }
      },
    },
  };
}
