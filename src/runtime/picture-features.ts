// What a vision encoder made of the last pictures: a question's photo is asked about several times, each time behind other words, so its K/V
// cannot be kept from one to the next, but its features can. SmolVLM-256M's encoder takes seconds a picture on WASM.

import { hashParts } from '../core/hash';

type EmbedImage = (planes: Float32Array) => Promise<Float32Array>;

/** `embed` with a memory of the last `most` pictures. What it gives is shared: nobody writes into it. */
export function rememberFeatures(embed: EmbedImage, most: number): EmbedImage {
  const known = new Map<string, Promise<Float32Array>>(); // least recently used first
  return (planes) => {
    const key = hashParts([new Uint8Array(planes.buffer, planes.byteOffset, planes.byteLength)]);
    const features = known.get(key) ?? embed(planes);
    known.delete(key);
    known.set(key, features);
    features.catch(() => known.delete(key));
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
    return features;
  };
}
