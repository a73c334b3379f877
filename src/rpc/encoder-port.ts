// EncoderPort across the channel between the two workers.
import * as Comlink from 'comlink';
import type { PatchFeatures, Pixels } from '../core/types';
import type { EncoderPort } from '../pipeline/ports';
import type { EncoderChannelApi } from './protocol';
import { releaseSignal, signalForCall } from './transfer';

type Encode = EncoderPort['encode'];

/**
 * Encoder side. Calls wait until `loaded` resolves, and reject with its reason if it never does. `embedded`: the encoder that ships with the app,
 * asked for with the first look.
 */
export function exposeEncoder(
  port: MessagePort,
  loaded: Promise<{ encoder: EncoderPort; warmUp: () => Promise<void> }>,
  embedded: () => Promise<{ encoder: EncoderPort }>,
): void {
  loaded.catch(() => undefined);
  const sent = async (pixels: Pixels, signal: AbortSignal, encoder: EncoderPort): Promise<PatchFeatures> => {
    const features = await encoder.encode(pixels, signal);
    return Comlink.transfer(features, [features.grid.buffer, features.global.buffer]);
  };
  const api: EncoderChannelApi = {
    warmUp: async () => (await loaded).warmUp(),
    async describe() {
      const { info, background, calibration } = (await loaded).encoder;
      return { info, background, calibration };
    },
    encode: async (pixels, signal) => sent(pixels, signal, (await loaded).encoder),
    see: async (pixels, signal) => sent(pixels, signal, (await embedded()).encoder),
  };
  Comlink.expose(api, port);
}

/** VLM side. Resolves when the encoder's files are read. */
export async function connectEncoder(
  port: MessagePort,
): Promise<{ encoder: EncoderPort; warmUp: () => Promise<void>; see: Encode }> {
  const remote = Comlink.wrap<EncoderChannelApi>(port);
  const description = await remote.describe();
  const called =
    (method: 'encode' | 'see'): Encode =>
    async (pixels, signal) => {
      const own = signalForCall(signal);
      try {
        return await remote[method](pixels, own);
      } finally {
        releaseSignal(own);
      }
    };
  return {
    warmUp: () => remote.warmUp(),
    encoder: { ...description, encode: called('encode') },
    see: called('see'),
  };
}
