// ONNX Runtime's settings in this thread. transformers.js imports the same module, so what is set here holds for both.
import { env } from 'onnxruntime-web/webgpu';
import type { Device } from './device';
import { watchForFaults } from './faults';

/** Before the first session. The files are served from this origin by scripts/vite-ort.ts. */
export function configureOrt(device: Device, baseUrl: string): void {
  watchForFaults();
  // The plain build has no WebGPU, is half the size and faster: its CPU kernels are not instrumented for asyncify.
  const build = device.backend === 'webgpu' ? '.asyncify' : '';
  const file = (extension: string): string => new URL(`ort/ort-wasm-simd-threaded${build}.${extension}`, baseUrl).href;
  env.wasm.wasmPaths = { mjs: file('mjs'), wasm: file('wasm') };
  env.wasm.numThreads = device.threads;
  env.wasm.proxy = false; // we are in a worker already
  env.logLevel = 'error';
}
