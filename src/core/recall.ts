// Which of a concept's facts a question asks for, whatever words either uses. Trained by training/recall; plain arithmetic, so that it
// runs in the stage that is pure.
//
// [Note: Recall's model] Words are GloVe vectors; a small transformer reads the question and, beforehand, each fact; the question then
// attends to the fact's keys and values, which are kept, as the VLM's are. The logit is nought where "answers" and "does not" are even.

import { AppError } from './errors';
import {
  attended,
  dot,
  nearestOf,
  normed,
  pooled,
  product,
  rest,
  shares,
  through,
  unit,
  type Layer,
  type Matrix,
  type Side,
} from './recall-net';
import { topicWords, Vocabulary, WIDEST } from './recall-words';

/** Parsed recall.bin; its layout is in training/recall/export.py. */
export interface Recall {
  /**
   * Log odds that `fact` answers `question`. `name` is the concept's, whose words say nothing of the topic. What is worked out of a fact
   * is kept for the last few hundred of them.
   */
  odds(question: string, fact: string, name: string): number;
}

/** W words; D width. */
interface Asked {
  readonly words: Float32Array; // (W, 100) unit vectors
  readonly read: Float32Array; // (W, D)
  readonly meaning: Float32Array; // (D,) unit
}

interface Told {
  readonly words: Float32Array; // (W, 100) unit vectors
  readonly meaning: Float32Array;
  readonly kept: readonly { readonly keys: Float32Array; readonly values: Float32Array }[]; // a layer: (1 + W, D), the first for none
}

const MAGIC = 0x3243524a; // "JRC2"
const KEPT_FACTS = 400; // about 50 KB each
const KEPT_QUESTIONS = 4;
const NOTHING = -20; // logit of a text without words

/** Reads recall.bin. Throws AppError 'model-load' when its bytes are not what its header says. */
export function parseRecall(bytes: ArrayBuffer): Recall {
  const file = new Reader(bytes);
  if (file.uint() !== MAGIC) throw damaged();
  const sizes = Array.from({ length: 8 }, () => file.uint());
  const [triples = 0, couples = 0, axes = 0, width = 0, heads = 0, hidden = 0, reads = 0, compares = 0] = sizes;
  const vocabulary = new Vocabulary(file.text().split('\n'), triples, couples);
  const steps = file.floats(vocabulary.words.length + triples + couples);
  const table = file.bytes(steps.length * axes); // (rows, axes)
  const loudness = file.floats(steps.length);
  const side = (): Side => ({
    enter: file.matrix(hidden, width),
    enterBias: file.floats(hidden),
    leave: file.matrix(width, hidden),
    leaveBias: file.floats(width),
  });
  const layer = (compare: boolean): Layer => ({
    before: file.floats(width),
    between: file.floats(width),
    none: file.floats(compare ? width : 0),
    q: file.matrix(width, width),
    k: file.matrix(width, width),
    v: file.matrix(width, width),
    o: file.matrix(width, width),
    ...side(),
  });
  const bag = file.matrix(width, axes);
  const asks = side();
  const tells = side();
  const enter = file.matrix(width, axes);
  const enterBias = file.floats(width);
  const place = file.floats(WIDEST * width);
  const sides = file.floats(2 * width);
  const nearest = file.floats(width);
  const last = file.floats(width);
  const weigh = file.floats(width + 1);
  const judge = file.floats(width + 1);
  const alike = file.floats(3);
  const readLayers = Array.from({ length: reads }, () => layer(false));
  const compareLayers = Array.from({ length: compares }, () => layer(true));
  file.end();

  const addRow = (out: Float32Array, at: number, row: number, share: number): void => {
    const scale = (steps[row] ?? 0) * share;
    for (let i = 0; i < axes; i++) out[at + i] = (out[at + i] ?? 0) + scale * (table[row * axes + i] ?? 0);
  };

  /** (W, axes): the mean of each word's rows. */
  const vectors = (words: readonly string[]): Float32Array => {
    const out = new Float32Array(words.length * axes);
    words.forEach((word, at) => {
      const rows = vocabulary.rows(word);
      for (const row of rows) addRow(out, at * axes, row, 1 / rows.length);
    });
    return out;
  };

  /** Unit vector (D,) of a text as a bag of words and of neighbouring words. */
  const meaningOf = (words: readonly string[], vectors: Float32Array, way: Side): Float32Array => {
    const sum = new Float32Array(axes);
    words.forEach((word, w) => {
      const [row = 0, ...more] = vocabulary.rows(word);
      const loud = more.length === 0 ? (loudness[row] ?? 1) : 1;
      for (let i = 0; i < axes; i++) sum[i] = (sum[i] ?? 0) + loud * (vectors[w * axes + i] ?? 0);
    });
    for (const row of vocabulary.couples(words)) addRow(sum, 0, row, loudness[row] ?? 0);
    const x = product(normed(sum, new Float32Array(axes).fill(1)), bag, 1);
    return unit(through(way, x, x), width);
  };

  const read = (words: Float32Array, which: 0 | 1): Float32Array => {
    const count = words.length / axes;
    let x = product(words, enter, count);
    for (let w = 0; w < count; w++) {
      for (let i = 0; i < width; i++) {
        x[w * width + i] =
          (x[w * width + i] ?? 0) + (enterBias[i] ?? 0) + (place[w * width + i] ?? 0) + (sides[which * width + i] ?? 0);
      }
    }
    for (const one of readLayers) {
      const h = normed(x, one.before);
      x = rest(one, x, attended(one, h, product(h, one.k, count), product(h, one.v, count), heads));
    }
    return x;
  };

  const asked = (text: string, name: string): Asked => {
    const spoken = topicWords(text, name).map((word) => vocabulary.meant(word));
    const words = vectors(spoken);
    return { words: unit(words, axes), read: read(words, 0), meaning: meaningOf(spoken, words, asks) };
  };

  const told = (text: string, name: string): Told => {
    const spoken = topicWords(text, name).map((word) => vocabulary.meant(word));
    const words = vectors(spoken);
    const x = read(words, 1);
    const kept = compareLayers.map((one) => {
      const h = new Float32Array(width + x.length);
      h.set(one.none);
      h.set(x, width);
      const count = h.length / width;
      return { keys: product(h, one.k, count), values: product(h, one.v, count) };
    });
    return { words: unit(words, axes), meaning: meaningOf(spoken, words, tells), kept };
  };

  const questions = kept(asked, KEPT_QUESTIONS);
  const facts = kept(told, KEPT_FACTS);
  return {
    odds: (questionText, factText, name) => {
      const [question, fact] = [questions(questionText, name), facts(factText, name)];
      if (question.words.length === 0 || fact.words.length === 0) return NOTHING;
      const near = nearestOf(question.words, fact.words, axes);
      let x: Float32Array = question.read.map(
        (v, i) => v + (near[Math.floor(i / width)] ?? 0) * (nearest[i % width] ?? 0),
      );
      compareLayers.forEach((one, i) => {
        const { keys, values } = fact.kept[i] ?? { keys: new Float32Array(0), values: new Float32Array(0) };
        x = rest(one, x, attended(one, normed(x, one.before), keys, values, heads));
      });
      x = normed(x, last);
      const weights = shares(x, weigh);
      const judged = dot(pooled(x, weights), judge, width) + (judge[width] ?? 0);
      const overlap = weights.reduce((sum, weight, w) => sum + weight * (near[w] ?? 0), 0);
      const cosine = dot(question.meaning, fact.meaning, width);
      return judged + overlap * (alike[0] ?? 0) + cosine * (alike[1] ?? 0) + (alike[2] ?? 0);
    },
  };
}

