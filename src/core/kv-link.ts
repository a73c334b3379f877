// Linking on the CPU: blocks are decoded, turned to their place and written into the cache in one pass. Also the oracle of the GPU's.

import { type KvBlock, layerOf, type LayerKv } from './kv-block';
import { type AngleTable, angleTable } from './rope';
import { float16Table } from './tensor';
import type { KvShape, RopeSpec } from './types';

/**
 * Links blocks in the order given behind a prefix cache. The prefix is copied; its keys already stand at positions
 * 0..prefix.tokens-1. Returns fresh arrays, (kvHeads, total, headDim) per layer.
 * Throws RangeError when a block's shape is not the cache's: callers check stamps with `blockFits` first.
 */
export function linkBlocks(prefix: LayerKv, blocks: readonly KvBlock[], shape: KvShape, rope: RopeSpec): LayerKv {
  const tokens = blocks.reduce((sum, block) => sum + block.tokens, prefix.tokens);
  const layer = (): Float32Array => new Float32Array(shape.kvHeads * tokens * shape.headDim);
  const keys = Array.from({ length: shape.layers }, layer);
  const linked: LayerKv = { tokens, keys, values: Array.from({ length: shape.layers }, layer) };
  linkInto(linked, prefix, blocks, shape, rope);
  return linked;
}

/** As linkBlocks, into a cache of just the right number of tokens. Allocates nothing that grows with the cache. */
export function linkInto(
  into: LayerKv,
  prefix: LayerKv,
  blocks: readonly KvBlock[],
  shape: KvShape,
  rope: RopeSpec,
): void {
  const { layers, kvHeads, headDim } = shape;
  let total = prefix.tokens;
  for (const block of blocks) {
    if (block.shape.layers !== layers || block.shape.kvHeads !== kvHeads || block.shape.headDim !== headDim) {
      throw new RangeError('linkBlocks: a block of another shape');
    }
    total += block.tokens;
  }
  if (total !== into.tokens) throw new RangeError(`linkInto: ${total} tokens into ${into.tokens}`);
  const turn: Turn = {
    headDim,
    rotaryDim: rope.rotaryDim,
    step: rope.layout === 'half' ? 1 : 2,
    apart: rope.layout === 'half' ? rope.rotaryDim / 2 : 1,
    table: angleTable(rope, total),
    scales: new Float64Array(headDim),
    zeros: new Float64Array(headDim),
  };
  for (let layer = 0; layer < layers; layer++) {
    const keys = layerOf(into.keys, layer);
    const values = layerOf(into.values, layer);
    const prefixKeys = layerOf(prefix.keys, layer);
    const prefixValues = layerOf(prefix.values, layer);
    for (let head = 0; head < kvHeads; head++) {
      const headStart = head * total * headDim;
      const prefixLength = prefix.tokens * headDim;
      keys.set(prefixKeys.subarray(head * prefixLength, (head + 1) * prefixLength), headStart);
      values.set(prefixValues.subarray(head * prefixLength, (head + 1) * prefixLength), headStart);
      let position = prefix.tokens;
      for (const block of blocks) {
        const to = headStart + position * headDim;
        placeKeys(block, layer * kvHeads + head, keys, to, position, turn);
        placeValues(block, layer * kvHeads + head, values, to, headDim);
        position += block.tokens;
      }
    }
  }
}

/** How keys are turned, the same for all heads, and room for the code of one head's channels. */
interface Turn {
  readonly headDim: number;
  readonly rotaryDim: number;
  readonly step: number; // from one pair to the next
  readonly apart: number; // from the first of a pair to the second
  readonly table: AngleTable;
  readonly scales: Float64Array; // (headDim)
  readonly zeros: Float64Array; // (headDim)
}

/** Keys of head `index` of `block`, turned to positions startPos…, into `into` at `to`: (tokens, headDim). */
function placeKeys(block: KvBlock, index: number, into: Float32Array, to: number, startPos: number, turn: Turn): void {
  const from = index * block.tokens * turn.headDim;
  if (block.dtype === 'int8') {
    const { scales, zeros } = block.keyCode;
    const wide = float16Table();
    for (let d = 0; d < turn.headDim; d++) {
      turn.scales[d] = wide[scales[index * turn.headDim + d] as number] as number;
      turn.zeros[d] = zeros[index * turn.headDim + d] as number;
    }
    turnCodes(block.keys, from, into, to, block.tokens, startPos, turn);
  } else if (block.dtype === 'float16') turnHalves(block.keys, from, into, to, block.tokens, startPos, turn);
  else turnFloats(block.keys, from, into, to, block.tokens, startPos, turn);
}

