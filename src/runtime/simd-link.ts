// Linking with SIMD: the loops of core/kv-link.ts, which stays the oracle and the way for whatever is not handled here, on four
// numbers at a time. Scalar JavaScript reaches about a quarter of the speed of memcpy, whatever its loops look like.
import { type KvBlock, layerOf, type LayerKv } from '../core/kv-block';
import { linkInto } from '../core/kv-link';
import { angleTable } from '../core/rope';
import type { KvShape, RopeSpec } from '../core/types';
import {
  advance,
  type Code,
  countDown,
  get,
  loadBytes,
  loadFloats,
  loadHalves,
  loadSame,
  MINUS,
  moduleOf,
  PLUS,
  set,
  storeFloats,
  TIMES,
} from './wasm-code';

export interface Linker {
  /** As linkInto of core. */
  linkInto(into: LayerKv, prefix: LayerKv, blocks: readonly KvBlock[]): void;
}

/** The fastest linker for this shape and rule here. */
export function createLinker(shape: KvShape, rope: RopeSpec): Linker {
  const slow: Linker = {
    linkInto: (into, prefix, blocks) => linkInto(into, prefix, blocks, shape, rope),
  };
  const whole = rope.layout === 'half' && rope.rotaryDim === shape.headDim && shape.headDim % 8 === 0;
  const bytes = kernels(shape.headDim);
  return whole && WebAssembly.validate(bytes) ? createSimd(shape, rope, bytes, slow) : slow;
}

// [Note: linking in a workspace] WebAssembly computes in its own memory only. The rows of a layer are copied in as they rest, a
// quarter or half of what they become, put together there, in the processor's cache, and copied out once.

interface Kernels {
  halves(from: number, to: number, count: number): void;
  bytes(from: number, to: number, count: number): void;
  turnHalves(keys: number, cos: number, sin: number, to: number, tokens: number): void;
  turnCodes(keys: number, cos: number, sin: number, to: number, tokens: number, scales: number, zeros: number): void;
  placeCodes(values: number, to: number, tokens: number, scales: number, zeros: number): void;
}

/** A block and where it lies in the workspace: byte addresses of the rows of one layer and, of int8, of all its codes as float32. */
interface Staged {
  readonly coded: boolean; // int8
  readonly tokens: number;
  readonly position: number; // of its first token
  readonly keys: Uint8Array; // (layers, bytes of a layer)
  readonly values: Uint8Array;
  readonly rows: number; // of the part and layer that is being put together
  readonly keyScales: number;
  readonly keyZeros: number;
  readonly valueScales: number;
  readonly valueZeros: number;
}

