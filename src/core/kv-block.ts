// A block: the K/V rows of one card, fact or patch, cut from a cache and kept position-free.

import { AppError } from './errors';
import { type AffineCode, codeChannels, codeTokens, emptyCode, MAX_REST } from './kv-code';
import { angleTable, rotateRows } from './rope';
import { narrow } from './tensor';
import type { Fingerprint, KvShape, RopeSpec } from './types';

/** How rows are held. float32 is for tests: it tells the rounding of storage from that of linking. */
export type BlockDtype = 'float32' | 'float16' | 'int8';

/** What a user may choose for memory at rest. */
export type RestDtype = Exclude<BlockDtype, 'float32'>;

/** int8 where it leaves 99 of 100 answers as they were: of mini's third version 312 of 312, see docs/kv-memory.md. */
export const DEFAULT_REST: RestDtype = 'int8';

/**
 * keys, values: (layers, kvHeads, tokens, headDim) row-major; keys un-rotated (`[Note: Canonical positions]` in rope.ts).
 * float16 as bits. int8 as codes: a key's code is its channel's, keyCode: (layers, kvHeads, headDim); a value's is its
 * token's, valueCode: (layers, kvHeads, tokens). See `[Note: int8 at rest]` in kv-code.ts.
 */
export type KvRows =
  | { readonly dtype: 'float32'; readonly keys: Float32Array; readonly values: Float32Array }
  | { readonly dtype: 'float16'; readonly keys: Uint16Array; readonly values: Uint16Array }
  | {
      readonly dtype: 'int8';
      readonly keys: Uint8Array;
      readonly values: Uint8Array;
      readonly keyCode: AffineCode;
      readonly valueCode: AffineCode;
    };

/** Whose block it is: the model, its prefix, and the cache it fits into. */
export interface BlockStamp {
  readonly shape: KvShape;
  readonly rope: RopeSpec;
  readonly model: Fingerprint;
  readonly prefixHash: string;
}

/** K/V of one segment. */
export type KvBlock = BlockStamp & { readonly tokens: number } & KvRows;

