// Which of a concept's facts a question asks for, whatever words either uses: two bags of hashed words that meet in one space.
// Trained by training/recall; a few thousand multiplications a text, so it needs no session of its own.

import { AppError } from './errors';

/** Parsed recall.bin; shapes in training/recall/export.py. */
export interface Recall {
  /** Unit vectors: what a question asks for, what a fact tells. `name` is the concept's, whose words say nothing of the topic. */
  ofQuestion(text: string, name: string): Float32Array;
  ofFact(text: string, name: string): Float32Array;
  /** Log odds that the fact answers the question. */
  logit(question: Float32Array, fact: Float32Array): number;
}

const MAGIC = 0x3143524a; // "JRC1"
const HEADER_BYTES = 4 + 5 * 4 + 2 * 4;
const WIDEST = 40; // words of a text that are looked at
const BARE = new Set(['the', 'my', 'our', 'a', 'an', 'of', 'and']);

/** Reads recall.bin. Throws AppError 'model-load' when its bytes are not what its header says. */
export function parseRecall(bytes: ArrayBuffer): Recall {
  const view = new DataView(bytes);
  if (bytes.byteLength < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw damaged();
  const [words = 0, stems = 0, couples = 0, width = 0, hidden = 0] = [0, 1, 2, 3, 4].map((i) =>
    view.getUint32(4 + 4 * i, true),
  );
  const buckets = words + stems + couples;
  const side = 2 * hidden * width + hidden + width;
  if (bytes.byteLength !== HEADER_BYTES + buckets * (4 + width) + 2 * side * 4) throw damaged();
  const scale = view.getFloat32(24, true);
  const offset = view.getFloat32(28, true);
  const steps = new Float32Array(bytes, HEADER_BYTES, buckets);
  const rows = new Int8Array(bytes, HEADER_BYTES + 4 * buckets, buckets * width); // (buckets, width)
  const nets = new Float32Array(bytes.slice(HEADER_BYTES + buckets * (4 + width)));

  const embed = (text: string, name: string, net: Float32Array): Float32Array => {
    const x = new Float32Array(width);
    for (const id of features(text, name, { words, stems, couples })) {
      const step = steps[id] ?? 0;
      for (let i = 0; i < width; i++) x[i] = (x[i] ?? 0) + step * (rows[id * width + i] ?? 0);
    }
    const size = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / width + 1e-6);
    for (let i = 0; i < width; i++) x[i] = (x[i] ?? 0) / size;
    return unit(through(x, net, width, hidden));
  };
  const asks = nets.subarray(0, side);
  const tells = nets.subarray(side);
  return {
    ofQuestion: (text, name) => embed(text, name, asks),
    ofFact: (text, name) => embed(text, name, tells),
    logit: (question, fact) => question.reduce((sum, v, i) => sum + v * (fact[i] ?? 0), 0) * scale + offset,
  };
}

/** x + leave(relu(enter(x))). */
function through(x: Float32Array, net: Float32Array, width: number, hidden: number): Float32Array {
  const enterBias = hidden * width;
  const leave = enterBias + hidden;
  const leaveBias = leave + width * hidden;
  const inner = new Float32Array(hidden);
  for (let h = 0; h < hidden; h++) {
    let sum = net[enterBias + h] ?? 0;
    for (let i = 0; i < width; i++) sum += (net[h * width + i] ?? 0) * (x[i] ?? 0);
    inner[h] = Math.max(0, sum);
  }
  return x.map((v, i) => {
    let sum = v + (net[leaveBias + i] ?? 0);
    for (let h = 0; h < hidden; h++) sum += (net[leave + i * hidden + h] ?? 0) * (inner[h] ?? 0);
    return sum;
  });
}

function unit(x: Float32Array): Float32Array {
  const size = Math.hypot(...x) || 1;
  return x.map((v) => v / size);
}

interface Buckets {
  readonly words: number;
  readonly stems: number;
  readonly couples: number;
}

/** Buckets of a text's words, of their first four letters and of its neighbouring words; digits are all alike. */
export function features(text: string, name: string, { words, stems, couples }: Buckets): number[] {
  const drop = new Set(wordsOf(name).filter((word) => !BARE.has(word)));
  const kept = wordsOf(text)
    .filter((word) => !drop.has(word))
    .map((word) => word.replace(/\p{Nd}/gu, '0'))
    .slice(0, WIDEST);
  return [
    ...kept.map((word) => bucket(word, words)),
    ...kept.filter((word) => word.length > 4).map((word) => words + bucket(`^${word.slice(0, 4)}`, stems)),
    ...kept.slice(1).map((word, i) => words + stems + bucket(`${kept[i] ?? ''} ${word}`, couples)),
  ];
}

function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replace(/['\u2019](s\b)?/g, '')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** FNV-1a over UTF-16 code units. */
function bucket(text: string, size: number): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return (hash >>> 0) % size;
}

function damaged(): AppError {
  return new AppError('model-load', 'The file recall.bin is damaged. Reload the page to fetch it again.');
}
