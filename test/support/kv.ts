// Caches of seeded numbers, and the slow way to do what linking does: the oracle of its tests.
import { cutBlock, type BlockDtype, type BlockStamp, type KvBlock, type LayerKv } from '../../src/core/kv-block';
import { rotateRows } from '../../src/core/rope';
import { createRng } from '../../src/core/random';
import { float16Table } from '../../src/core/tensor';
import type { BlockKey, Fingerprint } from '../../src/core/types';

export const KEY = '0123456789abcdef0123456789abcdef' as BlockKey;

export const STAMP: BlockStamp = {
  shape: { layers: 2, kvHeads: 2, headDim: 8 },
  rope: { theta: 10000, headDim: 8, rotaryDim: 8, layout: 'half' },
  model: 'mini-abc' as Fingerprint,
  prefixHash: '00ff',
};

/** An un-rotated stream of K and V: (layers)(kvHeads, tokens, headDim). Every fourth channel is ten times as large. */
export function stream(tokens: number, seed: number, { shape }: BlockStamp = STAMP): LayerKv {
  const rng = createRng(seed);
  const make = (): Float32Array =>
    Float32Array.from(
      { length: shape.kvHeads * tokens * shape.headDim },
      (_, i) => (rng() - 0.4) * (i % 4 === 0 ? 10 : 1),
    );
  const layers = Array.from({ length: shape.layers }, () => ({ keys: make(), values: make() }));
  return { tokens, keys: layers.map(({ keys }) => keys), values: layers.map(({ values }) => values) };
}

/** What a model would hold when `kv` stood at `startPos`. */
export function placed(kv: LayerKv, startPos: number, { shape, rope }: BlockStamp = STAMP): LayerKv {
  const keys = kv.keys.map((layer) => {
    const out = layer.slice();
    for (let head = 0; head < shape.kvHeads; head++) {
      rotateRows(out, head * kv.tokens * shape.headDim, kv.tokens, startPos, 1, rope);
    }
    return out;
  });
  return { ...kv, keys };
}

/** Joins caches along tokens: (kvHeads, a + b, headDim). */
export function joined(a: LayerKv, b: LayerKv, { shape }: BlockStamp = STAMP): LayerKv {
  const join = (x: Float32Array, y: Float32Array): Float32Array => {
    const out = new Float32Array(x.length + y.length);
    const [xs, ys] = [a.tokens * shape.headDim, b.tokens * shape.headDim];
    for (let head = 0; head < shape.kvHeads; head++) {
      out.set(x.subarray(head * xs, (head + 1) * xs), head * (xs + ys));
      out.set(y.subarray(head * ys, (head + 1) * ys), head * (xs + ys) + xs);
    }
    return out;
  };
  return {
    tokens: a.tokens + b.tokens,
    keys: a.keys.map((layer, i) => join(layer, b.keys[i] ?? layer)),
    values: a.values.map((layer, i) => join(layer, b.values[i] ?? layer)),
  };
}

/** The block of a stream of `tokens`, cut from behind a prefix of five. */
export function blockOf(
  tokens: number,
  seed: number,
  dtype: BlockDtype = 'float16',
  stamp: BlockStamp = STAMP,
): KvBlock {
  const prefix = placed(stream(5, 99, stamp), 0, stamp);
  const whole = joined(prefix, placed(stream(tokens, seed, stamp), 5, stamp), stamp);
  return cutBlock(whole, 5, 5 + tokens, stamp, dtype);
}

/** What a block stands for, un-rotated: one number at a time, from its definition. */
export function decoded(block: KvBlock): LayerKv {
  const { layers, kvHeads, headDim } = block.shape;
  const size = kvHeads * block.tokens * headDim;
  const read = (part: 'keys' | 'values', layer: number): Float32Array =>
    Float32Array.from({ length: size }, (_, i) => {
      const at = layer * size + i;
      if (block.dtype === 'float32') return block[part][at] ?? NaN;
      if (block.dtype === 'float16') return float16Table()[block[part][at] ?? 0] ?? NaN;
      const row = Math.floor(at / headDim); // of (layers × kvHeads × tokens)
      const channel = Math.floor(row / block.tokens) * headDim + (at % headDim);
      const { scales, zeros } = part === 'keys' ? block.keyCode : block.valueCode;
      const group = part === 'keys' ? channel : row;
      const scale = float16Table()[scales[group] ?? 0] ?? NaN;
      return ((block[part][at] ?? NaN) - (zeros[group] ?? NaN)) * scale;
    });
  const each = Array.from({ length: layers }, (_, layer) => layer);
  return {
    tokens: block.tokens,
    keys: each.map((layer) => read('keys', layer)),
    values: each.map((layer) => read('values', layer)),
  };
}

/** Largest difference of a number; NaN and a missing number count as infinitely wrong. */
export function difference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let worst = a.length === b.length ? 0 : Infinity;
  a.forEach((layer, l) =>
    layer.forEach((value, i) => {
      const off = Math.abs(value - (b[l]?.[i] ?? NaN));
      worst = Number.isNaN(off) ? Infinity : Math.max(worst, off);
    }),
  );
  return worst;
}
