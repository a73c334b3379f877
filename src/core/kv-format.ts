// JKV1, the form of a block on disk: one ArrayBuffer, checked field by field when read.

import { AppError } from './errors';
import { blockFits, type BlockDtype, type BlockStamp, type KvBlock, type KvRows } from './kv-block';
import type { AffineCode } from './kv-code';
import type { BlockKey, Fingerprint, KvShape } from './types';

// [Note: JKV1] Little-endian, version 2 (version 1 knew neither int8 nor the key). Strings are ASCII, together padded with zeros to
// a multiple of 8; so is each part of the data.
//   0 'JKV1' | 4 u16 version | 6 u8 dtype (1 float16, 2 float32, 3 int8) | 7 u8 layout (0 half, 1 interleaved)
//   8 u32 layers | 12 u32 kvHeads | 16 u32 headDim | 20 u32 rotaryDim | 24 f64 theta
//   32 u32 tokens | 36 u32 model length | 40 u32 prefix hash length | 44 u32 key length | 48 u32 data bytes | 52 u32 checksum
//   56 model, prefix hash, key | keys (layers, kvHeads, tokens, headDim) | values (same)
//   int8 only: key scales u16 (layers, kvHeads, headDim) | value scales u16 (layers, kvHeads, tokens) | key zeros u8 | value zeros u8
// The checksum covers all but itself. The key is the address a block was stored at: bytes under another's key are as wrong as torn
// ones, and would answer for the wrong thing.

/** Part of every fingerprint: blocks in an older form are stale and are made again. */
export const KV_FORMAT = 'JKV1.2';

const MAGIC = 0x31564b4a; // 'JKV1' read as little-endian u32
const VERSION = 2;
const HEADER_BYTES = 56;
const CHECKSUM_AT = 52;
const MAX_TEXT = 256; // a fingerprint or hash is under 100 characters
const MAX_DIM = 65536; // far above any decoder's layers, heads, head size or context
const FLOAT16_INFINITY = 0x7c00;
const DTYPES: readonly (BlockDtype | undefined)[] = [undefined, 'float16', 'float32', 'int8'];

export function encodeKvBlock(block: KvBlock, key: BlockKey): ArrayBuffer {
  const { shape, rope } = block;
  const text = block.model + block.prefixHash + key;
  const parts = partsOf(block);
  const dataBytes = parts.reduce((sum, part) => sum + padded(part.byteLength), 0);
  let at = HEADER_BYTES + padded(text.length);
  const bytes = new ArrayBuffer(at + dataBytes);
  const view = new DataView(bytes);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint8(6, DTYPES.indexOf(block.dtype));
  view.setUint8(7, rope.layout === 'half' ? 0 : 1);
  view.setUint32(8, shape.layers, true);
  view.setUint32(12, shape.kvHeads, true);
  view.setUint32(16, shape.headDim, true);
  view.setUint32(20, rope.rotaryDim, true);
  view.setFloat64(24, rope.theta, true);
  view.setUint32(32, block.tokens, true);
  view.setUint32(36, block.model.length, true);
  view.setUint32(40, block.prefixHash.length, true);
  view.setUint32(44, key.length, true);
  view.setUint32(48, dataBytes, true);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126) throw bad('its fingerprint is not plain text');
    view.setUint8(HEADER_BYTES + i, code);
  }
  const into = new Uint8Array(bytes);
  for (const part of parts) {
    into.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += padded(part.byteLength);
  }
  view.setUint32(CHECKSUM_AT, checksumOf(bytes), true);
  return bytes;
}

/** Reads a JKV1 buffer; the block's arrays are views into it. Throws AppError 'bad-block' naming the field that is wrong. */
export function parseKvBlock(bytes: ArrayBuffer): { readonly block: KvBlock; readonly key: BlockKey } {
  if (bytes.byteLength < HEADER_BYTES || bytes.byteLength % 8 !== 0) throw bad(`it is ${bytes.byteLength} bytes long`);
  const view = new DataView(bytes);
  if (view.getUint32(0, true) !== MAGIC) throw bad('it does not begin with JKV1');
  const version = view.getUint16(4, true);
  if (version !== VERSION) throw bad(`it has version ${version}, this app reads ${VERSION}`);
  const dtype = DTYPES[view.getUint8(6)];
  if (dtype === undefined) throw bad(`number type ${view.getUint8(6)} is unknown`);
  const layoutCode = view.getUint8(7);
  if (layoutCode > 1) throw bad(`rotation layout ${layoutCode} is unknown`);
  const layers = dimension(view, 8, 'layers');
  const kvHeads = dimension(view, 12, 'heads');
  const headDim = dimension(view, 16, 'head size');
  const rotaryDim = dimension(view, 20, 'rotated size');
  if (rotaryDim > headDim || rotaryDim % 2 !== 0) throw bad(`${rotaryDim} of ${headDim} numbers are rotated`);
  const theta = view.getFloat64(24, true);
  if (!Number.isFinite(theta) || theta <= 1) throw bad(`theta is ${theta}`);
  const tokens = dimension(view, 32, 'tokens');
  const modelLength = view.getUint32(36, true);
  const prefixLength = view.getUint32(40, true);
  const keyLength = view.getUint32(44, true);
  if (Math.max(modelLength, prefixLength, keyLength) > MAX_TEXT) throw bad('its fingerprint is too long');
  const shape = { layers, kvHeads, headDim };
  const lengths = partLengths(shape, tokens, dtype); // up to 2^66 as doubles: only compared until the length has been checked
  const due = lengths.reduce((sum, length) => sum + padded(length), 0);
  const dataBytes = view.getUint32(48, true);
  if (dataBytes !== due) throw bad(`${dataBytes} bytes of data where ${due} belong`);
  const textLength = modelLength + prefixLength + keyLength;
  const dataAt = HEADER_BYTES + padded(textLength);
  if (bytes.byteLength !== dataAt + dataBytes) throw bad('it is cut short or has bytes left over');
  if (view.getUint32(CHECKSUM_AT, true) !== checksumOf(bytes)) throw bad('its checksum does not match');
  const model = ascii(view, HEADER_BYTES, modelLength) as Fingerprint;
  const prefixHash = ascii(view, HEADER_BYTES + modelLength, prefixLength);
  const key = ascii(view, HEADER_BYTES + modelLength + prefixLength, keyLength) as BlockKey;
  const rope = { theta, headDim, rotaryDim, layout: layoutCode === 0 ? 'half' : 'interleaved' } as const;
  return { block: { shape, rope, tokens, model, prefixHash, ...rowsAt(bytes, dataAt, lengths, dtype) }, key };
}