// Three loops that differ in how a number is read: a reader passed in is a call for each number.

function turnCodes(
  keys: Uint8Array,
  from: number,
  into: Float32Array,
  to: number,
  tokens: number,
  startPos: number,
  { headDim, rotaryDim, step, apart, table: { pairs, cos, sin }, scales, zeros }: Turn,
): void {
  for (let token = 0; token < tokens; token++) {
    const source = from + token * headDim;
    const target = to + token * headDim;
    const angles = (startPos + token) * pairs;
    let d = 0;
    for (let angle = angles; angle < angles + pairs; angle++) {
      const e = d + apart;
      const x = ((keys[source + d] as number) - (zeros[d] as number)) * (scales[d] as number);
      const y = ((keys[source + e] as number) - (zeros[e] as number)) * (scales[e] as number);
      const c = cos[angle] as number;
      const s = sin[angle] as number;
      into[target + d] = x * c - y * s;
      into[target + e] = y * c + x * s;
      d += step;
    }
    for (let i = rotaryDim; i < headDim; i++)
      into[target + i] = ((keys[source + i] as number) - (zeros[i] as number)) * (scales[i] as number);
  }
}

function turnHalves(
  keys: Uint16Array,
  from: number,
  into: Float32Array,
  to: number,
  tokens: number,
  startPos: number,
  { headDim, rotaryDim, step, apart, table: { pairs, cos, sin } }: Turn,
): void {
  const wide = float16Table();
  for (let token = 0; token < tokens; token++) {
    const source = from + token * headDim;
    const target = to + token * headDim;
    const angles = (startPos + token) * pairs;
    let d = 0;
    for (let angle = angles; angle < angles + pairs; angle++) {
      const e = d + apart;
      const x = wide[keys[source + d] as number] as number;
      const y = wide[keys[source + e] as number] as number;
      const c = cos[angle] as number;
      const s = sin[angle] as number;
      into[target + d] = x * c - y * s;
      into[target + e] = y * c + x * s;
      d += step;
    }
    for (let i = rotaryDim; i < headDim; i++) into[target + i] = wide[keys[source + i] as number] as number;
  }
}

function turnFloats(
  keys: Float32Array,
  from: number,
  into: Float32Array,
  to: number,
  tokens: number,
  startPos: number,
  { headDim, rotaryDim, step, apart, table: { pairs, cos, sin } }: Turn,
): void {
  for (let token = 0; token < tokens; token++) {
    const source = from + token * headDim;
    const target = to + token * headDim;
    const angles = (startPos + token) * pairs;
    let d = 0;
    for (let angle = angles; angle < angles + pairs; angle++) {
      const e = d + apart;
      const x = keys[source + d] as number;
      const y = keys[source + e] as number;
      const c = cos[angle] as number;
      const s = sin[angle] as number;
      into[target + d] = x * c - y * s;
      into[target + e] = y * c + x * s;
      d += step;
    }
    for (let i = rotaryDim; i < headDim; i++) into[target + i] = keys[source + i] as number;
  }
}

/** Values of head `index` of `block` into `into` at `to`: (tokens, headDim). */
function placeValues(block: KvBlock, index: number, into: Float32Array, to: number, headDim: number): void {
  const length = block.tokens * headDim;
  const from = index * length;
  if (block.dtype === 'float32') {
    into.set(block.values.subarray(from, from + length), to);
    return;
  }
  const wide = float16Table();
  if (block.dtype === 'float16') {
    const { values } = block;
    for (let i = 0; i < length; i++) into[to + i] = wide[values[from + i] as number] as number;
    return;
  }
  const { values, valueCode } = block;
  for (let token = 0; token < block.tokens; token++) {
    const group = index * block.tokens + token;
    const scale = wide[valueCode.scales[group] as number] as number;
    const zero = valueCode.zeros[group] as number;
    const start = token * headDim;
    for (let i = start; i < start + headDim; i++) into[to + i] = ((values[from + i] as number) - zero) * scale;
  }
}
