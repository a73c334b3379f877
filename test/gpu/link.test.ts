// Linking on the graphics device (a software adapter here): equal to linkBlocks of core, exact on the model's logits, once on
// the device and not again, and nothing left behind after 200 questions.
import { beforeAll, describe, expect, test } from 'vitest';
import { cutBlock, type KvBlock, type LayerKv } from '../../src/core/kv-block';
import { linkBlocks } from '../../src/core/kv-link';
import { factSegment, patchSegment, turnSegment } from '../../src/core/prompt';
import type { Fingerprint, KvShape, RopeSpec } from '../../src/core/types';
import { liveGpuBuffers } from '../../src/runtime/gpu-buffers';
import { createGpuLink } from '../../src/runtime/gpu-link';
import { cacheMethods, disposeCache, type KvDtype } from '../../src/runtime/kv-cache';
import { linkedAgainstFull, maxDifference } from '../../src/runtime/self-test';
import type { Vlm } from '../../src/runtime/vlm';
import { loadMini, NEVER, picture } from '../support/mini';

const adapter = 'gpu' in navigator ? await navigator.gpu.requestAdapter() : null;
const title = adapter ? 'on a WebGPU adapter' : 'skipped: this browser gives no WebGPU adapter';

describe.skipIf(!adapter)(title, () => {
  let vlm: Vlm;
  beforeAll(async () => {
    ({ vlm } = await loadMini('webgpu')); // also makes ONNX Runtime's device
  }, 300_000);

  describe.each<{ name: string; rope: RopeSpec; at: KvBlock['dtype']; model: KvDtype }>([
    { name: 'half, float16 at rest', rope: ropeOf('half', 8), at: 'float16', model: 'float32' },
    { name: 'half, int8 at rest', rope: ropeOf('half', 8), at: 'int8', model: 'float32' },
    { name: 'interleaved, int8 at rest', rope: ropeOf('interleaved', 6), at: 'int8', model: 'float32' },
    { name: 'half, float32 at rest', rope: ropeOf('half', 8), at: 'float32', model: 'float32' },
    { name: 'interleaved, a part rotated', rope: ropeOf('interleaved', 6), at: 'float16', model: 'float32' },
    { name: 'half, a part rotated, into a float16 model', rope: ropeOf('half', 4), at: 'float16', model: 'float16' },
  ])('$name', ({ rope, at, model }) => {
    const shape: KvShape = { layers: 3, kvHeads: 2, headDim: 8 };

    test('equals linkBlocks, for blocks of odd lengths, in any order, none and many', async () => {
      const cache = randomCache(shape, 200);
      const prefix = firstRows(cache, shape, 7);
      const stamp = { shape, rope, model: 'test' as Fingerprint, prefixHash: '' };
      const blocks = [
        cutBlock(cache, 7, 12, stamp, at),
        cutBlock(cache, 50, 51, stamp, at),
        cutBlock(cache, 90, 200, stamp, at),
      ];
      const gpu = await createGpuLink(shape, model, rope, prefix);
      const caches = cacheMethods(shape, model);
      for (const order of [[], [0], [2, 1, 0], [1, 1, 2]]) {
        const wanted = order.flatMap((i) => blocks[i] ?? []);
        const linked = gpu.link(wanted);
        const got = await caches.download(linked); // also frees it
        const expected = linkBlocks(prefix, wanted, shape, rope);
        expect(got.tokens).toBe(expected.tokens);
        const tolerance = model === 'float16' ? 2e-3 : 1e-5; // of numbers within ±1: float16 has 11 bits
        for (let layer = 0; layer < shape.layers; layer++) {
          expect(
            maxDifference(got.keys[layer] ?? new Float32Array(), expected.keys[layer] ?? new Float32Array()),
          ).toBeLessThan(tolerance);
          expect(
            maxDifference(got.values[layer] ?? new Float32Array(), expected.values[layer] ?? new Float32Array()),
          ).toBeLessThan(tolerance);
        }
      }
      gpu.dispose();
    });
  });

  test('keeps hot blocks under its budget, and uploads a held block once', async () => {
    const shape: KvShape = { layers: 1, kvHeads: 1, headDim: 8 };
    const rope = ropeOf('half', 8);
    const cache = randomCache(shape, 64);
    const stamp = { shape, rope, model: 'test' as Fingerprint, prefixHash: '' };
    const blocks = [0, 1, 2, 3].map((i) => cutBlock(cache, 16 * i, 16 * i + 16, stamp));
    const bytes = 2 * 16 * 8 * 2;
    const before = liveGpuBuffers();
    const gpu = await createGpuLink(shape, 'float32', rope, firstRows(cache, shape, 3), 2 * bytes);
    disposeCache(gpu.link(blocks.slice(0, 1)));
    const withOne = liveGpuBuffers();
    disposeCache(gpu.link(blocks.slice(0, 1)));
    expect(liveGpuBuffers()).toBe(withOne);
    expect(gpu.heldBytes).toBe(bytes);
    disposeCache(gpu.link(blocks)); // more than the budget: linked all the same
    expect(gpu.heldBytes).toBe(2 * bytes);
    gpu.dispose();
    expect(liveGpuBuffers()).toBe(before);
  });

  test('one linked block, text or image, gives the logits of full prefill', async () => {
    expect(await linkedAgainstFull(vlm, factSegment('Bo', 'Bo sleeps on the blue sofa.'))).toBeLessThan(1e-3);
    expect(await linkedAgainstFull(vlm, patchSegment('Dad', picture(200, 30, 40)))).toBeLessThan(1e-3);
  });

  test('a session cut back on the device goes on as a fresh one', async () => {
    const block = await vlm.encodeBlock(factSegment('Bo', 'Bo sleeps on the blue sofa.'), NEVER);
    const session = await vlm.link([block], NEVER);
    await session.replace([turnSegment('Where does Bo sleep?')], NEVER);
    const { logits, kept } = await session.replace([turnSegment('Where does Bo eat?')], NEVER);
    expect(kept).toBeGreaterThan(0);
    session.dispose();
    const fresh = await vlm.link([block], NEVER);
    expect(maxDifference(logits, await fresh.prefill([turnSegment('Where does Bo eat?')], NEVER))).toBeLessThan(1e-3);
    fresh.dispose();
  });

  test('leaves no buffer behind: as many live after 210 questions as after 10', { timeout: 600_000 }, async () => {
    const blocks: KvBlock[] = [];
    for (const fact of ['Bo sleeps.', 'Bo eats.']) blocks.push(await vlm.encodeBlock(factSegment('Bo', fact), NEVER));
    const counter = countBuffers();
    // A question of a token or two: linked, read, freed. Every tenth is a chat that goes on: cut back and read again.
    async function ask(count: number): Promise<void> {
      for (let i = 0; i < count; i++) {
        const session = await vlm.link(blocks, NEVER);
        try {
          await session.replace([[{ kind: 'text', text: 'a b' }]], NEVER);
          if (i % 10 === 0) await session.replace([[{ kind: 'text', text: 'a c' }]], NEVER);
        } finally {
          session.dispose();
        }
      }
    }
    try {
      await ask(10);
      const [ours, all] = [liveGpuBuffers(), counter.live()];
      await ask(200);
      expect(liveGpuBuffers()).toBe(ours);
      expect(counter.live()).toBeLessThanOrEqual(all + 4); // ONNX Runtime keeps a few of its own for later
    } finally {
      counter.restore();
    }
  });
});

