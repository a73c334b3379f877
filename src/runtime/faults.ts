// What went wrong with ONNX Runtime in this thread: memory ran out, or the graphics device was lost.
//
// [Note: Signs of a fault] What a browser states as such comes first, the words of an error last:
// - `GPUDevice.lost`, a promise with a reason; ONNX Runtime's own runs only fail with some words after it.
// - 'uncapturederror' with a GPUOutOfMemoryError. A buffer that could not be made fails nothing by itself: weights are uploaded into
//   it all the same, and what is computed is wrong. ONNX Runtime prints a line (microsoft/onnxruntime issue 25195) and goes on.
// - WebAssembly.Memory.grow throws RangeError. Emscripten catches it and gives 0 to malloc; what comes out at the end is "std::bad_alloc"
//   behind ERROR_CODE 6, "failed to allocate a buffer", or a C++ exception as a bare number (onnxruntime issues 9178, 17964).
// - RangeError from allocating an ArrayBuffer, where a file is read (runtime/model-files.ts) and while the library loads.
// - malloc that gives 0 to ourselves (runtime/ort-heap.ts).
// Words remain for what no browser states: the 4 GB that WASM can address (grow is not even tried), Firefox's InternalError.
import { AppError, isAbort, isAppError } from '../core/errors';

/** What this thread was told besides what calls throw. */
let lost: string | undefined;
let gpuRanOut = false;
let heapRefused = false; // the last time memory was to grow

let tellLost: (error: AppError) => void = () => undefined;
/** Resolves when a device of this thread is lost, also between two runs: nobody has to ask a question to find out. */
export const deviceLost = new Promise<AppError>((resolve) => (tellLost = resolve));

let isWatching = false;

/**
 * Before the first session, once a thread. ONNX Runtime 1.31 makes its own device and names it only after the first session, when all
 * weights are uploaded: so the adapter's method is wrapped. Delete that part when `env.webgpu.device` can be had before.
 */
export function watchForFaults(): void {
  if (isWatching) return;
  isWatching = true;
  wrap(WebAssembly.Memory.prototype, 'grow', (grow: (pages: number) => number) => {
    return function (this: WebAssembly.Memory, pages: number): number {
      heapRefused = true;
      const before = grow.call(this, pages); // throws RangeError
      heapRefused = false;
      return before;
    };
  });
  if (!('GPUAdapter' in globalThis)) return; // no WebGPU in this browser
  type RequestDevice = (descriptor?: GPUDeviceDescriptor) => Promise<GPUDevice>;
  wrap(GPUAdapter.prototype, 'requestDevice', (request: RequestDevice) => {
    return async function (this: GPUAdapter, descriptor?: GPUDeviceDescriptor): Promise<GPUDevice> {
      const device = await request.call(this, descriptor);
      hearOf(device);
      return device;
    };
  });
}

function hearOf(device: GPUDevice): void {
  device.addEventListener('uncapturederror', ({ error }) => {
    if (error instanceof GPUOutOfMemoryError) gpuRanOut = true;
  });
  void device.lost.then(({ message, reason }) => {
    lost = message || reason; // we never destroy one ourselves
    tellLost(lostError(undefined));
  });
}

/** Replaces a method of a built-in class by one that calls it. */
function wrap<Method>(prototype: object, name: string, around: (method: Method) => Method): void {
  const method = Reflect.get(prototype, name) as Method;
  Object.defineProperty(prototype, name, { value: around(method), configurable: true, writable: true });
}

function lostError(cause: unknown): AppError {
  return new AppError('gpu-lost', `The graphics device was lost (${lost ?? 'no reason given'}).`, { cause });
}

/**
 * The error to throw for a failed ONNX run. Every run after it in this thread fails too (transformers.js chains them on
 * one promise), so all of them mean: restart the worker.
 */
export function runError(error: unknown): unknown {
  if (isAppError(error) || isAbort(error)) return error;
  if (gpuRanOut) return new AppError('out-of-memory', 'The graphics card ran out of memory.', { cause: error });
  if (lost !== undefined) return lostError(error);
  if (isOutOfMemory(error)) return new AppError('out-of-memory', 'The model ran out of memory.', { cause: error });
  return new AppError('model-run', 'The model failed while it was computing.', { cause: error });
}

/** As browsers, Emscripten, ONNX Runtime and WebGPU say it. */
const WORDS =
  /out of memory|\bOOM\b|bad_alloc|failed to (allocate|grow)|allocation (failed|size overflow)|cannot enlarge memory|invalid (typed )?array (buffer )?length/i;

/** Whether memory is why `error` came: by what this thread was told, by the class of any error in its causes, then by their words. */
export function isOutOfMemory(error: unknown): boolean {
  if (gpuRanOut || heapRefused) return true;
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 8; depth++) {
    if (isAppError(at) && at.code === 'out-of-memory') return true;
    if ('GPUOutOfMemoryError' in globalThis && at instanceof GPUOutOfMemoryError) return true;
    const text = at instanceof Error ? `${at.name} ${at.message}` : typeof at === 'string' ? at : '';
    if (WORDS.test(text)) return true;
    at = at instanceof Error ? at.cause : undefined;
  }
  return false;
}

/** While a model loads nothing but an allocation throws RangeError in the library: a buffer, or WebAssembly's memory itself. */
export function isAllocation(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && isAllocation(error.cause));
}

/** Emscripten throws a C++ exception as its address: while a model loads on the CPU it is nearly always a failed allocation. */
export function isBareException(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : error;
  return typeof cause === 'number';
}
