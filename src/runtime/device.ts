// Which backend runs the models, and why in a sentence: WebGPU on a real adapter, else WASM with as many threads as the
// page may have.
import { AppError } from '../core/errors';
import type { Backend } from '../core/types';

export interface Device {
  readonly backend: Backend;
  readonly name: string; // "NVIDIA ampere" or "WASM, 2 threads"
  readonly threads: number; // of ONNX Runtime's CPU provider
  readonly halfFloats: boolean; // the adapter has shader-f16
  readonly fallback: string | undefined; // why not WebGPU
}

/**
 * Half the cores, at most four: the VLM and the encoder worker compute at the same time, and ONNX Runtime's threads spin
 * while they wait for each other. On two busy cores one thread decoded mini at 46 tokens/s, two at 17.
 */
const MAX_THREADS = 4;
const WORKERS = 2;

/** Software adapters compute right, but 70 times slower than WASM on the same cores (docs/decisions.md). */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|warp/i;

/** What this file needs of the browser; tests hand in an adapter that is not there. */
export interface Surroundings {
  readonly gpu: Pick<GPU, 'requestAdapter'> | undefined;
  readonly cores: number;
  readonly isolated: boolean;
}

/**
 * 'auto' and 'wasm' never fail. An explicit 'webgpu' takes a software adapter too (tests) and throws AppError
 * 'model-load' when there is none.
 */
export async function chooseDevice(requested: 'auto' | Backend, surroundings: Surroundings = here()): Promise<Device> {
  if (requested === 'wasm') return wasmDevice(surroundings, undefined);
  const adapter = await requestAdapter(surroundings.gpu);
  if (typeof adapter === 'string') {
    if (requested === 'webgpu') throw new AppError('model-load', adapter);
    return wasmDevice(surroundings, adapter);
  }
  const { info } = adapter;
  const name = [info.vendor, info.architecture, info.device].filter(Boolean).join(' ') || 'WebGPU';
  if (requested === 'auto' && isSoftware(info)) {
    return wasmDevice(surroundings, `The only WebGPU adapter is a software one (${name}), which is slower than WASM.`);
  }
  return {
    backend: 'webgpu',
    name,
    threads: threadsFor(surroundings),
    halfFloats: adapter.features.has('shader-f16'),
    fallback: undefined,
  };
}

/** What browsers say at most of a machine's memory, in GB. */
const MOST_MEMORY_GB = 8;

/**
 * Whether weights may lie in memory as float32 where four bits would do ([Note: Four bits on WASM]): 2.5 GB for SmolVLM-256M instead of 1.5.
 * Firefox and Safari do not say what there is; a phone's tab is ended far below that, a computer's is not.
 */
export function isRoomy({ deviceMemory, userAgent }: MemoryHints = navigator): boolean {
  return deviceMemory === undefined ? !/Mobi|Android|iPhone|iPad/.test(userAgent) : deviceMemory >= MOST_MEMORY_GB;
}

interface MemoryHints {
  readonly deviceMemory?: number;
  readonly userAgent: string;
}

function wasmDevice(surroundings: Surroundings, fallback: string | undefined): Device {
  const threads = threadsFor(surroundings);
  const name = threads === 1 ? 'WASM, 1 thread' : `WASM, ${threads} threads`;
  return { backend: 'wasm', name, threads, halfFloats: false, fallback };
}

function here(): Surroundings {
  // `gpu` is missing in browsers without WebGPU, whatever the types say.
  const gpu = 'gpu' in navigator ? navigator.gpu : undefined;
  return { gpu, cores: navigator.hardwareConcurrency, isolated: globalThis.crossOriginIsolated };
}

function threadsFor({ cores, isolated }: Surroundings): number {
  return isolated ? Math.max(1, Math.min(MAX_THREADS, Math.floor(cores / WORKERS))) : 1; // threads share memory: isolated pages only
}

async function requestAdapter(gpu: Surroundings['gpu']): Promise<GPUAdapter | string> {
  if (!gpu) return 'This browser has no WebGPU.';
  try {
    return (
      (await gpu.requestAdapter({ powerPreference: 'high-performance' })) ?? 'This browser found no graphics adapter.'
    );
  } catch (error) {
    return `The graphics adapter could not be asked for (${error instanceof Error ? error.message : String(error)}).`;
  }
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return (
    info.isFallbackAdapter || SOFTWARE.test(`${info.vendor} ${info.architecture} ${info.device} ${info.description}`)
  );
}