/** A cache on the CPU. keys[layer], values[layer]: (kvHeads, tokens, headDim), keys rotated to row index = position. */
export interface LayerKv {
  readonly tokens: number;
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

/** Bytes of K and V in the form given, codes included. */
export function rowBytes({ layers, kvHeads, headDim }: KvShape, tokens: number, dtype: BlockDtype): number {
  const numbers = 2 * layers * kvHeads * tokens * headDim;
  if (dtype !== 'int8') return numbers * (dtype === 'float16' ? 2 : 4);
  return numbers + 3 * layers * kvHeads * (headDim + tokens); // a scale of two bytes and a zero of one for each code
}

/** Bytes a block takes in memory. */
export function blockBytes({ shape, tokens, dtype }: KvBlock): number {
  return rowBytes(shape, tokens, dtype);
}

/** int8 where it is smaller: the codes of a block of one token would outweigh what they save. */
export function restOf(shape: KvShape, tokens: number, wanted: RestDtype): RestDtype {
  const smaller = rowBytes(shape, tokens, 'int8') < rowBytes(shape, tokens, 'float16');
  return wanted === 'int8' && smaller ? 'int8' : 'float16';
}

/** Cuts rows [fromToken, toToken) out of a cache, as cutRows. */
export function cutBlock(
  cache: LayerKv,
  fromToken: number,
  toToken: number,
  stamp: BlockStamp,
  dtype: BlockDtype = 'float16',
): KvBlock {
  const places = Array.from({ length: Math.max(0, toToken - fromToken) }, (_, i) => fromToken + i);
  return cutRows(cache, places, stamp, dtype);
}

/**
 * Cuts the rows at `places` (ascending) out of a cache and turns the keys back to position 0 exactly. Throws AppError 'model-run' when
 * a number among them is not finite or too large for float16: the model computed wrongly, and nothing of it may be kept.
 */
export function cutRows(
  cache: LayerKv,
  places: readonly number[],
  stamp: BlockStamp,
  dtype: BlockDtype = 'float16',
): KvBlock {
  const { layers, kvHeads, headDim } = stamp.shape;
  const tokens = places.length;
  if (
    places.length === 0 ||
    places.some((place, i) => place < 0 || place >= cache.tokens || place <= (places[i - 1] ?? -1))
  ) {
    throw new RangeError(`cutRows: rows ${places.join(', ')} of ${cache.tokens}`);
  }
  const runs = runsOf(places);
  const rowLength = tokens * headDim;
  const rows = emptyRows(stamp.shape, tokens, dtype);
  const table = angleTable(stamp.rope, (places.at(-1) ?? 0) + 1);
  const gather = (from: Float32Array, head: number): void => {
    for (const { at, place, count } of runs) {
      const start = (head * cache.tokens + place) * headDim;
      scratch.set(from.subarray(start, start + count * headDim), at * headDim);
    }
  };
  const scratch = new Float32Array(rowLength); // (tokens, headDim)
  for (let layer = 0; layer < layers; layer++) {
    const layerKeys = layerOf(cache.keys, layer);
    const layerValues = layerOf(cache.values, layer);
    for (let head = 0; head < kvHeads; head++) {
      const index = layer * kvHeads + head;
      gather(layerKeys, head);
      for (const { at, place, count } of runs) rotateRows(scratch, at * headDim, count, place, -1, stamp.rope, table);
      refuseWild(scratch);
      if (rows.dtype === 'int8') codeChannels(scratch, tokens, headDim, index, rows.keys, rows.keyCode);
      else write(scratch, rows.keys, index * rowLength);
      gather(layerValues, head);
      refuseWild(scratch);
      if (rows.dtype === 'int8') codeTokens(scratch, tokens, headDim, index, rows.values, rows.valueCode);
      else write(scratch, rows.values, index * rowLength);
    }
  }
  return { ...stamp, tokens, ...rows };
}

/** Whether a block was made by this model behind this prefix and can be linked into its cache. */
export function blockFits(block: BlockStamp, stamp: BlockStamp): boolean {
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

/** Neighbouring places together: `count` rows from `place` on become the rows from `at` on. */
function runsOf(places: readonly number[]): { at: number; place: number; count: number }[] {
  const runs: { at: number; place: number; count: number }[] = [];
  for (const [at, place] of places.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && last.place + last.count === place) last.count++;
    else runs.push({ at, place, count: 1 });
  }
  return runs;
}

export function layerOf(list: readonly Float32Array[], layer: number): Float32Array {
  const found = list[layer];
  if (found === undefined) throw new RangeError(`layer ${layer} of ${list.length}`);
  return found;
}

function emptyRows({ layers, kvHeads, headDim }: KvShape, tokens: number, dtype: BlockDtype): KvRows {
  const heads = layers * kvHeads;
  const count = heads * tokens * headDim;
  switch (dtype) {
    case 'float32':
      return { dtype, keys: new Float32Array(count), values: new Float32Array(count) };
    case 'float16':
      return { dtype, keys: new Uint16Array(count), values: new Uint16Array(count) };
    case 'int8': {
      const keyCode = emptyCode(heads * headDim);
      return {
        dtype,
        keys: new Uint8Array(count),
        values: new Uint8Array(count),
        keyCode,
        valueCode: emptyCode(heads * tokens),
      };
    }
    default:
      return dtype satisfies never;
  }
}

function write(from: Float32Array, to: Uint16Array | Float32Array, offset: number): void {
  if (to instanceof Float32Array) to.set(from, offset);
  else narrow(from, to.subarray(offset, offset + from.length));
}

function refuseWild(rows: Float32Array): void {
  for (let i = 0; i < rows.length; i++) {
    if (!(Math.abs(rows[i] as number) <= MAX_REST)) {
      throw new AppError('model-run', 'The model computed something that is not a number.');
    }
  }
}
