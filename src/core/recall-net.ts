// The arithmetic of recall's small transformer (see [Note: Recall's model] in recall.ts). W words, D width; a row a word.

export interface Matrix {
  readonly rows: number; // outputs
  readonly columns: number; // inputs
  readonly weights: Float32Array;
}

/** A small network of one hidden layer. */
export interface Side {
  readonly enter: Matrix;
  readonly enterBias: Float32Array;
  readonly leave: Matrix;
  readonly leaveBias: Float32Array;
}

export interface Layer extends Side {
  readonly before: Float32Array;
  readonly between: Float32Array;
  readonly none: Float32Array; // empty in a layer that reads
  readonly q: Matrix;
  readonly k: Matrix;
  readonly v: Matrix;
  readonly o: Matrix;
}

/** x (W, columns) · matrixᵀ: (W, rows). */
export function product(x: Float32Array, { rows, columns, weights }: Matrix, count: number): Float32Array {
  const out = new Float32Array(count * rows);
  for (let w = 0; w < count; w++) {
    for (let r = 0; r < rows; r++) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let i = w * columns, j = r * columns, end = i + columns; i < end; i += 4, j += 4) {
        a += (x[i] as number) * (weights[j] as number);
        b += (x[i + 1] as number) * (weights[j + 1] as number);
        c += (x[i + 2] as number) * (weights[j + 2] as number);
        d += (x[i + 3] as number) * (weights[j + 3] as number);
      }
      out[w * rows + r] = a + b + c + d;
    }
  }
  return out;
}

/** RMS norm of each word times a gain. */
export function normed(x: Float32Array, gain: Float32Array): Float32Array {
  const width = gain.length;
  const out = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += width) {
    const size = Math.sqrt(dot(x.subarray(at, at + width), x.subarray(at, at + width), width) / width + 1e-6);
    for (let i = 0; i < width; i++) out[at + i] = ((x[at + i] ?? 0) / size) * (gain[i] ?? 0);
  }
  return out;
}

/** Attention of h (W, D) to keys and values (N, D), through the output matrix. */
export function attended(
  layer: Layer,
  h: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  heads: number,
): Float32Array {
  const width = layer.before.length;
  const size = width / heads;
  const [count, length] = [h.length / width, keys.length / width];
  const q = product(h, layer.q, count);
  const out = new Float32Array(h.length);
  const scores = new Float32Array(length);
  for (let w = 0; w < count; w++) {
    for (let head = 0; head < heads; head++) {
      const at = w * width + head * size;
      const asked = q.subarray(at, at + size);
      for (let n = 0; n < length; n++) {
        const from = n * width + head * size;
        scores[n] = dot(asked, keys.subarray(from, from + size), size) / Math.sqrt(size);
      }
      softmax(scores);
      for (let n = 0; n < length; n++) {
        for (let i = 0; i < size; i++) {
          out[at + i] = (out[at + i] ?? 0) + (scores[n] ?? 0) * (values[n * width + head * size + i] ?? 0);
        }
      }
    }
  }
  return product(out, layer.o, count);
}

/** What follows attention in a layer: x + attended, and the small network on it. */
export function rest(layer: Layer, x: Float32Array, attention: Float32Array): Float32Array {
  const sum = x.map((v, i) => v + (attention[i] ?? 0));
  return through(layer, sum, normed(sum, layer.between));
}

/** x + leave(relu(enter(h))), x and h (W, D). */
export function through(side: Side, x: Float32Array, h: Float32Array): Float32Array {
  const width = side.leaveBias.length;
  const hidden = side.enterBias.length;
  const count = x.length / width;
  const inner = product(h, side.enter, count);
  for (let i = 0; i < inner.length; i++) inner[i] = Math.max(0, (inner[i] ?? 0) + (side.enterBias[i % hidden] ?? 0));
  const out = product(inner, side.leave, count);
  return x.map((v, i) => v + (out[i] ?? 0) + (side.leaveBias[i % width] ?? 0));
}

/** How much each word of x (W, D) counts: softmax of a linear map (D weights, then a bias). */
export function shares(x: Float32Array, map: Float32Array): Float32Array {
  const width = map.length - 1;
  const out = new Float32Array(x.length / width);
  for (let w = 0; w < out.length; w++)
    out[w] = dot(x.subarray(w * width, (w + 1) * width), map, width) + (map[width] ?? 0);
  return softmax(out);
}

export function pooled(x: Float32Array, weights: Float32Array): Float32Array {
  const width = weights.length === 0 ? 0 : x.length / weights.length;
  const out = new Float32Array(width);
  weights.forEach((weight, w) => {
    for (let i = 0; i < width; i++) out[i] = (out[i] ?? 0) + weight * (x[w * width + i] ?? 0);
  });
  return out;
}

/** For each of the question's words, the cosine of the fact's word nearest to it, or nought. */
export function nearestOf(question: Float32Array, fact: Float32Array, axes: number): Float32Array {
  const out = new Float32Array(question.length / axes);
  for (let w = 0; w < out.length; w++) {
    for (let at = 0; at < fact.length; at += axes) {
      const cosine = dot(question.subarray(w * axes, (w + 1) * axes), fact.subarray(at, at + axes), axes);
      out[w] = Math.max(out[w] ?? 0, cosine);
    }
  }
  return out;
}

function softmax(x: Float32Array): Float32Array {
  const most = x.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] = Math.exp((x[i] ?? 0) - most);
  for (let i = 0; i < x.length; i++) x[i] = (x[i] ?? 0) / sum;
  return x;
}

/** Each row of x (·, width) brought to length one. */
export function unit(x: Float32Array, width: number): Float32Array {
  const out = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += width) {
    const row = x.subarray(at, at + width);
    const size = Math.sqrt(dot(row, row, width)) || 1;
    for (let i = 0; i < width; i++) out[at + i] = (row[i] ?? 0) / size;
  }
  return out;
}

export function dot(a: Float32Array, b: Float32Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
