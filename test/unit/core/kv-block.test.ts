// Blocks: cut and link against direct rotation, JKV1 round trip, and 2,000 damaged blocks.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../../src/core/errors';
import {
  blockFits,
  cutBlock,
  encodeKvBlock,
  linkBlocks,
  parseKvBlock,
  type KvBlock,
  type LayerKv,
} from '../../../src/core/kv-block';
import { rotateRows } from '../../../src/core/rope';
import { createRng } from '../../../src/core/stages/decode';
import type { Fingerprint, KvShape, RopeSpec } from '../../../src/core/types';

const shape: KvShape = { layers: 2, kvHeads: 2, headDim: 8 };
const rope: RopeSpec = { theta: 10000, headDim: 8, rotaryDim: 8, layout: 'half' };
const stamp = { shape, rope, model: 'mini-abc' as Fingerprint, prefixHash: '00ff' };

/** An un-rotated stream of K and V: (layers)(kvHeads, tokens, headDim). */
function stream(tokens: number, seed: number): LayerKv {
  const rng = createRng(seed);
  const make = (): Float32Array =>
    Float32Array.from({ length: shape.kvHeads * tokens * shape.headDim }, () => rng() * 4 - 2);
  return { tokens, keys: [make(), make()], values: [make(), make()] };
}

/** What a model would hold when `kv` stood at `startPos`. */
function placed(kv: LayerKv, startPos: number): LayerKv {
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
function joined(a: LayerKv, b: LayerKv): LayerKv {
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

function difference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return Math.max(...a.map((layer, l) => Math.max(...layer.map((value, i) => Math.abs(value - (b[l]?.[i] ?? NaN))))));
}

function blockOf(tokens: number, seed: number, dtype: 'float16' | 'float32' = 'float16'): KvBlock {
  const prefix = placed(stream(5, 99), 0);
  return cutBlock(joined(prefix, placed(stream(tokens, seed), 5)), 5, 5 + tokens, stamp, dtype);
}

describe('cut and link', () => {
  it.each([
    ['float32', 4e-6],
    ['float16', 3e-3], // 2 · 2^-11 of values up to 2, turned
  ] as const)('one %s block behind its prefix is the cache it was cut from', (dtype, tolerance) => {
    const prefix = placed(stream(5, 99), 0);
    const whole = joined(prefix, placed(stream(7, 1), 5));
    const linked = linkBlocks(prefix, [cutBlock(whole, 5, 12, stamp, dtype)], shape, rope);
    expect(linked.tokens).toBe(12);
    expect(difference(linked.keys, whole.keys)).toBeLessThan(tolerance);
    expect(difference(linked.values, whole.values)).toBeLessThan(tolerance);
  });

  it('several blocks in any order equal direct rotation to their places', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([3, 1, 4, 2], { minLength: 1 }), (order) => {
        const prefix = placed(stream(5, 99), 0);
        let expected = prefix;
        for (const tokens of order) expected = joined(expected, placed(stream(tokens, tokens), expected.tokens));
        const linked = linkBlocks(
          prefix,
          order.map((tokens) => blockOf(tokens, tokens, 'float32')),
          shape,
          rope,
        );
        expect(difference(linked.keys, expected.keys)).toBeLessThan(1e-5);
        expect(difference(linked.values, expected.values)).toBe(0);
      }),
      { seed: 4, numRuns: 30 },
    );
  });

  it('stores keys without their position', () => {
    const there = blockOf(3, 1, 'float32');
    const prefix = placed(stream(40, 98), 0);
    const elsewhere = cutBlock(joined(prefix, placed(stream(3, 1), 40)), 40, 43, stamp, 'float32');
    expect(difference([there.keys as Float32Array], [elsewhere.keys as Float32Array])).toBeLessThan(4e-6);
  });

  it('refuses rows that are not there and blocks of another shape', () => {
    expect(() => cutBlock(stream(3, 1), 1, 4, stamp)).toThrow(RangeError);
    expect(() => cutBlock(stream(3, 1), 2, 2, stamp)).toThrow(RangeError);
    const other = { ...blockOf(2, 1), shape: { ...shape, layers: 3 } };
    expect(() => linkBlocks(stream(1, 1), [other], shape, rope)).toThrow(RangeError);
  });

  it('fits only its own model, prefix, shape and rule', () => {
    const block = blockOf(2, 1);
    expect(blockFits(block, stamp)).toBe(true);
    expect(blockFits(block, { ...stamp, model: 'other' as Fingerprint })).toBe(false);
    expect(blockFits(block, { ...stamp, prefixHash: '01' })).toBe(false);
    expect(blockFits(block, { ...stamp, rope: { ...rope, theta: 1e6 } })).toBe(false);
  });
});

describe('JKV1', () => {
  it.each(['float16', 'float32'] as const)('round trip of %s', (dtype) => {
    for (const tokens of [1, 2, 7]) {
      const block = blockOf(tokens, tokens, dtype);
      expect(parseKvBlock(encodeKvBlock(block))).toEqual(block);
    }
  });

  it('rejects 2,000 damaged blocks or reads them as they were', () => {
    const block = blockOf(6, 3);
    const whole = encodeKvBlock(block);
    const rng = createRng(7);
    const pick = (n: number): number => Math.floor(rng() * n);
    let rejected = 0;
    for (let run = 0; run < 2000; run++) {
      let bytes = whole.slice(0);
      const kind = pick(4);
      const view = new Uint8Array(bytes);
      if (kind === 0) {
        const at = pick(view.length);
        view[at] = (view[at] ?? 0) ^ (1 << pick(8));
      } else if (kind === 1)
        view[pick(64)] = pick(256); // the header, where lengths are
      else if (kind === 2) bytes = bytes.slice(0, pick(view.length));
      else for (let n = 0; n < 8; n++) view[pick(view.length)] = pick(256);
      try {
        expect(parseKvBlock(bytes)).toEqual(block);
      } catch (error) {
        if (!isAppError(error)) throw error;
        expect(error.code).toBe('bad-block');
        rejected++;
      }
    }
    expect(rejected).toBeGreaterThan(1900);
  });

  it('refuses a fingerprint that is not plain text', () => {
    expect(() => encodeKvBlock({ ...blockOf(1, 1), prefixHash: 'é' })).toThrow(
      expect.objectContaining({ code: 'bad-block' }),
    );
  });
});