function ropeOf(layout: RopeSpec['layout'], rotaryDim: number): RopeSpec {
  return { theta: 10000, headDim: 8, rotaryDim, layout };
}

function randomCache({ layers, kvHeads, headDim }: KvShape, tokens: number): LayerKv {
  let state = 1;
  const random = (): number => (state = (state * 48271) % 2147483647) / 1073741824 - 1; // Park and Miller
  const rows = (): Float32Array[] =>
    Array.from({ length: layers }, () => Float32Array.from({ length: kvHeads * tokens * headDim }, random));
  return { tokens, keys: rows(), values: rows() };
}

function firstRows(cache: LayerKv, { kvHeads, headDim }: KvShape, tokens: number): LayerKv {
  const cut = (rows: Float32Array): Float32Array => {
    const kept = new Float32Array(kvHeads * tokens * headDim);
    for (let head = 0; head < kvHeads; head++) {
      const from = head * cache.tokens * headDim;
      kept.set(rows.subarray(from, from + tokens * headDim), head * tokens * headDim);
    }
    return kept;
  };
  return { tokens, keys: cache.keys.map(cut), values: cache.values.map(cut) };
}

/** Every buffer of every device, ONNX Runtime's too: made and not destroyed. */
function countBuffers(): { live(): number; restore(): void } {
  const device = GPUDevice.prototype;
  const buffer = GPUBuffer.prototype;
  const create = Object.getOwnPropertyDescriptor(device, 'createBuffer') as PropertyDescriptor;
  const destroy = Object.getOwnPropertyDescriptor(buffer, 'destroy') as PropertyDescriptor;
  const made = new Set<GPUBuffer>();
  Object.defineProperty(device, 'createBuffer', {
    ...create,
    value(this: GPUDevice, descriptor: GPUBufferDescriptor) {
      const fresh = (create.value as GPUDevice['createBuffer']).call(this, descriptor);
      made.add(fresh);
      return fresh;
    },
  });
  Object.defineProperty(buffer, 'destroy', {
    ...destroy,
    value(this: GPUBuffer) {
      made.delete(this);
      (destroy.value as GPUBuffer['destroy']).call(this);
    },
  });
  return {
    live: () => made.size,
    restore() {
      Object.defineProperty(device, 'createBuffer', create);
      Object.defineProperty(buffer, 'destroy', destroy);
    },
  };
}
