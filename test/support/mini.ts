// The embedded model for the browser and gpu rings, loaded as the app loads it, and pictures made of numbers.
import type { RestDtype } from '../../src/core/kv-block';
import type { Backend, Pixels } from '../../src/core/types';
import { type LoadedVlm, loadVlm } from '../../src/runtime/load-vlm';

export const NEVER = new AbortController().signal;

export function loadMini(backend: Backend, rest?: RestDtype): Promise<LoadedVlm> {
  return loadVlm('mini', backend, `${location.origin}/`, () => undefined, rest);
}

/** Two colours with a soft border, so that resizing and patches have something to do. */
export function picture(
  red: number,
  green: number,
  blue: number,
  { widthPx = 96, heightPx = 64 }: { widthPx?: number; heightPx?: number } = {},
): Pixels {
  const data = new Uint8ClampedArray(widthPx * heightPx * 4);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const inside = Math.hypot(x / widthPx - 0.5, y / heightPx - 0.5) < 0.3;
      data.set(inside ? [red, green, blue, 255] : [x, y, 128, 255], (y * widthPx + x) * 4);
    }
  }
  return { widthPx, heightPx, data };
}

export function argmax(logits: Float32Array): number {
  return logits.reduce((best, value, id) => (value > (logits[best] ?? -Infinity) ? id : best), 0);
}
