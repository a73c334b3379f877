// Blocks on the real model (WASM): linking is exact for one block, order and place do not matter to what is stored, and
// storage rounds no more than float16 does.
import { beforeAll, describe, expect, test } from 'vitest';
import { cutBlock, type KvBlock } from '../../src/core/kv-block';
import { encodeKvBlock, parseKvBlock } from '../../src/core/kv-format';
import { linkBlocks } from '../../src/core/kv-link';
import { isAppError } from '../../src/core/errors';
import { factSegment, patchSegment, turnSegment } from '../../src/core/prompt';
import type { Fingerprint } from '../../src/core/types';
import { linkedAgainstFull, MAX_LOGIT_DIFFERENCE, maxDifference, shareOfSpan } from '../../src/runtime/self-test';
import type { Vlm } from '../../src/runtime/vlm';
import { loadMini, NEVER, picture } from '../support/mini';

let vlm: Vlm;
beforeAll(async () => {
  ({ vlm } = await loadMini('wasm'));
});

const BO = factSegment('Bo', 'Bo sleeps on the blue sofa.');
const MIA = factSegment('Mia', 'Mia likes cheese and hates the rain.');
const CUP = patchSegment('Dad', picture(200, 30, 40));
const QUESTION = turnSegment('Where does Bo sleep?');

async function answerLogits(blocks: readonly KvBlock[]): Promise<Float32Array> {
  const session = await vlm.link(blocks, NEVER);
  try {
    return await session.prefill([QUESTION], NEVER);
  } finally {
    session.dispose();
  }
}

describe('one linked block equals full prefill', () => {
  test('of a text', async () => {
    expect(await linkedAgainstFull(vlm, BO)).toBeLessThan(1e-3);
  });

  test('of an image', async () => {
    expect(await linkedAgainstFull(vlm, CUP)).toBeLessThan(1e-3);
  });

  test('and the comparison sees a block that was linked a place off', async () => {
    const block = await vlm.encodeBlockAs('float32', BO, NEVER);
    const session = await vlm.link([], NEVER);
    if (block.dtype !== 'float32') throw new Error('not float32');
    const wrong = { ...block, keys: rotateByOne(block) };
    const expected = await session.prefill([BO, QUESTION], NEVER);
    session.dispose();
    expect(shareOfSpan(expected, await answerLogits([wrong]))).toBeGreaterThan(MAX_LOGIT_DIFFERENCE.float16);
  });
});

describe('rows of a photo', () => {
  const photo = picture(200, 30, 40);
  const box = { x: 0, y: 0, w: 0.5, h: 0.5 };

  test('are the rows of the whole photo, fewer, at an address of their own', async () => {
    const [whole, part] = [patchSegment('Dad', photo), patchSegment('Dad', photo, box)];
    const [all, kept] = [
      await vlm.encodeBlockAs('float32', whole, NEVER),
      await vlm.encodeBlockAs('float32', part, NEVER),
    ];
    expect(all.tokens - kept.tokens).toBe((3 / 4) * vlm.model.image.tokens);
    expect(await vlm.blockKey(part)).not.toBe(await vlm.blockKey(whole));
    const known = new Set(Array.from(all.values.slice(0, all.tokens * vlm.model.kv.headDim)));
    for (const value of kept.values.slice(0, kept.tokens * vlm.model.kv.headDim)) expect(known.has(value)).toBe(true);
  });

  test('under a box over everything are the block itself, and under a thin one at least one', async () => {
    const everything = patchSegment('Dad', photo, { x: 0, y: 0, w: 1, h: 1 });
    const text = (await vlm.encodeBlock(everything, NEVER)).tokens - vlm.model.image.tokens;
    expect(await vlm.encodeBlockAs('float32', everything, NEVER)).toEqual(
      await vlm.encodeBlockAs('float32', patchSegment('Dad', photo), NEVER),
    );
    for (const thin of [
      { x: 0, y: 0, w: 0.02, h: 0.02 },
      { x: 0.98, y: 0.98, w: 0.02, h: 0.02 },
      { x: 0.49, y: 0.3, w: 0.02, h: 0.3 },
    ]) {
      const { tokens } = await vlm.encodeBlock(patchSegment('Dad', photo, thin), NEVER);
      expect(tokens).toBeGreaterThan(text);
      expect(tokens).toBeLessThan(text + 5);
    }
  });
});

