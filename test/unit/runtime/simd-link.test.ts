// Linking with SIMD against its oracle in core, and what it leaves to the oracle.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockStamp, KvBlock, LayerKv } from '../../../src/core/kv-block';
import { linkBlocks } from '../../../src/core/kv-link';
import { createLinker, type Linker } from '../../../src/runtime/simd-link';
import { blockOf, difference, placed, STAMP, stream } from '../../support/kv';

function stampOf(headDim: number, change: Partial<BlockStamp['rope']> = {}): BlockStamp {
  const rope = { ...STAMP.rope, headDim, rotaryDim: headDim, ...change };
  return { ...STAMP, shape: { layers: 2, kvHeads: 3, headDim }, rope };
}

/** Into fresh arrays. */
function linked(linker: Linker, prefix: LayerKv, blocks: readonly KvBlock[], { shape }: BlockStamp): LayerKv {
  const tokens = blocks.reduce((sum, block) => sum + block.tokens, prefix.tokens);
  const rows = (): Float32Array[] =>
    Array.from({ length: shape.layers }, () => new Float32Array(shape.kvHeads * tokens * shape.headDim));
  const into = { tokens, keys: rows(), values: rows() };
  linker.linkInto(into, prefix, blocks);
  return into;
}

describe.each([8, 32, 64])('SIMD link, head size %i', (headDim) => {
  const stamp = stampOf(headDim);
  const prefix = placed(stream(5, 99, stamp), 0, stamp);
  const linker = createLinker(stamp.shape, stamp.rope);
  const block = fc.tuple(fc.constantFrom('float16' as const, 'int8' as const), fc.integer({ min: 1, max: 9 }));

  it('is what core links, of any blocks in any order, into fresh arrays and into used ones', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), (kinds) => {
        const blocks = kinds.map(([dtype, tokens], i) => blockOf(tokens, i, dtype, stamp));
        const expected = linkBlocks(prefix, blocks, stamp.shape, stamp.rope);
        const fresh = linked(linker, prefix, blocks, stamp);
        const used = stream(expected.tokens, 3, stamp);
        linker.linkInto(used, prefix, blocks);
        expect(fresh.tokens).toBe(expected.tokens);
        expect(difference(fresh.keys, expected.keys)).toBeLessThan(2e-6); // of numbers up to 6
        expect(difference(fresh.values, expected.values)).toBeLessThan(1e-6);
        expect(used).toEqual(fresh);
      }),
      { seed: 9, numRuns: 30 },
    );
  });

  it('is right at far positions too, and after a longer link', () => {
    const far = placed(stream(1500, 98, stamp), 0, stamp);
    for (const before of [far, prefix, far]) {
      const blocks = [blockOf(3, 1, 'int8', stamp), blockOf(2, 2, 'float16', stamp)];
      const expected = linkBlocks(before, blocks, stamp.shape, stamp.rope);
      expect(difference(linked(linker, before, blocks, stamp).keys, expected.keys)).toBeLessThan(2e-6);
    }
  });

  it('decodes float16 from the smallest to the largest exactly', () => {
    const rows = Uint16Array.from(
      { length: 2 * 3 * 2 * headDim },
      (_, i) => ((i * 977) % 0x7c00) | (i % 2 === 0 ? 0 : 0x8000),
    );
    const wild = { ...stamp, tokens: 2, dtype: 'float16' as const, keys: rows, values: rows };
    const expected = linkBlocks(prefix, [wild], stamp.shape, stamp.rope);
    expect(linked(linker, prefix, [wild], stamp).values).toEqual(expected.values);
  });
});

describe('left to core', () => {
  it.each([
    ['an interleaved layout', stampOf(32, { layout: 'interleaved' })],
    ['rows that are turned in part', stampOf(32, { rotaryDim: 16 })],
    ['an odd head size', stampOf(12)],
  ])('%s', (_, stamp) => {
    const blocks = [blockOf(3, 1, 'int8', stamp), blockOf(2, 2, 'float16', stamp)];
    const prefix = placed(stream(5, 99, stamp), 0, stamp);
    expect(linked(createLinker(stamp.shape, stamp.rope), prefix, blocks, stamp)).toEqual(
      linkBlocks(prefix, blocks, stamp.shape, stamp.rope),
    );
  });

  it('float32 blocks, blocks of another shape and caches of another length', () => {
    const stamp = stampOf(32);
    const prefix = placed(stream(5, 99, stamp), 0, stamp);
    const linker = createLinker(stamp.shape, stamp.rope);
    const exact = blockOf(3, 1, 'float32', stamp);
    expect(linked(linker, prefix, [exact], stamp)).toEqual(linkBlocks(prefix, [exact], stamp.shape, stamp.rope));
    expect(() => linked(linker, prefix, [blockOf(3, 1, 'int8', stampOf(64))], stamp)).toThrow(RangeError);
    expect(() => linker.linkInto(stream(7, 1, stamp), prefix, [blockOf(3, 1, 'int8', stamp)])).toThrow(RangeError);
  });
});
