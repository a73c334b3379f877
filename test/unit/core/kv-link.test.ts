// Linking: one pass over the codes gives what decoding, turning and copying give, in every layout, any order and any subset.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockStamp } from '../../../src/core/kv-block';
import { linkBlocks, linkInto } from '../../../src/core/kv-link';
import { blockOf, decoded, difference, joined, placed, STAMP, stream } from '../../support/kv';

const DTYPES = ['float32', 'float16', 'int8'] as const;
const STAMPS: [string, BlockStamp][] = [
  ['half', STAMP],
  ['interleaved', { ...STAMP, rope: { ...STAMP.rope, layout: 'interleaved' } }],
  ['half, partly turned', { ...STAMP, rope: { ...STAMP.rope, rotaryDim: 4 } }],
  ['interleaved, partly turned', { ...STAMP, rope: { ...STAMP.rope, rotaryDim: 6, layout: 'interleaved' } }],
];

describe.each(STAMPS)('link, %s', (_, stamp) => {
  const prefix = placed(stream(5, 99, stamp), 0, stamp);

  it.each(DTYPES)('%s blocks in any order are decoded, turned to their places and joined', (dtype) => {
    fc.assert(
      fc.property(fc.shuffledSubarray([3, 1, 4, 2], { minLength: 1 }), (order) => {
        const blocks = order.map((tokens) => blockOf(tokens, tokens, dtype, stamp));
        let expected = prefix;
        for (const block of blocks) {
          expected = joined(expected, placed(decoded(block), expected.tokens, stamp), stamp);
        }
        const linked = linkBlocks(prefix, blocks, stamp.shape, stamp.rope);
        expect(linked.tokens).toBe(expected.tokens);
        expect(difference(linked.keys, expected.keys)).toBeLessThan(2e-6);
        expect(difference(linked.values, expected.values)).toBe(0);
      }),
      { seed: 4, numRuns: 20 },
    );
  });

  it.each([
    ['float32', 1e-5],
    ['float16', 6e-3], // 2^-11 of numbers up to 6, turned
    ['int8', 0.03], // half of 1/255 of a range of 10, turned
  ] as const)('one %s block behind its prefix is the cache it was cut from', (dtype, tolerance) => {
    const whole = joined(prefix, placed(stream(7, 1, stamp), 5, stamp), stamp);
    const linked = linkBlocks(prefix, [blockOf(7, 1, dtype, stamp)], stamp.shape, stamp.rope);
    expect(difference(linked.keys, whole.keys)).toBeLessThan(tolerance);
    expect(difference(linked.values, whole.values)).toBeLessThan(tolerance);
  });
});

describe('link', () => {
  it('writes over whatever was there, and only into a cache of the right length', () => {
    const blocks = DTYPES.map((dtype, i) => blockOf(i + 2, i, dtype));
    const fresh = linkBlocks(stream(2, 1), blocks, STAMP.shape, STAMP.rope);
    const used = stream(fresh.tokens, 8);
    linkInto(used, stream(2, 1), blocks, STAMP.shape, STAMP.rope);
    expect(used).toEqual(fresh);
    const short = stream(fresh.tokens - 1, 8);
    expect(() => linkInto(short, stream(2, 1), blocks, STAMP.shape, STAMP.rope)).toThrow(RangeError);
  });

  it('refuses blocks of another shape', () => {
    const other = { ...blockOf(2, 1), shape: { ...STAMP.shape, layers: 3 } };
    expect(() => linkBlocks(stream(1, 1), [other], STAMP.shape, STAMP.rope)).toThrow(RangeError);
  });
});
