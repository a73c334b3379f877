// An adapter that looks real and is not: loading says that WebGPU let us down, so that the page can go on with WASM. A
// file of its own: the failed load spoils ONNX Runtime for the rest of the thread.
import { expect, test, vi } from 'vitest';
import { isAppError } from '../../src/core/errors';
import { loadVlm } from '../../src/runtime/load-vlm';

test('a model that WebGPU cannot load throws gpu-lost with the adapter named', async () => {
  const info = { vendor: 'acme', architecture: 'paper', device: '', description: '', isFallbackAdapter: false };
  const paper = { info, features: new Set(), limits: {}, requestDevice: () => Promise.reject(new Error('only paper')) };
  vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(paper as unknown as GPUAdapter);
  const error: unknown = await loadVlm('mini', 'auto', `${location.origin}/`, () => undefined).catch(
    (thrown: unknown) => thrown,
  );
  if (!isAppError(error)) throw new Error(`not refused: ${String(error)}`);
  expect(error.code).toBe('gpu-lost');
  expect(error.message).toContain('acme paper');
});
