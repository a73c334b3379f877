// A block: the K/V rows of one card, fact or patch, cut from a cache, stored position-free, linked into another cache.

import { angleTable, rotateRows } from './rope';
import { float16Table, toFloat16 } from './tensor';
import type { Fingerprint, KvShape, RopeSpec } from './types';

export { encodeKvBlock, parseKvBlock } from './kv-format';

/**
 * K/V of one segment. keys, values: (layers, kvHeads, tokens, headDim) row-major; keys un-rotated
 * (`[Note: Canonical positions]` in rope.ts). float16 at rest; float32 lets a test tell rounding from linking.
 */
export interface KvBlock {
  readonly shape: KvShape;
  readonly rope: RopeSpec;
  readonly tokens: number;
  readonly model: Fingerprint;
  readonly prefixHash: string;
  readonly dtype: 'float16' | 'float32';
  readonly keys: Uint16Array | Float32Array;
  readonly values: Uint16Array | Float32Array;
}

/** A cache on the CPU. keys[layer], values[layer]: (kvHeads, tokens, headDim), keys rotated to row index = position. */
export interface LayerKv {
  readonly tokens: number;
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

/** Whose block it is. */
export interface BlockStamp {
  readonly shape: KvShape;
  readonly rope: RopeSpec;
  readonly model: Fingerprint;
  readonly prefixHash: string;
}

/** Cuts rows [fromToken, toToken) out of a cache and turns the keys back to position 0 exactly. */
export function cutBlock(
  cache: LayerKv,
  fromToken: number,
  toToken: number,
  stamp: BlockStamp,
  dtype: 'float16' | 'float32' = 'float16',
): KvBlock {
  const { layers, kvHeads, headDim } = stamp.shape;
  const tokens = toToken - fromToken;
  if (tokens < 1 || fromToken < 0 || toToken > cache.tokens) {
    throw new RangeError(`cutBlock: rows ${fromToken}..${toToken} of ${cache.tokens}`);
  }
  const rowLength = tokens * headDim;
  const count = layers * kvHeads * rowLength;
  const keys = dtype === 'float16' ? new Uint16Array(count) : new Float32Array(count);
  const values = dtype === 'float16' ? new Uint16Array(count) : new Float32Array(count);
  const table = angleTable(stamp.rope, toToken);
  const scratch = new Float32Array(rowLength); // (tokens, headDim)
  for (let layer = 0; layer < layers; layer++) {
    const layerKeys = layerOf(cache.keys, layer);
    const layerValues = layerOf(cache.values, layer);
    for (let head = 0; head < kvHeads; head++) {
      const from = (head * cache.tokens + fromToken) * headDim;
      const to = (layer * kvHeads + head) * rowLength;
      scratch.set(layerKeys.subarray(from, from + rowLength));
      rotateRows(scratch, 0, tokens, fromToken, -1, stamp.rope, table);
      write(scratch, keys, to);
      scratch.set(layerValues.subarray(from, from + rowLength));
      write(scratch, values, to);
    }
  }
  return { ...stamp, tokens, dtype, keys, values };
}

/**
 * Links blocks in the order given behind a prefix cache: dequantise, rotate to place, scatter. The prefix is copied;
 * its keys already stand at positions 0..prefix.tokens-1. Returns fresh arrays, (kvHeads, total, headDim) per layer.
 * Throws RangeError when a block's shape is not the cache's: callers check stamps with `blockFits` first.
 */
export function linkBlocks(prefix: LayerKv, blocks: readonly KvBlock[], shape: KvShape, rope: RopeSpec): LayerKv {
  const { layers, kvHeads, headDim } = shape;
  let total = prefix.tokens;
  for (const block of blocks) {
    if (block.shape.layers !== layers || block.shape.kvHeads !== kvHeads || block.shape.headDim !== headDim) {
      throw new RangeError('linkBlocks: a block of another shape');
    }
    total += block.tokens;
  }
  const table = angleTable(rope, total);
  const keys: Float32Array[] = [];
  const values: Float32Array[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const layerKeys = new Float32Array(kvHeads * total * headDim);
    const layerValues = new Float32Array(kvHeads * total * headDim);
    const prefixKeys = layerOf(prefix.keys, layer);
    const prefixValues = layerOf(prefix.values, layer);
    for (let head = 0; head < kvHeads; head++) {
      const headStart = head * total * headDim;
      const prefixLength = prefix.tokens * headDim;
      layerKeys.set(prefixKeys.subarray(head * prefixLength, (head + 1) * prefixLength), headStart);
      layerValues.set(prefixValues.subarray(head * prefixLength, (head + 1) * prefixLength), headStart);
      let position = prefix.tokens;
      for (const block of blocks) {
        const rowLength = block.tokens * headDim;
        const from = (layer * kvHeads + head) * rowLength;
        const to = headStart + position * headDim;
        read(block.keys, from, rowLength, layerKeys, to);
        rotateRows(layerKeys, to, block.tokens, position, 1, rope, table);
        read(block.values, from, rowLength, layerValues, to);
        position += block.tokens;
      }
    }
    keys.push(layerKeys);
    values.push(layerValues);
  }
  return { tokens: total, keys, values };
}

/** Whether a block was made by this model behind this prefix and can be linked into its cache. */
export function blockFits(block: KvBlock, stamp: BlockStamp): boolean {
  return (
    block.model === stamp.model &&
    block.prefixHash === stamp.prefixHash &&
    block.shape.layers === stamp.shape.layers &&
    block.shape.kvHeads === stamp.shape.kvHeads &&
    block.shape.headDim === stamp.shape.headDim &&
    block.rope.theta === stamp.rope.theta &&
    block.rope.rotaryDim === stamp.rope.rotaryDim &&
    block.rope.layout === stamp.rope.layout
  );
}

function layerOf(list: readonly Float32Array[], layer: number): Float32Array {
  const found = list[layer];
  if (found === undefined) throw new RangeError(`layer ${layer} of ${list.length}`);
  return found;
}

function write(from: Float32Array, to: Uint16Array | Float32Array, offset: number): void {
  if (to instanceof Float32Array) to.set(from, offset);
  else for (let i = 0; i < from.length; i++) to[offset + i] = toFloat16(from[i] as number);
}

function read(from: Uint16Array | Float32Array, start: number, length: number, to: Float32Array, offset: number): void {
  if (from instanceof Float32Array) {
    to.set(from.subarray(start, start + length), offset);
    return;
  }
  const table = float16Table();
  for (let i = 0; i < length; i++) to[offset + i] = table[from[start + i] as number] as number;
}