/** `make`, its last `most` results kept. */
function kept<T>(make: (text: string, name: string) => T, most: number): (text: string, name: string) => T {
  const known = new Map<string, T>();
  return (text, name) => {
    const key = `${name}\n${text}`;
    const before = known.get(key);
    const value = before ?? make(text, name);
    known.delete(key);
    known.set(key, value); // last used comes last
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
    return value;
  };
}

/** Little-endian fields in order; every one throws where the file ends too soon. */
class Reader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly buffer: ArrayBuffer) {
    this.view = new DataView(buffer);
  }

  uint(): number {
    this.need(4);
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  floats(count: number): Float32Array {
    this.need(4 * count);
    const out = new Float32Array(this.buffer.slice(this.at, this.at + 4 * count));
    this.at += 4 * count;
    return out;
  }

  bytes(count: number): Int8Array {
    this.need(count);
    this.at += count;
    return new Int8Array(this.buffer, this.at - count, count);
  }

  /** ASCII. */
  text(): string {
    const length = this.uint();
    this.need(length);
    this.at += length;
    return Array.from(new Uint8Array(this.buffer, this.at - length, length), (byte) => String.fromCharCode(byte)).join(
      '',
    );
  }

  /** float32 step of each row, then int8 rows. */
  matrix(rows: number, columns: number): Matrix {
    const steps = this.floats(rows);
    const weights = Float32Array.from(this.bytes(rows * columns), (q, i) => q * (steps[Math.floor(i / columns)] ?? 0));
    return { rows, columns, weights };
  }

  end(): void {
    if (this.at !== this.buffer.byteLength) throw damaged();
  }

  private need(count: number): void {
    if (count > this.buffer.byteLength - this.at) throw damaged();
  }
}

function damaged(): AppError {
  return new AppError('model-load', 'The file recall.bin is damaged. Reload the page to fetch it again.');
}