function createSimd(shape: KvShape, rope: RopeSpec, code: Uint8Array<ArrayBuffer>, slow: Linker): Linker {
  const { layers, kvHeads, headDim } = shape;
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  const kernel = instance.exports as unknown as Kernels;
  let floats = new Float32Array(memory.buffer);
  let bytes = new Uint8Array(memory.buffer);
  let anglesFor = 0; // positions whose cos and sin stand at the start of the workspace
  let used = 0; // bytes given out

  function take(length: number): number {
    const start = used;
    used += Math.ceil(length / 16) * 16;
    const missing = used + 16 - bytes.length; // loadBytes reads a little further than it uses
    if (missing > 0) {
      memory.grow(Math.ceil(missing / 65536));
      floats = new Float32Array(memory.buffer);
      bytes = new Uint8Array(memory.buffer);
    }
    return start;
  }

  function put(part: Uint8Array | Uint16Array): number {
    const start = take(part.byteLength);
    bytes.set(bytesOf(part), start);
    return start;
  }

  /** cos and sin, each (positions, pairs) float32, at the start of the workspace. Returns where the sines are. */
  function putAngles(positions: number): number {
    const { positions: rows, cos, sin } = angleTable(rope, positions);
    used = 0;
    take(4 * cos.length);
    const sinAt = take(4 * sin.length);
    if (rows !== anglesFor) {
      floats.set(cos, 0);
      floats.set(sin, sinAt / 4);
      anglesFor = rows;
    }
    return sinAt;
  }

  function stage(block: KvBlock, position: number): Staged {
    if (block.dtype === 'float32') throw new RangeError('float32 blocks are linked in core');
    const { tokens } = block;
    const [keys, values] = [bytesOf(block.keys), bytesOf(block.values)];
    const parts = { tokens, position, keys, values, rows: take(keys.length / layers) };
    if (block.dtype === 'float16') {
      return { coded: false, ...parts, keyScales: 0, keyZeros: 0, valueScales: 0, valueZeros: 0 };
    }
    const widened = (from: Uint8Array | Uint16Array): number => {
      const rest = put(from);
      const to = take(4 * from.length + 12); // the loops write four at a time
      kernel[from instanceof Uint16Array ? 'halves' : 'bytes'](rest, to, Math.ceil(from.length / 4) * 4);
      return to;
    };
    const { keyCode, valueCode } = block;
    return {
      coded: true,
      ...parts,
      keyScales: widened(keyCode.scales),
      keyZeros: widened(keyCode.zeros),
      valueScales: widened(valueCode.scales),
      valueZeros: widened(valueCode.zeros),
    };
  }

  /** Keys of a head of all blocks, behind the prefix of the head, whose rows begin at `start`. */
  function turnAll(staged: readonly Staged[], layer: number, head: number, start: number, sinAt: number): void {
    for (const { coded, tokens, position, rows, keyScales, keyZeros } of staged) {
      const count = head * tokens * headDim;
      const angles = 2 * headDim * position; // a position has headDim / 2 floats in a table
      const to = start + 4 * headDim * position;
      if (coded) {
        const group = 4 * (layer * kvHeads + head) * headDim;
        kernel.turnCodes(rows + count, angles, sinAt + angles, to, tokens, keyScales + group, keyZeros + group);
      } else kernel.turnHalves(rows + 2 * count, angles, sinAt + angles, to, tokens);
    }
  }

  function placeAll(staged: readonly Staged[], layer: number, head: number, start: number): void {
    for (const { coded, tokens, position, rows, valueScales, valueZeros } of staged) {
      const count = head * tokens * headDim;
      const to = start + 4 * headDim * position;
      if (coded) {
        const group = 4 * (layer * kvHeads + head) * tokens;
        kernel.placeCodes(rows + count, to, tokens, valueScales + group, valueZeros + group);
      } else kernel.halves(rows + 2 * count, to, tokens * headDim);
    }
  }

  /** Puts one layer together, (kvHeads, total, headDim), part by part; `out` takes it from the workspace before the next. */
  function run(
    prefix: LayerKv,
    blocks: readonly KvBlock[],
    out: (part: 'keys' | 'values', layer: number, rows: Float32Array) => void,
  ): void {
    const total = blocks.reduce((sum, block) => sum + block.tokens, prefix.tokens);
    const sinAt = putAngles(total);
    let position = prefix.tokens;
    const staged = blocks.map((block) => {
      const at = stage(block, position);
      position += block.tokens;
      return at;
    });
    const to = take(4 * kvHeads * total * headDim);
    const length = prefix.tokens * headDim;
    for (const part of ['keys', 'values'] as const) {
      for (let layer = 0; layer < layers; layer++) {
        const first = layerOf(prefix[part], layer);
        for (const block of staged) {
          const size = block[part].length / layers;
          bytes.set(block[part].subarray(layer * size, (layer + 1) * size), block.rows);
        }
        for (let head = 0; head < kvHeads; head++) {
          const start = to + 4 * head * total * headDim;
          floats.set(first.subarray(head * length, (head + 1) * length), start / 4);
          if (part === 'keys') turnAll(staged, layer, head, start, sinAt);
          else placeAll(staged, layer, head, start);
        }
        out(part, layer, floats.subarray(to / 4, to / 4 + kvHeads * total * headDim));
      }
    }
  }

  /** What the loops can take; the rest is for core, which also refuses what does not fit. */
  const takes = (blocks: readonly KvBlock[]): boolean =>
    blocks.every(({ dtype, shape: other }) => {
      return dtype !== 'float32' && other.layers === layers && other.kvHeads === kvHeads && other.headDim === headDim;
    });

  return {
    linkInto(into, prefix, blocks) {
      const total = blocks.reduce((sum, { tokens }) => sum + tokens, prefix.tokens);
      if (!takes(blocks) || total !== into.tokens) slow.linkInto(into, prefix, blocks);
      else run(prefix, blocks, (part, layer, rows) => layerOf(into[part], layer).set(rows));
    },
  };
}

