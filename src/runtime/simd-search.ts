// The first pass of core/photo-search.ts with SIMD: eight codes a step. The scalar loop there is its oracle and what runs without SIMD.

import {
  codedDots,
  createVectorIndex,
  type CodedDots,
  type MutableIndex,
  type VectorIndex,
} from '../core/photo-search';
import { advance, type Code, countDown, get, moduleOf, set } from './wasm-code';

/** An index whose codes lie in WebAssembly's memory, and the first pass over them. */
export interface FastIndex {
  readonly index: MutableIndex;
  readonly dots: CodedDots;
  readonly isSimd: boolean;
}

interface Kernel {
  dots(codes: number, query: number, out: number, rows: number): void;
}

const PAGE = 65_536;

/** Codes are computed on where they rest: only a query's 2 · stride bytes and the rows' results are moved. */
export function createFastIndex(dim: number, capacity = 1024): FastIndex {
  const stride = Math.ceil(dim / 16) * 16;
  const bytes = kernelOf(stride);
  if (!WebAssembly.validate(bytes)) return { index: createVectorIndex(dim, capacity), dots: codedDots, isSimd: false };
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const kernel = instance.exports as unknown as Kernel;
  // From the start: the query as int16, results of BATCH rows, codes.
  const outAt = 2 * stride;
  const codesAt = outAt + 4 * BATCH;
  const allot = (length: number): Int8Array => {
    const missing = codesAt + length - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return new Int8Array(memory.buffer, codesAt, length);
  };
  const dots: CodedDots = ({ rows }: VectorIndex, query, out) => {
    new Int16Array(memory.buffer, 0, stride).set(query);
    for (let from = 0; from < rows; from += BATCH) {
      const count = Math.min(BATCH, rows - from);
      kernel.dots(codesAt + from * stride, 0, outAt, count);
      out.set(new Int32Array(memory.buffer, outAt, count), from);
    }
  };
  return { index: createVectorIndex(dim, capacity, allot), dots, isSimd: true };
}

/** Rows whose results are copied out at once: 16 KB, in the processor's first cache. */
const BATCH = 4096;

const vector = (opcode: number, ...immediate: number[]): Code =>
  opcode < 128 ? [0xfd, opcode, ...immediate] : [0xfd, (opcode & 127) | 128, opcode >> 7, ...immediate];
const offsetOf = (value: number): Code => (value < 128 ? [value] : [(value & 127) | 128, value >> 7]);
const loadCodes = (offset: number): Code => vector(1, 0, ...offsetOf(offset)); // v128.load8x8_s
const loadShorts = (offset: number): Code => vector(0, 0, ...offsetOf(offset)); // v128.load
const DOT: Code = vector(186); // i32x4.dot_i16x8_s
const PLUS_INTS: Code = vector(174); // i32x4.add
const lane = (at: number): Code => vector(27, at); // i32x4.extract_lane
const ADD: Code = [0x6a];

function kernelOf(stride: number): Uint8Array<ArrayBuffer> {
  const [codes, query, out, rows, sum] = [0, 1, 2, 3, 4];
  const steps = Array.from({ length: stride / 8 }, (_, at): Code => {
    const product = [...get(codes), ...loadCodes(8 * at), ...get(query), ...loadShorts(16 * at), ...DOT];
    return at === 0 ? product : [...product, ...PLUS_INTS];
  }).flat();
  const total = [0, 1, 2, 3].flatMap((at) => [...get(sum), ...lane(at), ...(at === 0 ? [] : ADD)]);
  const body = [
    ...steps,
    ...set(sum),
    ...get(out),
    ...total,
    ...[0x36, 2, 0], // i32.store
    ...advance(codes, stride),
    ...advance(out, 4),
  ];
  return moduleOf([{ name: 'dots', parameters: 4, vectors: 1, body: countDown(rows, 1, body) }]);
}