describe('several blocks', () => {
  test('are the same wherever they were linked: cut out again and re-based, keys agree', async () => {
    const first = await vlm.encodeBlockAs('float32', MIA, NEVER);
    const second = await vlm.encodeBlockAs('float32', BO, NEVER);
    const { model } = vlm;
    const prefix = { tokens: 0, keys: empty(model.kv.layers), values: empty(model.kv.layers) };
    const linked = linkBlocks(prefix, [first, second, first], model.kv, model.rope);
    const stamp = { shape: model.kv, rope: model.rope, model: vlm.info.fingerprint, prefixHash: vlm.info.prefixHash };
    const again = cutBlock(linked, first.tokens + second.tokens, linked.tokens, stamp, 'float32');
    expect(maxDifference(again.keys as Float32Array, first.keys as Float32Array)).toBeLessThan(1e-4);
    expect(maxDifference(again.values as Float32Array, first.values as Float32Array)).toBe(0);
  });

  test('link in any order and any subset, and each order gives finite, different logits', async () => {
    const [bo, mia, cup] = await Promise.all([BO, MIA, CUP].map((segment) => vlm.encodeBlock(segment, NEVER)));
    if (!bo || !mia || !cup) throw new Error('no blocks');
    const one = await answerLogits([bo, mia, cup]);
    const two = await answerLogits([cup, bo, mia]);
    const less = await answerLogits([mia]);
    for (const logits of [one, two, less]) expect(logits.every(Number.isFinite)).toBe(true);
    expect(maxDifference(one, two)).toBeGreaterThan(0);
    expect(maxDifference(one, less)).toBeGreaterThan(0);
  });
});

describe('a stored block', () => {
  test('comes back from JKV1 as it went', async () => {
    const block = await vlm.encodeBlock(CUP, NEVER);
    const key = await vlm.blockKey(CUP);
    const { block: back } = parseKvBlock(encodeKvBlock(block, key));
    expect(back).toEqual(block);
    expect(maxDifference(await answerLogits([back]), await answerLogits([block]))).toBe(0);
  });

  test.each([
    ['float16', 0.01],
    ['int8', 0.05],
  ] as const)('in %s changes logits little', async (dtype, share) => {
    for (const segment of [BO, CUP]) {
      const exact = await answerLogits([await vlm.encodeBlockAs('float32', segment, NEVER)]);
      const stored = await answerLogits([await vlm.encodeBlockAs(dtype, segment, NEVER)]);
      const span = Math.max(...exact) - Math.min(...exact);
      expect(maxDifference(exact, stored)).toBeLessThan(share * span);
      expect(maxDifference(exact, stored)).toBeGreaterThan(0);
    }
  });

  test('of another model is refused', async () => {
    const block = { ...(await vlm.encodeBlock(BO, NEVER)), model: 'another' as Fingerprint };
    const refused: unknown = await vlm.link([block], NEVER).catch((error: unknown) => error);
    expect(isAppError(refused) && refused.code).toBe('bad-block');
  });

  test('has an address that depends on words and pixels and on nothing else', async () => {
    const same = patchSegment('Dad', picture(200, 30, 40));
    expect(await vlm.blockKey(same)).toBe(await vlm.blockKey(CUP));
    expect(await vlm.blockKey(patchSegment('Dad', picture(201, 30, 40)))).not.toBe(await vlm.blockKey(CUP));
    expect(await vlm.blockKey(patchSegment('Mum', picture(200, 30, 40)))).not.toBe(await vlm.blockKey(CUP));
  });
});

function empty(layers: number): Float32Array[] {
  return Array.from({ length: layers }, () => new Float32Array());
}

/** The block's keys as if it had been cut one position too early: the mistake that linking could make. */
function rotateByOne(block: KvBlock): Float32Array {
  const { layers, kvHeads, headDim } = block.shape;
  const keys = Float32Array.from(block.keys);
  const pairs = headDim / 2;
  for (let row = 0; row < layers * kvHeads * block.tokens; row++) {
    for (let pair = 0; pair < pairs; pair++) {
      const angle = block.rope.theta ** ((-2 * pair) / headDim);
      const [at, to] = [row * headDim + pair, row * headDim + pair + pairs];
      const [x, y] = [keys[at] ?? 0, keys[to] ?? 0];
      keys[at] = x * Math.cos(angle) - y * Math.sin(angle);
      keys[to] = y * Math.cos(angle) + x * Math.sin(angle);
    }
  }
  return keys;
}
