// ONNX Runtime's own memory on WASM: tensors made in it and runs over them, without a copy through JavaScript.
//
// [Note: Tensors in the heap] `InferenceSession.run` copies every input into WASM memory and every output out of it: of a cache of 1,024 tokens
// of SmolVLM-256M 47 MB each way, at every run. Here runs are started with the functions that `run` itself calls, over tensors that
// stay where they are. scripts/vite-ort.ts makes the loaded module reachable. Read in onnxruntime-web 1.31.0-dev.20260914
// (lib/wasm/wasm-core-impl.ts); where something of it is missing, `openHeap` gives undefined and transformers.js runs the model.
// Delete when ONNX Runtime can keep outputs on WASM ("cpu-pinned" does nothing there yet).
import { AppError } from '../core/errors';

/** What is used of the module that onnxruntime-web loads. Pointers and handles are numbers; 0 is none. */
interface OrtModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>; // a fresh view after the memory grew; shared, so that older views stay valid
  _malloc(bytes: number): number;
  _free(at: number): void;
  stackSave(): number;
  stackAlloc(bytes: number): number;
  stackRestore(stack: number): void;
  getValue(at: number, type: 'i32' | '*'): number;
  setValue(at: number, value: number, type: 'i32' | '*'): void;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, at: number, bytes: number): void;
  UTF8ToString(at: number): string;
  _OrtGetLastError(code: number, message: number): number;
  _OrtCreateTensor(type: number, at: number, bytes: number, dims: number, count: number, location: number): number;
  _OrtGetTensorData(tensor: number, type: number, data: number, dims: number, count: number): number;
  _OrtReleaseTensor(tensor: number): number;
  _OrtFree(at: number): number;
  _OrtRun(
    session: number,
    inputNames: number,
    inputs: number,
    inputCount: number,
    outputNames: number,
    outputCount: number,
    outputs: number,
    options: number,
  ): number | Promise<number>;
}

/** A tensor in the heap. Whoever made it, or got it from a run, releases it. */
export interface HeapTensor {
  readonly handle: number;
  readonly dims: readonly number[];
  /** Its numbers where they lie, (count of all dims). */
  readonly floats: Float32Array;
  release(): void;
}

export interface OrtHeap {
  /** A tensor of whatever lies in the memory it gets. */
  makeFloats(dims: readonly number[]): HeapTensor;
  makeIntegers(values: readonly number[], dims: readonly number[]): HeapTensor;
  /** A session by the names it takes and gives; the tensors that `run` is given are in the order of these. */
  open(session: object, inputs: readonly string[], outputs: readonly string[]): HeapSession | undefined;
}

export interface HeapSession {
  /** Outputs in the order of their names, the caller's to release. Throws Error with ONNX Runtime's words. */
  run(inputs: readonly HeapTensor[]): Promise<HeapTensor[]>;
}

function countOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

const FLOAT = 1; // ONNX's numbers of types
const INT64 = 7;
const CPU = 1; // onnxruntime-web's number of a place
const POINTER = 4;

