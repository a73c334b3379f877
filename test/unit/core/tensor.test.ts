// float16 against its definition, and the vector operations.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosine, dot, float16Table, narrow, normalise, toFloat16, widen } from '../../../src/core/tensor';

describe('float16', () => {
  it('gives back every one of the 65,536 values', () => {
    const table = float16Table();
    for (let bits = 0; bits < 65536; bits++) {
      const value = table[bits] ?? NaN;
      if (Number.isNaN(value)) expect(toFloat16(value) & 0x7c00).toBe(0x7c00);
      else if (toFloat16(value) !== bits) throw new Error(`bits ${bits} come back as ${toFloat16(value)}`);
    }
  });

  it('rounds to the nearest neighbour, ties to even', () => {
    fc.assert(
      fc.property(fc.float({ min: -65500, max: 65500, noNaN: true }), (value) => {
        const table = float16Table();
        const bits = toFloat16(value);
        const error = Math.abs((table[bits] ?? NaN) - value);
        for (const near of [bits - 1, bits + 1]) {
          const other = table[near & 0xffff] ?? NaN;
          if (Number.isFinite(other)) expect(error).toBeLessThanOrEqual(Math.abs(other - value));
        }
      }),
      { seed: 1, numRuns: 500 },
    );
    expect(toFloat16(2049)).toBe(toFloat16(2048)); // halfway, even below
    expect(toFloat16(2051)).toBe(toFloat16(2052)); // halfway, even above
    expect(toFloat16(1e6)).toBe(0x7c00);
  });

  it('keeps eleven bits through narrow and widen', () => {
    const from = new Float32Array([0, -0.5, 1 / 3, 1234.5]);
    const half = new Uint16Array(4);
    const back = new Float32Array(4);
    narrow(from, half);
    widen(half, back);
    from.forEach((value, i) =>
      expect(Math.abs((back[i] ?? NaN) - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11),
    );
    expect(() => widen(half, new Float32Array(3))).toThrow(RangeError);
  });
});

describe('vectors', () => {
  it('normalises to unit length and leaves zero alone', () => {
    expect(dot(normalise(new Float32Array([3, 4])), new Float32Array([3, 4]))).toBeCloseTo(5, 5);
    expect([...normalise(new Float32Array(3))]).toEqual([0, 0, 0]);
    expect(cosine(new Float32Array([1, 1]), new Float32Array([2, 2]))).toBeCloseTo(1, 6);
    expect(cosine(new Float32Array([1, 1]), new Float32Array(2))).toBe(0);
  });
});
