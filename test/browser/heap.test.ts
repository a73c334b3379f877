// Caches in ONNX Runtime's own memory on WASM: it is the way taken, it reads and grows them right, and it gives everything back.
import { beforeAll, expect, test } from 'vitest';
import { prefixSegment, factSegment, turnSegment } from '../../src/core/prompt';
import { GREEDY } from '../../src/core/stages/decode';
import { disposeCache } from '../../src/runtime/kv-cache';
import { openHeap } from '../../src/runtime/ort-heap';
import { tokenRun } from '../../src/runtime/prefill';
import { maxDifference } from '../../src/runtime/self-test';
import type { Vlm } from '../../src/runtime/vlm';
import { loadMini, NEVER } from '../support/mini';

let vlm: Vlm;
beforeAll(async () => {
  ({ vlm } = await loadMini('wasm'));
});

test('is what mini runs on, in the build that is served', () => {
  expect(openHeap()).toBeDefined();
  const cache = vlm.model.emptyCache();
  expect('rows' in cache).toBe(true);
  disposeCache(cache);
});

test("says what transformers.js's own generate() says, which runs outside of it", async () => {
  const turn = turnSegment('Where does Bo sleep?');
  const fact = factSegment('Bo', 'Bo sleeps on the blue sofa.');
  const count = 12;
  const { ids } = await vlm.model.generate(tokenRun(vlm.model, [prefixSegment(), fact, turn]).ids, count);
  const session = await vlm.link([await vlm.encodeBlockAs('float32', fact, NEVER)], NEVER);
  const logits = await session.prefill([turn], NEVER);
  const said = await session.decode(logits, { ...GREEDY, minTokens: count, maxTokens: count }, () => undefined, NEVER);
  session.dispose();
  expect(said.text).toBe(vlm.model.detokenize(ids).trim());
});

test('a cache filled, downloaded, uploaded and cut short keeps its rows', async () => {
  const { model } = vlm;
  const { layers, kvHeads, headDim } = model.kv;
  const filled = await model.fill(5, (rows) => {
    for (const [layer, keys] of rows.keys.entries()) for (let i = 0; i < keys.length; i++) keys[i] = layer + i / 1000;
    for (const [layer, values] of rows.values.entries()) for (let i = 0; i < values.length; i++) values[i] = -layer - i;
  });
  const down = await model.download(filled);
  expect(down.keys).toHaveLength(layers);
  expect(down.keys[1]?.[7]).toBeCloseTo(1.007, 5);
  const again = model.upload(down);
  const cut = await model.truncate(again, 2);
  const short = await model.download(cut);
  for (let head = 0; head < kvHeads; head++) {
    const [all, kept] = [down.values[2] ?? new Float32Array(), short.values[2] ?? new Float32Array()];
    const rows = (from: Float32Array, tokens: number) =>
      from.slice(head * tokens * headDim, head * tokens * headDim + 2 * headDim);
    expect(maxDifference(rows(all, 5), rows(kept, 2))).toBe(0);
  }
  for (const cache of [filled, again, cut]) disposeCache(cache);
});

test('what fails while a cache is filled leaves nothing behind, nor do 200 questions', async () => {
  const blocks = [await vlm.encodeBlock(factSegment('Bo', 'Bo sleeps on the blue sofa.'), NEVER)];
  async function ask(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await expect(vlm.model.fill(500, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
      const session = await vlm.link(blocks, NEVER);
      const { logits } = await session.replace([turnSegment('Where does Bo sleep?')], NEVER);
      await session.decode(logits, { ...GREEDY, maxTokens: 2 }, () => undefined, NEVER);
      if (i % 10 === 0) await session.replace([turnSegment('Where does Bo eat?')], NEVER);
      session.dispose();
    }
  }
  const { ortModule } = globalThis as unknown as { ortModule: { HEAPU8: Uint8Array } };
  await ask(20);
  const bytes = ortModule.HEAPU8.length;
  await ask(200);
  expect(ortModule.HEAPU8.length).toBe(bytes); // 500 tokens of mini are megabytes: a leak would show
});

test('what the heap has no room for is want of memory, and what was there still works', async () => {
  const heap = openHeap();
  // 4 GB, which is all that WASM addresses: growing is not even tried.
  expect(() => heap?.makeFloats([1_070_000_000])).toThrow(expect.objectContaining({ code: 'out-of-memory' }));
  const session = await vlm.link([], NEVER);
  const logits = await session.prefill([turnSegment('Where does Bo sleep?')], NEVER);
  session.dispose();
  expect(logits.every(Number.isFinite)).toBe(true);
});