/** The heap of the runtime that this thread has loaded; undefined before the first session or where it is another build. */
export function openHeap(): OrtHeap | undefined {
  const found = (globalThis as { ortModule?: Partial<OrtModule> }).ortModule;
  if (found === undefined || USED.some((name) => found[name] === undefined)) return undefined;
  const ort = found as OrtModule;

  function check(code: number): void {
    if (code === 0) return;
    const stack = ort.stackSave();
    const at = ort.stackAlloc(2 * POINTER);
    ort._OrtGetLastError(at, at + POINTER);
    const message = ort.UTF8ToString(ort.getValue(at + POINTER, '*'));
    ort.stackRestore(stack);
    throw new Error(message);
  }

  function allocate(bytes: number): number {
    const at = ort._malloc(Math.max(1, bytes));
    if (at === 0) throw new AppError('out-of-memory', 'There is not enough memory for this question.');
    return at;
  }

  function tensorOf(handle: number, at: number, dims: readonly number[], free: () => void): HeapTensor {
    return {
      handle,
      dims,
      get floats() {
        return new Float32Array(ort.HEAPU8.buffer, at, countOf(dims));
      },
      release() {
        ort._OrtReleaseTensor(handle);
        free();
      },
    };
  }

  function make(type: number, elementBytes: number, dims: readonly number[]): { tensor: HeapTensor; at: number } {
    const bytes = countOf(dims) * elementBytes;
    const at = allocate(bytes);
    const stack = ort.stackSave();
    const dimsAt = ort.stackAlloc(POINTER * dims.length);
    for (const [i, dim] of dims.entries()) ort.setValue(dimsAt + POINTER * i, dim, 'i32');
    const handle = ort._OrtCreateTensor(type, at, bytes, dimsAt, dims.length, CPU);
    ort.stackRestore(stack);
    if (handle === 0) check(1);
    return { tensor: tensorOf(handle, at, dims, () => ort._free(at)), at };
  }

  /** Where the numbers of a float tensor of ONNX Runtime's making lie. */
  function outputOf(handle: number): HeapTensor {
    const stack = ort.stackSave();
    const at = ort.stackAlloc(4 * POINTER);
    check(ort._OrtGetTensorData(handle, at, at + POINTER, at + 2 * POINTER, at + 3 * POINTER));
    const [data = 0, dimsAt = 0, rank = 0] = [1, 2, 3].map((i) => ort.getValue(at + i * POINTER, '*'));
    ort.stackRestore(stack);
    const dims = Array.from({ length: rank }, (_, i) => ort.getValue(dimsAt + POINTER * i, 'i32'));
    ort._OrtFree(dimsAt);
    return tensorOf(handle, data, dims, () => undefined);
  }

  function textAt(text: string): number {
    const bytes = ort.lengthBytesUTF8(text) + 1;
    const at = allocate(bytes);
    ort.stringToUTF8(text, at, bytes);
    return at;
  }

  function listAt(values: readonly number[]): number {
    const at = allocate(POINTER * values.length);
    for (const [i, value] of values.entries()) ort.setValue(at + POINTER * i, value, '*');
    return at;
  }

  return {
    makeFloats: (dims) => make(FLOAT, 4, dims).tensor,
    makeIntegers(values, dims) {
      const { tensor, at } = make(INT64, 8, dims);
      const into = new BigInt64Array(ort.HEAPU8.buffer, at, values.length);
      for (let i = 0; i < values.length; i++) into[i] = BigInt(values[i] as number);
      return tensor;
    },
    open(session, inputs, outputs) {
      const id = (session as { handler?: { sessionId?: unknown } }).handler?.sessionId;
      if (typeof id !== 'number') return undefined;
      // As long as the session itself, which lives until the worker ends.
      const [inputNames, outputNames] = [listAt(inputs.map(textAt)), listAt(outputs.map(textAt))];
      const outputsAt = allocate(POINTER * outputs.length);
      return {
        async run(tensors) {
          const inputsAt = listAt(tensors.map(({ handle }) => handle));
          for (let i = 0; i < outputs.length; i++) ort.setValue(outputsAt + POINTER * i, 0, '*'); // to be made
          try {
            check(
              await ort._OrtRun(id, inputNames, inputsAt, inputs.length, outputNames, outputs.length, outputsAt, 0),
            );
          } finally {
            ort._free(inputsAt);
          }
          return outputs.map((_, i) => outputOf(ort.getValue(outputsAt + POINTER * i, '*')));
        },
      };
    },
  };
}

const USED = [
  'HEAPU8',
  '_malloc',
  '_free',
  'stackSave',
  'stackAlloc',
  'stackRestore',
  'getValue',
  'setValue',
  'lengthBytesUTF8',
  'stringToUTF8',
  'UTF8ToString',
  '_OrtGetLastError',
  '_OrtCreateTensor',
  '_OrtGetTensorData',
  '_OrtReleaseTensor',
  '_OrtFree',
  '_OrtRun',
] as const satisfies readonly (keyof OrtModule)[];
