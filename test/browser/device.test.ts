// Which backend is chosen. Adapters are made up here: real ones are the gpu ring's business.
import { expect, test } from 'vitest';
import { isAppError } from '../../src/core/errors';
import { chooseDevice, type Surroundings } from '../../src/runtime/device';

function adapter(info: Partial<GPUAdapterInfo>, features: string[] = []): Surroundings['gpu'] {
  const found = {
    info: { vendor: '', architecture: '', device: '', description: '', isFallbackAdapter: false, ...info },
    features: new Set(features),
  };
  return { requestAdapter: () => Promise.resolve(found as unknown as GPUAdapter) };
}

const around = (gpu: Surroundings['gpu'], rest: Partial<Surroundings> = {}): Surroundings => ({
  gpu,
  cores: 8,
  isolated: true,
  ...rest,
});

test('a real adapter is taken, with what it can do', async () => {
  const device = await chooseDevice(
    'auto',
    around(adapter({ vendor: 'apple', architecture: 'metal-3' }, ['shader-f16'])),
  );
  expect(device).toMatchObject({ backend: 'webgpu', name: 'apple metal-3', halfFloats: true, fallback: undefined });
});

test.each([
  ['a fallback adapter', adapter({ vendor: 'google', isFallbackAdapter: true })],
  ['SwiftShader', adapter({ vendor: 'google', architecture: 'swiftshader' })],
  ['llvmpipe', adapter({ vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' })],
])('%s gives WASM and a sentence', async (_, gpu) => {
  const device = await chooseDevice('auto', around(gpu));
  expect(device.backend).toBe('wasm');
  expect(device.fallback).toMatch(/software.*slower than WASM\.$/);
});

test('no WebGPU, no adapter and a failing request each give WASM and say why', async () => {
  const none = { requestAdapter: () => Promise.resolve(null) };
  const broken = { requestAdapter: () => Promise.reject(new Error('driver crashed')) };
  expect((await chooseDevice('auto', around(undefined))).fallback).toBe('This browser has no WebGPU.');
  expect((await chooseDevice('auto', around(none))).fallback).toBe('This browser found no graphics adapter.');
  expect((await chooseDevice('auto', around(broken))).fallback).toContain('driver crashed');
});

test('who asks for WebGPU gets it, even in software, or an error', async () => {
  const software = around(adapter({ architecture: 'swiftshader' }));
  expect((await chooseDevice('webgpu', software)).backend).toBe('webgpu');
  const refused: unknown = await chooseDevice('webgpu', around(undefined)).catch((error: unknown) => error);
  expect(isAppError(refused) && refused.code).toBe('model-load');
});

test('threads: half the cores up to four, one where memory cannot be shared', async () => {
  expect((await chooseDevice('wasm', around(undefined, { cores: 2 }))).threads).toBe(1);
  expect((await chooseDevice('wasm', around(undefined, { cores: 6 }))).threads).toBe(3);
  expect((await chooseDevice('wasm', around(undefined, { cores: 64 }))).threads).toBe(4);
  expect((await chooseDevice('wasm', around(undefined, { isolated: false }))).threads).toBe(1);
});
