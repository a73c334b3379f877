// What the browser states of memory and of the graphics device is believed before any words: each sign by itself.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Faults from '../../../src/runtime/faults';
import { isAllocation, isBareException, isOutOfMemory } from '../../../src/runtime/faults';
import { openModelFiles } from '../../../src/runtime/model-files';

// Node has no WebGPU: the classes the browser has, as far as they are looked at.
class GPUOutOfMemoryError {
  constructor(readonly message: string) {}
}
class GPUValidationError {
  constructor(readonly message: string) {}
}
class FakeDevice extends EventTarget {
  lose: (info: { message: string; reason: string }) => void = () => undefined;
  readonly lost = new Promise<{ message: string; reason: string }>((resolve) => (this.lose = resolve));
  fault(error: object): void {
    this.dispatchEvent(Object.assign(new Event('uncapturederror'), { error }));
  }
}
interface Adapter {
  requestDevice(): Promise<FakeDevice>;
}
let Adapter: new () => Adapter; // a class of its own for each test, because its method is wrapped

const grow = Object.getOwnPropertyDescriptor(WebAssembly.Memory.prototype, 'grow') ?? {};
let faults: typeof Faults;

beforeEach(async () => {
  vi.stubGlobal('GPUOutOfMemoryError', GPUOutOfMemoryError);
  Adapter = class {
    requestDevice(): Promise<FakeDevice> {
      return Promise.resolve(new FakeDevice());
    }
  };
  vi.stubGlobal('GPUAdapter', Adapter);
  vi.resetModules(); // a thread of its own: nothing was told yet
  faults = await import('../../../src/runtime/faults');
  faults.watchForFaults();
});
afterEach(() => {
  vi.unstubAllGlobals();
  Object.defineProperty(WebAssembly.Memory.prototype, 'grow', grow);
});

const device = (): Promise<FakeDevice> => new Adapter().requestDevice();

const FAILED = new Error('failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: Non-zero status code returned');
const codeOf = (error: unknown): unknown => (faults.runError(error) as { code?: unknown }).code;

describe('a failed run', () => {
  it('is a failed run where nothing else was told', async () => {
    await device();
    expect(codeOf(FAILED)).toBe('model-run');
  });

  it('is want of memory when WebAssembly would not grow, until it grows again', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
    // As Emscripten does: what is thrown is caught, and less is tried.
    expect(() => memory.grow(5)).toThrow(RangeError);
    expect(codeOf(FAILED)).toBe('out-of-memory');
    expect(memory.grow(2)).toBe(1);
    expect(codeOf(FAILED)).toBe('model-run');
  });

  it('is want of memory when the graphics card could not make a buffer, and not for other errors of the card', async () => {
    const card = await device();
    card.fault(new GPUValidationError('wrong size'));
    expect(codeOf(FAILED)).toBe('model-run');
    card.fault(new GPUOutOfMemoryError(''));
    expect(codeOf(FAILED)).toBe('out-of-memory');
  });

  it('is a lost device when it was lost, which is told without a run', async () => {
    const card = await device();
    card.lose({ reason: 'unknown', message: 'The driver was restarted.' });
    const told = await faults.deviceLost;
    expect(told).toMatchObject({
      code: 'gpu-lost',
      message: expect.stringContaining('driver was restarted') as string,
    });
    expect(codeOf(FAILED)).toBe('gpu-lost');
  });

  it('keeps what was said already, and an abort', () => {
    const abort = new DOMException('stopped', 'AbortError');
    expect(faults.runError(abort)).toBe(abort);
  });
});

describe('words, where nothing else is told', () => {
  const memory = [
    "Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc",
    "Can't create a session. failed to allocate a buffer of size 540536020.",
    'WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory for new instance',
    'Array buffer allocation failed',
  ];
  it.each(memory)('%s', (words) => {
    expect(isOutOfMemory(new Error('The model could not be loaded.', { cause: new Error(words) }))).toBe(true);
  });
  it('of another fault are not taken for it', () => {
    expect(isOutOfMemory(FAILED)).toBe(false);
    expect(isOutOfMemory(new Error('Invalid rank for input'))).toBe(false);
  });
});

it('an allocation and a bare C++ exception are told by what they are, not by their words', () => {
  expect(isAllocation(new Error('no', { cause: new RangeError('?') }))).toBe(true);
  expect(isAllocation(new TypeError('no'))).toBe(false);
  expect(isBareException(new Error('no', { cause: 19451592 }))).toBe(true);
  expect(isBareException(new Error('no', { cause: 'text' }))).toBe(false);
});

it('a file for which there is no room is read once, and not called damaged', async () => {
  let reads = 0;
  const files = openModelFiles(
    'http://here/models/big/',
    () => undefined,
    () => {
      reads++;
      return Promise.resolve(new Response('x', { headers: { 'content-length': `${2 ** 60}` } }));
    },
  );
  await expect(files.bytes('onnx/model.onnx')).rejects.toMatchObject({ code: 'out-of-memory' });
  expect(reads).toBe(1);
});
