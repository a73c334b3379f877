// LegoLink on the real model (WASM): none repaired is what was linked, all repaired is full prefill, and the first tokens of later
// blocks alone bring it nearer.
import { beforeAll, expect, test } from 'vitest';
import { factSegment, patchSegment, turnSegment } from '../../src/core/prompt';
import { maxDifference } from '../../src/runtime/self-test';
import type { Vlm } from '../../src/runtime/vlm';
import { loadMini, NEVER, picture } from '../support/mini';

const SEGMENTS = [
  factSegment('Mia', 'Mia likes cheese and hates the rain.'),
  patchSegment('Dad', picture(200, 30, 40)),
  factSegment('Bo', 'Bo sleeps on the blue sofa.'),
];
const QUESTION = turnSegment('Where does Bo sleep?');

let vlm: Vlm;
beforeAll(async () => {
  ({ vlm } = await loadMini('wasm'));
});

async function logitsAt(recompute: number | undefined): Promise<Float32Array> {
  const blocks = [];
  for (const segment of SEGMENTS) blocks.push(await vlm.encodeBlockAs('float32', segment, NEVER));
  const repair = recompute === undefined ? undefined : { recompute, segments: SEGMENTS };
  const session = await vlm.link(blocks, NEVER, repair);
  try {
    return await session.prefill([QUESTION], NEVER);
  } finally {
    session.dispose();
  }
}

async function fullLogits(): Promise<Float32Array> {
  const session = await vlm.link([], NEVER);
  try {
    return await session.prefill([...SEGMENTS, QUESTION], NEVER);
  } finally {
    session.dispose();
  }
}

test('none repaired is what was linked', async () => {
  expect(maxDifference(await logitsAt(0), await logitsAt(undefined))).toBe(0);
});

test('all repaired is full prefill, of text and image', async () => {
  const full = await fullLogits();
  expect(maxDifference(await logitsAt(1000), full)).toBeLessThan(1e-3);
  expect(maxDifference(await logitsAt(undefined), full)).toBeGreaterThan(1e-2);
});

test('a block without its segment is left as it is', async () => {
  const blocks = await Promise.all(SEGMENTS.map((segment) => vlm.encodeBlockAs('float32', segment, NEVER)));
  const session = await vlm.link(blocks, NEVER, { recompute: 8, segments: [] });
  const logits = await session.prefill([QUESTION], NEVER);
  session.dispose();
  expect(maxDifference(logits, await logitsAt(undefined))).toBe(0);
});

test('a repair can be stopped', async () => {
  const blocks = await Promise.all(SEGMENTS.map((segment) => vlm.encodeBlock(segment, NEVER)));
  const stopped = vlm.link(blocks, AbortSignal.abort(), { recompute: 8, segments: SEGMENTS });
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
});
