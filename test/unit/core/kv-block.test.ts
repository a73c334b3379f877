// Blocks: what is cut is what stood there, without its position; what is no number is never kept; int8 is bounded and smaller.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockBytes, blockFits, cutBlock, cutRows, restOf, rowBytes, type LayerKv } from '../../../src/core/kv-block';
import { codeTokens, emptyCode } from '../../../src/core/kv-code';
import { linkBlocks } from '../../../src/core/kv-link';
import { float16Table, toFloat16 } from '../../../src/core/tensor';
import type { Fingerprint } from '../../../src/core/types';
import { blockOf, decoded, difference, joined, placed, STAMP, stream } from '../../support/kv';

const { shape, rope } = STAMP;

describe('cut', () => {
  it('stores keys without their position', () => {
    const prefix = placed(stream(40, 98), 0);
    const elsewhere = cutBlock(joined(prefix, placed(stream(3, 1), 40)), 40, 43, STAMP, 'float32');
    expect(difference(decoded(blockOf(3, 1, 'float32')).keys, decoded(elsewhere).keys)).toBeLessThan(1e-5);
  });

  it('keeps what was rounded to float16 before exactly', () => {
    const number = fc.float({ min: -40000, max: 40000, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 32, maxLength: 32 }), (values) => {
        const rounded = Float32Array.from(values, (value) => float16Table()[toFloat16(value)] ?? NaN);
        const layers: LayerKv = { tokens: 2, keys: [rounded, rounded], values: [rounded, rounded] };
        const block = cutBlock(layers, 0, 2, { ...STAMP, rope: { ...rope, rotaryDim: 2 } });
        expect(decoded(block).values).toEqual(layers.values);
      }),
      { seed: 5 },
    );
  });

  it('comes back from a link and a cut as it was: re-based twice, every dtype is stable', () => {
    for (const dtype of ['float32', 'float16', 'int8'] as const) {
      const block = blockOf(6, 2, dtype);
      const linked = linkBlocks(placed(stream(31, 97), 0), [blockOf(4, 1), block], shape, rope);
      const again = cutBlock(linked, 35, 41, STAMP, 'float32');
      expect(difference(decoded(again).keys, decoded(block).keys)).toBeLessThan(1e-5);
      expect(difference(decoded(again).values, decoded(block).values)).toBe(0);
    }
  });

  it('takes rows from here and there, each without its own position', () => {
    const cache = joined(placed(stream(5, 98), 0), placed(stream(9, 3), 5));
    for (const dtype of ['float32', 'float16'] as const) {
      const rows = decoded(cutRows(cache, [6, 7, 10, 13], STAMP, dtype));
      const all = decoded(cutBlock(cache, 5, 14, STAMP, dtype));
      for (const part of ['keys', 'values'] as const) {
        for (const [layer, kept] of rows[part].entries()) {
          const whole = all[part][layer] ?? new Float32Array();
          for (let head = 0; head < shape.kvHeads; head++) {
            for (const [at, place] of [1, 2, 5, 8].entries()) {
              const start = (head * 4 + at) * shape.headDim;
              const from = (head * 9 + place) * shape.headDim;
              expect(kept.slice(start, start + shape.headDim)).toEqual(whole.slice(from, from + shape.headDim));
            }
          }
        }
      }
    }
  });

  it('refuses rows that are not there', () => {
    expect(() => cutRows(stream(3, 1), [1, 1], STAMP)).toThrow(RangeError);
    expect(() => cutRows(stream(3, 1), [-1], STAMP)).toThrow(RangeError);
    expect(() => cutBlock(stream(3, 1), 1, 4, STAMP)).toThrow(RangeError);
    expect(() => cutBlock(stream(3, 1), 2, 2, STAMP)).toThrow(RangeError);
  });

  it.each([NaN, Infinity, -100000])('refuses a cache with %s in it', (wild) => {
    for (const part of ['keys', 'values'] as const) {
      const cache = stream(3, 1);
      cache[part][1]?.fill(wild, 20, 21);
      for (const dtype of ['float16', 'int8'] as const) {
        expect(() => cutBlock(cache, 0, 3, STAMP, dtype)).toThrow(expect.objectContaining({ code: 'model-run' }));
      }
    }
  });

  it('fits only its own model, prefix, shape and rule', () => {
    const block = blockOf(2, 1);
    expect(blockFits(block, STAMP)).toBe(true);
    expect(blockFits(block, { ...STAMP, model: 'other' as Fingerprint })).toBe(false);
    expect(blockFits(block, { ...STAMP, prefixHash: '01' })).toBe(false);
    expect(blockFits(block, { ...STAMP, rope: { ...rope, theta: 1e6 } })).toBe(false);
    expect(blockFits(block, { ...STAMP, shape: { ...shape, layers: 1 } })).toBe(false);
  });
});

