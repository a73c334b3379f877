// Numbers in typed arrays: float16 at rest, float32 at work, and the few vector operations every stage needs.

// [Note: float16] Blocks rest as IEEE binary16 in a Uint16Array (Float16Array is not in every engine we run on).
// Widening is a 65,536-entry table (256 KiB, built on first use); narrowing rounds to nearest, ties to even.

const narrowFloat = new Float32Array(1);
const narrowBits = new Uint32Array(narrowFloat.buffer);

let widenTable: Float32Array | undefined;

/** Table from float16 bits to their value, (65536). */
export function float16Table(): Float32Array {
  if (widenTable !== undefined) return widenTable;
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else if (exponent === 31) table[bits] = fraction === 0 ? sign * Infinity : NaN;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  widenTable = table;
  return table;
}

/** Bits of the float16 nearest to `value`; beyond ±65,504 it becomes an infinity. */
export function toFloat16(value: number): number {
  narrowFloat[0] = value;
  const bits = narrowBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds to 2^16 or more
  if (magnitude < 0x38800000) {
    // Below 2^-14: a subnormal, which is an integer number of 2^-24.
    const scaled = Math.abs(narrowFloat[0]) * 2 ** 24;
    let whole = Math.floor(scaled);
    const rest = scaled - whole;
    if (rest > 0.5 || (rest === 0.5 && (whole & 1) === 1)) whole++;
    return sign | whole;
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** Writes float32 `from` into float16 `to`; same length. */
export function narrow(from: Float32Array, to: Uint16Array): void {
  if (from.length !== to.length) throw new RangeError(`narrow: ${from.length} values into ${to.length}`);
  for (let i = 0; i < from.length; i++) to[i] = toFloat16(from[i] as number);
}

/** Writes float16 `from` into float32 `to`; same length. */
export function widen(from: Uint16Array, to: Float32Array): void {
  if (from.length !== to.length) throw new RangeError(`widen: ${from.length} values into ${to.length}`);
  const table = float16Table();
  for (let i = 0; i < from.length; i++) to[i] = table[from[i] as number] as number;
}

/** Inner product of row `aRow` of a: (·, dim) with row `bRow` of b: (·, dim). Four sums, so that one need not wait for another. */
export function dotRows(a: Float32Array, aRow: number, b: Float32Array, bRow: number, dim: number): number {
  let i = aRow * dim;
  let j = bRow * dim;
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  const end = i + dim;
  for (; i + 3 < end; i += 4, j += 4) {
    sum0 += (a[i] as number) * (b[j] as number);
    sum1 += (a[i + 1] as number) * (b[j + 1] as number);
    sum2 += (a[i + 2] as number) * (b[j + 2] as number);
    sum3 += (a[i + 3] as number) * (b[j + 3] as number);
  }
  for (; i < end; i++, j++) sum0 += (a[i] as number) * (b[j] as number);
  return sum0 + sum1 + sum2 + sum3;
}

/** Inner product of two vectors of one length. */
export function dot(a: Float32Array, b: Float32Array): number {
  return dotRows(a, 0, b, 0, Math.min(a.length, b.length));
}

/** Scales `vector` to unit length in place; a zero vector stays zero. */
export function normalise(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
  return vector;
}

/** Cosine of the angle between two vectors, 0 when either is zero. */
export function cosine(a: Float32Array, b: Float32Array): number {
  const scale = Math.sqrt(dot(a, a) * dot(b, b));
  return scale > 0 ? dot(a, b) / scale : 0;
}