function bytesOf(part: Uint8Array | Uint16Array): Uint8Array {
  return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
}

/** The module for one head size. Rows are unrolled: distances within one are constants in the code. */
function kernels(headDim: number): Uint8Array<ArrayBuffer> {
  const half = headDim / 2;
  const fours = (count: number, body: (first: number) => Code): Code =>
    Array.from({ length: count / 4 }, (_, i) => body(4 * i)).flat();
  /** Writes x·cos − y·sin and y·cos + x·sin of four pairs from pair `first` on. Locals: 1 cos, 2 sin, 3 to. */
  const turned = (first: number, x: number, y: number): Code => [
    ...[...get(3), ...get(x), ...get(1), ...loadFloats(4 * first), ...TIMES],
    ...[...get(y), ...get(2), ...loadFloats(4 * first), ...TIMES, ...MINUS, ...storeFloats(4 * first)],
    ...[...get(3), ...get(y), ...get(1), ...loadFloats(4 * first), ...TIMES],
    ...[...get(x), ...get(2), ...loadFloats(4 * first), ...TIMES, ...PLUS, ...storeFloats(4 * (first + half))],
  ];
  const nextRow = (keyBytes: number): Code => [
    ...[...advance(0, keyBytes * headDim), ...advance(1, 4 * half)],
    ...[...advance(2, 4 * half), ...advance(3, 4 * headDim)],
  ];
  /** Four codes from number `first` of a row on, decoded by channel. Locals: 0 keys, 5 scales, 6 zeros. */
  const channels = (first: number): Code => [
    ...[...get(0), ...loadBytes(first), ...get(6), ...loadFloats(4 * first), ...MINUS],
    ...[...get(5), ...loadFloats(4 * first), ...TIMES],
  ];
  return moduleOf([
    {
      name: 'halves', // 0 from, 1 to, 2 count; 3 scratch
      parameters: 3,
      vectors: 1,
      body: countDown(2, 4, [
        ...[...get(1), ...get(0), ...loadHalves(0, 3), ...storeFloats()],
        ...[...advance(0, 8), ...advance(1, 16)],
      ]),
    },
    {
      name: 'bytes', // 0 from, 1 to, 2 count
      parameters: 3,
      vectors: 0,
      body: countDown(2, 4, [
        ...[...get(1), ...get(0), ...loadBytes(), ...storeFloats()],
        ...[...advance(0, 4), ...advance(1, 16)],
      ]),
    },
    {
      name: 'turnHalves', // 0 keys, 1 cos, 2 sin, 3 to, 4 tokens; 5 x, 6 y, 7 scratch
      parameters: 5,
      vectors: 3,
      body: countDown(4, 1, [
        ...fours(half, (first) => [
          ...[...get(0), ...loadHalves(2 * first, 7), ...set(5)],
          ...[...get(0), ...loadHalves(2 * (first + half), 7), ...set(6)],
          ...turned(first, 5, 6),
        ]),
        ...nextRow(2),
      ]),
    },
    {
      name: 'turnCodes', // 0 keys, 1 cos, 2 sin, 3 to, 4 tokens, 5 scales, 6 zeros; 7 x, 8 y
      parameters: 7,
      vectors: 2,
      body: countDown(4, 1, [
        ...fours(half, (first) => [
          ...[...channels(first), ...set(7), ...channels(first + half), ...set(8)],
          ...turned(first, 7, 8),
        ]),
        ...nextRow(1),
      ]),
    },
    {
      name: 'placeCodes', // 0 values, 1 to, 2 tokens, 3 scales, 4 zeros; 5 scale, 6 zero
      parameters: 5,
      vectors: 2,
      body: countDown(2, 1, [
        ...[...get(3), ...loadSame(), ...set(5), ...get(4), ...loadSame(), ...set(6)],
        ...fours(headDim, (first) => [
          ...[...get(1), ...get(0), ...loadBytes(first), ...get(6), ...MINUS, ...get(5), ...TIMES],
          ...storeFloats(4 * first),
        ]),
        ...[...advance(0, headDim), ...advance(1, 4 * headDim), ...advance(3, 4), ...advance(4, 4)],
      ]),
    },
  ]);
}