/** As parseKvBlock, and it is the block that was asked for: of this address, model, prefix, shape and length. */
export function acceptKvBlock(
  bytes: ArrayBuffer,
  due: { readonly key: BlockKey; readonly tokens: number; readonly stamp: BlockStamp },
): KvBlock {
  const { block, key } = parseKvBlock(bytes);
  if (key !== due.key) throw bad('it was stored in the place of another');
  if (block.tokens !== due.tokens) throw bad(`it has ${block.tokens} tokens where ${due.tokens} belong`);
  if (!blockFits(block, due.stamp)) throw bad('it belongs to another model or prompt');
  return block;
}

/** Over the buffer's 32-bit words, its own left out. Each step is a bijection of its sum, so a change in one word is always seen. */
export function checksumOf(bytes: ArrayBuffer): number {
  const words = new Uint32Array(bytes);
  let a = 0x811c9dc5 | 0;
  for (let i = 0; i < CHECKSUM_AT / 4; i++) a = mixed(a, words[i] as number);
  // Four sums, so that one need not wait for another.
  let b = 0x9e3779b9 | 0;
  let c = 0x85ebca6b | 0;
  let d = 0xc2b2ae35 | 0;
  let i = CHECKSUM_AT / 4 + 1;
  for (; i + 3 < words.length; i += 4) {
    a = mixed(a, words[i] as number);
    b = mixed(b, words[i + 1] as number);
    c = mixed(c, words[i + 2] as number);
    d = mixed(d, words[i + 3] as number);
  }
  for (; i < words.length; i++) a = mixed(a, words[i] as number);
  return mixed(mixed(mixed(a, b), c), d) >>> 0;
}

/** FNV-1a, and a turn: FNV alone never carries a high bit downward. */
function mixed(sum: number, word: number): number {
  const product = Math.imul(sum ^ word, 0x01000193);
  return (product << 13) | (product >>> 19);
}

function partsOf(rows: KvRows): (Uint8Array | Uint16Array | Float32Array)[] {
  if (rows.dtype !== 'int8') return [rows.keys, rows.values];
  const { keyCode, valueCode } = rows;
  return [rows.keys, rows.values, keyCode.scales, valueCode.scales, keyCode.zeros, valueCode.zeros];
}

/** Bytes of each part, unpadded, in the order in which they lie. */
function partLengths({ layers, kvHeads, headDim }: KvShape, tokens: number, dtype: BlockDtype): number[] {
  const heads = layers * kvHeads;
  const count = heads * tokens * headDim;
  if (dtype === 'float16') return [2 * count, 2 * count];
  if (dtype === 'float32') return [4 * count, 4 * count];
  return [count, count, 2 * heads * headDim, 2 * heads * tokens, heads * headDim, heads * tokens];
}

function rowsAt(bytes: ArrayBuffer, dataAt: number, lengths: readonly number[], dtype: BlockDtype): KvRows {
  let end = dataAt;
  const starts = lengths.map((length) => {
    const start = end;
    end += padded(length);
    return start;
  });
  const [keys = 0, values = 0, keyScales = 0, valueScales = 0, keyZeros = 0, valueZeros = 0] = starts;
  const size = lengths[0] ?? 0;
  if (dtype === 'float16') {
    return { dtype, keys: new Uint16Array(bytes, keys, size / 2), values: new Uint16Array(bytes, values, size / 2) };
  }
  if (dtype === 'float32') {
    return { dtype, keys: new Float32Array(bytes, keys, size / 4), values: new Float32Array(bytes, values, size / 4) };
  }
  return {
    dtype,
    keys: new Uint8Array(bytes, keys, size),
    values: new Uint8Array(bytes, values, size),
    keyCode: codeAt(bytes, keyScales, keyZeros, lengths[4] ?? 0),
    valueCode: codeAt(bytes, valueScales, valueZeros, lengths[5] ?? 0),
  };
}

function codeAt(bytes: ArrayBuffer, scalesAt: number, zerosAt: number, groups: number): AffineCode {
  const scales = new Uint16Array(bytes, scalesAt, groups);
  // With the sign in the highest bit, this refuses negative scales, infinities and what is not a number.
  for (let i = 0; i < groups; i++) if ((scales[i] as number) >= FLOAT16_INFINITY) throw bad('a scale is not a size');
  return { scales, zeros: new Uint8Array(bytes, zerosAt, groups) };
}

function dimension(view: DataView, at: number, what: string): number {
  const value = view.getUint32(at, true);
  if (value < 1 || value > MAX_DIM) throw bad(`${what} is ${value}`);
  return value;
}

function ascii(view: DataView, at: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(view.getUint8(at + i));
  return text;
}

/** Up to the next multiple of 8; exact beyond 32 bits, where `& ~7` is not. */
function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

function bad(why: string): AppError {
  return new AppError('bad-block', `A memory block cannot be used: ${why}. It will be made again.`);
}
