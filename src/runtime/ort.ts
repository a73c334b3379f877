// ONNX Runtime's settings in this thread. transformers.js imports the same module, so what is set here holds for both.
import { env } from 'onnxruntime-web/webgpu';
import { AppError, isAbort, isAppError } from '../core/errors';
import type { Device } from './device';

let deviceLost: string | undefined;

/** Before the first session. The files are served from this origin by scripts/vite-ort.ts. */
export function configureOrt(device: Device, baseUrl: string): void {
  // The plain build has no WebGPU, is half the size and faster: its CPU kernels are not instrumented for asyncify.
  const build = device.backend === 'webgpu' ? '.asyncify' : '';
  const file = (extension: string): string => new URL(`ort/ort-wasm-simd-threaded${build}.${extension}`, baseUrl).href;
  env.wasm.wasmPaths = { mjs: file('mjs'), wasm: file('wasm') };
  env.wasm.numThreads = device.threads;
  env.wasm.proxy = false; // we are in a worker already
  env.logLevel = 'error';
}

/** After the first WebGPU session: remembers that the device was lost, so that failed runs can say so. */
export function watchDevice(): void {
  void Promise.resolve(env.webgpu.device as GPUDevice | Promise<GPUDevice> | undefined).then(async (device) => {
    const info = await device?.lost;
    if (info) deviceLost = info.message || info.reason; // we never destroy it ourselves
  });
}

/**
 * The error to throw for a failed ONNX run. Every run after it in this thread fails too (transformers.js chains them on
 * one promise), so both codes mean: restart the worker.
 */
export function runError(error: unknown): unknown {
  if (isAppError(error) || isAbort(error)) return error;
  if (deviceLost !== undefined) {
    return new AppError('gpu-lost', `The graphics device was lost (${deviceLost}).`, { cause: error });
  }
  if (isOutOfMemory(error)) return new AppError('out-of-memory', 'The model ran out of memory.', { cause: error });
  return new AppError('model-run', 'The model failed while it was computing.', { cause: error });
}

/** As browsers, Emscripten, ONNX Runtime and WebGPU say it, anywhere in the chain of causes. */
const NO_MEMORY =
  /out of memory|\bOOM\b|bad_alloc|failed to (allocate|grow)|allocation (failed|size overflow)|cannot enlarge memory|invalid (typed )?array (buffer )?length/i;

export function isOutOfMemory(error: unknown): boolean {
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 8; depth++) {
    const text = at instanceof Error ? `${at.name} ${at.message}` : typeof at === 'string' ? at : '';
    if (NO_MEMORY.test(text)) return true;
    at = at instanceof Error ? at.cause : undefined;
  }
  return false;
}

/** Emscripten throws a C++ exception as its address: while a model loads on the CPU it is nearly always a failed allocation. */
export function isBareException(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : error;
  return typeof cause === 'number';
}
