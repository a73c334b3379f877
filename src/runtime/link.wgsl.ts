// The shader that links one layer: reads a row as it rests, rotates its key to its place, writes it into the past tensors.
//
// [Note: Link shader] One dispatch fills the keys and values of one layer, a thread two neighbouring numbers of one row:
//   keys, values: (kvHeads, total, headDim)      row t < prefixTokens comes from the prefix, the others from blocks
//   rows: (total) where a token's numbers lie     prefix: (layers, 2, kvHeads, prefixTokens, headDim) float32, keys rotated
//   angles: (total, pairs, 2) cos and sin         blocks: what rests of every block, one behind the other
// How a number rests is `storedKey` and `storedValue` alone, by the row's kind: another form at rest adds a case there.

import type { KvDtype } from './kv-cache';

/** How a block's numbers rest. Offsets in `rows` count numbers of that form. */
export const ROW_KIND = { float16: 0, float32: 1, int8: 2 } as const;

/**
 * u32 fields of a row: first key and first value of its block, tokens of the block, which of them, kind; of int8 also the first
 * scale and zero of the keys' channels and of the values' tokens.
 */
export const ROW_FIELDS = 12; // padded to 48 bytes

export const WORKGROUP = 64;

/** u32 fields of the parameters, in the order of the struct. */
export const PARAM_FIELDS = [
  'layer',
  'kvHeads',
  'headDim',
  'rotaryDim',
  'total',
  'prefixTokens',
  'interleaved',
] as const;

export function linkShader(kvDtype: KvDtype): string {
  const half = kvDtype === 'float16';
  return /* wgsl */ `
struct Params { ${PARAM_FIELDS.map((field) => `${field}: u32,`).join(' ')} }
struct Row {
  keys: u32, values: u32, tokens: u32, index: u32, kind: u32,
  keyScales: u32, keyZeros: u32, valueScales: u32, valueZeros: u32, pad0: u32, pad1: u32, pad2: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> angles: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> prefix: array<f32>;
@group(0) @binding(4) var<storage, read> blocks: array<u32>;
@group(0) @binding(5) var<storage, read_write> keys: array<${half ? 'u32' : 'vec2<f32>'}>;
@group(0) @binding(6) var<storage, read_write> values: array<${half ? 'u32' : 'vec2<f32>'}>;

fn halfAt(at: u32) -> f32 {
  let pair = unpack2x16float(blocks[at >> 1u]);
  return select(pair.x, pair.y, (at & 1u) == 1u);
}
fn byteAt(at: u32) -> f32 { return f32((blocks[at >> 2u] >> (8u * (at & 3u))) & 255u); }

fn decoded(kind: u32, at: u32, scale: u32, zero: u32) -> f32 {
  if (kind == ${ROW_KIND.float32}u) { return bitcast<f32>(blocks[at]); }
  if (kind == ${ROW_KIND.int8}u) { return (byteAt(at) - byteAt(zero)) * halfAt(scale); }
  return halfAt(at);
}

// (layers, kvHeads, tokens, headDim) within a block.
fn offset(row: Row, head: u32, e: u32) -> u32 {
  return ((p.layer * p.kvHeads + head) * row.tokens + row.index) * p.headDim + e;
}
// Codes of keys are (layers, kvHeads, headDim), of values (layers, kvHeads, tokens).
fn storedKey(row: Row, head: u32, e: u32) -> f32 {
  let channel = (p.layer * p.kvHeads + head) * p.headDim + e;
  return decoded(row.kind, row.keys + offset(row, head, e), row.keyScales + channel, row.keyZeros + channel);
}
fn storedValue(row: Row, head: u32, e: u32) -> f32 {
  let token = (p.layer * p.kvHeads + head) * row.tokens + row.index;
  return decoded(row.kind, row.values + offset(row, head, e), row.valueScales + token, row.valueZeros + token);
}

// R(position) of one number, as rotateRows in core/rope.ts: x·cos − y·sin of the first, y·cos + x·sin of the second of a pair.
fn rotatedKey(row: Row, position: u32, head: u32, e: u32) -> f32 {
  let own = storedKey(row, head, e);
  if (e >= p.rotaryDim) { return own; }
  let pairs = p.rotaryDim / 2u;
  let first = select(e < pairs, (e & 1u) == 0u, p.interleaved == 1u);
  let pair = select(select(e - pairs, e, first), e >> 1u, p.interleaved == 1u);
  let other = select(select(e - pairs, e + pairs, first), e ^ 1u, p.interleaved == 1u);
  let angle = angles[position * pairs + pair];
  let partner = storedKey(row, head, other);
  return own * angle.x + select(partner, -partner, first) * angle.y;
}

fn prefixAt(part: u32, t: u32, head: u32, e: u32) -> vec2<f32> {
  let at = (((p.layer * 2u + part) * p.kvHeads + head) * p.prefixTokens + t) * p.headDim + e;
  return vec2<f32>(prefix[at], prefix[at + 1u]);
}

fn packed(pair: vec2<f32>) -> ${half ? 'u32' : 'vec2<f32>'} { return ${half ? 'pack2x16float(pair)' : 'pair'}; }

@compute @workgroup_size(${WORKGROUP})
fn link(@builtin(global_invocation_id) id: vec3<u32>) {
  let pairsInRow = p.headDim / 2u;
  let t = id.x / pairsInRow;
  if (t >= p.total) { return; }
  let e = (id.x % pairsInRow) * 2u;
  let head = id.y;
  let to = (head * p.total + t) * pairsInRow + e / 2u;
  if (t < p.prefixTokens) {
    keys[to] = packed(prefixAt(0u, t, head, e));
    values[to] = packed(prefixAt(1u, t, head, e));
    return;
  }
  let row = rows[t];
  keys[to] = packed(vec2<f32>(rotatedKey(row, t, head, e), rotatedKey(row, t, head, e + 1u)));
  values[to] = packed(vec2<f32>(storedValue(row, head, e), storedValue(row, head, e + 1u)));
}
`;
}
