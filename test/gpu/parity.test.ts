// The same model on WebGPU (a software adapter here) and on WASM: linking is exact, and greedy decoding gives the same
// tokens. Correctness only: nothing is timed on a software adapter.
import { beforeAll, describe, expect, test } from 'vitest';
import { factSegment, patchSegment, turnSegment } from '../../src/core/prompt';
import { GREEDY } from '../../src/core/stages/decode';
import type { Segment } from '../../src/core/types';
import { chooseDevice } from '../../src/runtime/device';
import { maxDifference, type SelfTest } from '../../src/runtime/self-test';
import type { Vlm } from '../../src/runtime/vlm';
import { createVlm } from '../../src/runtime/vlm';
import { openModelFiles } from '../../src/runtime/model-files';
import { loadVlmModel } from '../../src/runtime/vlm-model';
import { loadMini, NEVER, picture } from '../support/mini';

const REST = 'float16'; // on both: backends are compared, not forms at rest

const adapter = 'gpu' in navigator ? await navigator.gpu.requestAdapter() : null;
const title = adapter ? 'on a WebGPU adapter' : 'skipped: this browser gives no WebGPU adapter';

describe.skipIf(!adapter)(title, () => {
  let gpu: Vlm;
  let wasm: Vlm;
  let selfTest: SelfTest;
  beforeAll(async () => {
    ({ vlm: gpu, selfTest } = await loadMini('webgpu', REST));
    wasm = await loadWasmBeside();
  }, 300_000);

  const FACT = factSegment('Bo', 'Bo sleeps on the blue sofa.');
  const CUP = patchSegment('Dad', picture(200, 30, 40));
  const QUESTION = turnSegment('Where does Bo sleep?');

  async function answer(
    vlm: Vlm,
    memory: readonly Segment[],
    turn: Segment,
  ): Promise<{ logits: Float32Array; stream: string[] }> {
    const blocks = [];
    for (const segment of memory) blocks.push(await vlm.encodeBlock(segment, NEVER));
    const session = await vlm.link(blocks, NEVER);
    try {
      const logits = await session.prefill([turn], NEVER);
      const stream: string[] = [];
      await session.decode(logits, { ...GREEDY, maxTokens: 10 }, (text) => stream.push(text), NEVER);
      return { logits, stream };
    } finally {
      session.dispose();
    }
  }

  test('the backend is what it says', () => {
    expect(gpu.info.backend).toBe('webgpu');
    expect(wasm.info.backend).toBe('wasm');
  });

  test('one linked block, text or image, equals full prefill', () => {
    expect(selfTest.maxLogitDifference).toBeLessThan(1e-3);
    expect(selfTest.maxLogitDifference).toBeGreaterThan(0); // it did compare
  });

  test('decoding from linked memory agrees with WASM token by token', async () => {
    const here = await answer(gpu, [FACT, CUP], QUESTION);
    const there = await answer(wasm, [FACT, CUP], QUESTION);
    expect(maxDifference(here.logits, there.logits)).toBeLessThan(1e-2);
    expect(here.stream).toEqual(there.stream);
  });

  test('a question with a new photo agrees too', async () => {
    const turn = turnSegment('What is this?', '', picture(20, 160, 60));
    expect((await answer(gpu, [FACT], turn)).stream).toEqual((await answer(wasm, [FACT], turn)).stream);
  });

  test('left to itself the app does not take a software adapter', async () => {
    const device = await chooseDevice('auto');
    const software = adapter?.info.isFallbackAdapter === true || /swiftshader/i.test(adapter?.info.architecture ?? '');
    expect(device.backend).toBe(software ? 'wasm' : 'webgpu');
  });
});

/** The runtime that was loaded for WebGPU has the CPU provider too: one runtime a thread. */
async function loadWasmBeside(): Promise<Vlm> {
  const modelsUrl = `${location.origin}/models/`;
  const files = openModelFiles(`${modelsUrl}mini/`, () => undefined);
  const model = await loadVlmModel({ id: 'mini', modelsUrl, files, backend: 'wasm', dtype: 'fp32' });
  return createVlm(model, {
    id: 'mini',
    fingerprint: files.fingerprint([], []),
    backend: 'wasm',
    device: 'WASM',
    rest: REST,
  });
}