describe('int8', () => {
  const row = fc.array(fc.float({ min: -60000, max: 60000, noNaN: true }), { minLength: 8, maxLength: 8 });

  it('is never further than half a scale from the number, and a scale is 1/255 of the range with zero in it', () => {
    fc.assert(
      fc.property(row, fc.integer({ min: -24, max: 0 }), (values, exponent) => {
        const rows = Float32Array.from(values, (value) => value * 2 ** exponent);
        const [codes, code] = [new Uint8Array(8), emptyCode(1)];
        codeTokens(rows, 1, 8, 0, codes, code);
        const scale = float16Table()[code.scales[0] ?? 0] ?? NaN;
        const range = Math.max(0, ...rows) - Math.min(0, ...rows);
        expect(scale).toBeGreaterThanOrEqual(range / 255);
        expect(scale).toBeLessThanOrEqual((range / 255) * (1 + 2 ** -10) + 2 ** -24);
        codes.forEach((q, i) => {
          const back = (q - (code.zeros[0] ?? NaN)) * scale;
          expect(Math.abs(back - (rows[i] ?? NaN))).toBeLessThanOrEqual(scale * 0.5000001);
        });
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it('keeps zero exactly, alone and among others', () => {
    const [codes, code] = [new Uint8Array(8), emptyCode(2)];
    codeTokens(Float32Array.from([0, 0, 0, 0, 3, 0, -1, 2]), 2, 4, 0, codes, code);
    expect([...code.zeros].map((zero, token) => zero - (codes[token * 4 + 1] ?? NaN))).toEqual([0, 0]);
    expect([...codes.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  });

  it('has a channel for keys and a token for values: one large channel or token costs the others nothing', () => {
    const cache = stream(6, 4);
    for (let token = 0; token < 6; token++) cache.keys[0]?.fill(5000, token * 8 + 3, token * 8 + 4);
    cache.values[0]?.fill(5000, 16, 24); // the third token of the first head
    const block = cutBlock(cache, 0, 6, { ...STAMP, rope: { ...rope, theta: 1e30, rotaryDim: 2 } }, 'int8');
    const back = decoded(block);
    const worst = (part: 'keys' | 'values', skip: (i: number) => boolean): number =>
      Math.max(
        ...(cache[part][0] ?? []).map((value, i) => (skip(i) ? 0 : Math.abs(value - (back[part][0]?.[i] ?? NaN)))),
      );
    // Channels 0 and 1 are turned here: they are not compared.
    expect(worst('keys', (i) => i % 8 < 4 || i >= 48)).toBeLessThan(10 / 255);
    expect(worst('values', (i) => i >= 16 && i < 24)).toBeLessThan(10 / 255);
  });

  it('takes the bytes that are counted, and float16 is kept where it is not smaller', () => {
    const mini = { layers: 5, kvHeads: 3, headDim: 32 };
    for (const tokens of [1, 2, 3, 10, 100]) {
      const block = blockOf(tokens, 1, 'int8', {
        ...STAMP,
        shape: mini,
        rope: { ...rope, headDim: 32, rotaryDim: 32 },
      });
      if (block.dtype !== 'int8') throw new Error('not int8');
      const { keys, values, keyCode, valueCode } = block;
      const parts = [keys, values, keyCode.scales, keyCode.zeros, valueCode.scales, valueCode.zeros];
      expect(blockBytes(block)).toBe(parts.reduce((sum, part) => sum + part.byteLength, 0));
    }
    expect([1, 2, 3].map((tokens) => restOf(mini, tokens, 'int8'))).toEqual(['float16', 'int8', 'int8']);
    expect(restOf(mini, 100, 'float16')).toBe('float16');
    // A fact of mini's has 11 to 25 tokens: at 11 already int8 is under 30 % of float32.
    expect(rowBytes(mini, 11, 'int8') / rowBytes(mini, 11, 'float32')).toBeLessThan(0.3);
  });
});
