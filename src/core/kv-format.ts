// JKV1, the form of a block on disk and in archives: one ArrayBuffer, checked field by field when read.

import { AppError } from './errors';
import type { KvBlock } from './kv-block';
import type { Fingerprint } from './types';

// [Note: JKV1] Little-endian. Strings are ASCII, together padded with zeros to a multiple of 8.
//   0 'JKV1' | 4 u16 version | 6 u8 dtype (1 float16, 2 float32) | 7 u8 layout (0 half, 1 interleaved)
//   8 u32 layers | 12 u32 kvHeads | 16 u32 headDim | 20 u32 rotaryDim | 24 f64 theta
//   32 u32 tokens | 36 u32 model length | 40 u32 prefix hash length | 44 u32 data bytes | 48 u32 checksum | 52 u32 zero
//   56 model, prefix hash, padding | keys (layers, kvHeads, tokens, headDim) | values (same)
// The checksum is FNV-1a over 32-bit words of everything but itself: each step is a bijection of the running sum, so a
// change inside one word is always seen.

const MAGIC = 0x31564b4a; // 'JKV1' read as little-endian u32
const VERSION = 1;
const HEADER_BYTES = 56;
const CHECKSUM_AT = 48;
const MAX_TEXT = 256; // a fingerprint or hash is under 100 characters
const MAX_DIM = 65536; // far above any decoder's layers, heads, head size or context

export function encodeKvBlock(block: KvBlock): ArrayBuffer {
  const { shape, rope } = block;
  const text = block.model + block.prefixHash;
  const dataAt = HEADER_BYTES + padded(text.length);
  const dataBytes = block.keys.byteLength + block.values.byteLength;
  const bytes = new ArrayBuffer(padded(dataAt + dataBytes));
  const view = new DataView(bytes);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint8(6, block.dtype === 'float16' ? 1 : 2);
  view.setUint8(7, rope.layout === 'half' ? 0 : 1);
  view.setUint32(8, shape.layers, true);
  view.setUint32(12, shape.kvHeads, true);
  view.setUint32(16, shape.headDim, true);
  view.setUint32(20, rope.rotaryDim, true);
  view.setFloat64(24, rope.theta, true);
  view.setUint32(32, block.tokens, true);
  view.setUint32(36, block.model.length, true);
  view.setUint32(40, block.prefixHash.length, true);
  view.setUint32(44, dataBytes, true);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126) throw bad('its fingerprint is not plain text');
    view.setUint8(HEADER_BYTES + i, code);
  }
  const into = new Uint8Array(bytes);
  into.set(bytesOf(block.keys), dataAt);
  into.set(bytesOf(block.values), dataAt + block.keys.byteLength);
  view.setUint32(CHECKSUM_AT, checksum(bytes), true);
  return bytes;
}

/** Reads a JKV1 buffer; keys and values are views into it. Throws AppError 'bad-block' naming the field that is wrong. */
export function parseKvBlock(bytes: ArrayBuffer): KvBlock {
  if (bytes.byteLength < HEADER_BYTES || bytes.byteLength % 8 !== 0) throw bad(`it is ${bytes.byteLength} bytes long`);
  const view = new DataView(bytes);
  if (view.getUint32(0, true) !== MAGIC) throw bad('it does not begin with JKV1');
  const version = view.getUint16(4, true);
  if (version !== VERSION) throw bad(`it has version ${version}, this app reads ${VERSION}`);
  const dtypeCode = view.getUint8(6);
  if (dtypeCode !== 1 && dtypeCode !== 2) throw bad(`number type ${dtypeCode} is unknown`);
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
  if (modelLength > MAX_TEXT || prefixLength > MAX_TEXT) throw bad('its fingerprint is too long');
  const count = layers * kvHeads * tokens * headDim; // at most 2^64 as a double: only compared, never allocated
  const width = dtypeCode === 1 ? 2 : 4;
  const dataBytes = view.getUint32(44, true);
  if (dataBytes !== 2 * count * width) throw bad(`${dataBytes} bytes of data where ${2 * count * width} belong`);
  if (view.getUint32(52, true) !== 0) throw bad('a reserved field is not zero');
  const dataAt = HEADER_BYTES + padded(modelLength + prefixLength);
  if (bytes.byteLength !== padded(dataAt + dataBytes)) throw bad('it is cut short or has bytes left over');
  if (view.getUint32(CHECKSUM_AT, true) !== checksum(bytes)) throw bad('its checksum does not match');
  const make = (offset: number): Uint16Array | Float32Array =>
    dtypeCode === 1 ? new Uint16Array(bytes, offset, count) : new Float32Array(bytes, offset, count);
  return {
    shape: { layers, kvHeads, headDim },
    rope: { theta, headDim, rotaryDim, layout: layoutCode === 0 ? 'half' : 'interleaved' },
    tokens,
    model: ascii(view, HEADER_BYTES, modelLength) as Fingerprint,
    prefixHash: ascii(view, HEADER_BYTES + modelLength, prefixLength),
    dtype: dtypeCode === 1 ? 'float16' : 'float32',
    keys: make(dataAt),
    values: make(dataAt + count * width),
  };
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

/** FNV-1a over the buffer's 32-bit words, the checksum's own word left out. */
function checksum(bytes: ArrayBuffer): number {
  const words = new Uint32Array(bytes);
  const skip = CHECKSUM_AT / 4;
  let sum = 0x811c9dc5 | 0;
  for (let i = 0; i < words.length; i++) {
    if (i === skip) continue;
    sum = Math.imul(sum ^ (words[i] as number), 0x01000193);
    sum = (sum << 13) | (sum >>> 19); // FNV alone never carries a high bit downward
  }
  return sum >>> 0;
}

function bytesOf(array: Uint16Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function padded(length: number): number {
  return (length + 7) & ~7;
}

function bad(why: string): AppError {
  return new AppError('bad-block', `A memory block cannot be used: ${why}. It will be made again.`);
}
