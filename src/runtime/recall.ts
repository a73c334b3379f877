// Recall on ONNX Runtime's CPU: [Note: Recall's model] in core/recall.ts. The graph's inputs and outputs are told in training/recall/export.py.
import { Tokenizer } from '@huggingface/tokenizers';
import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import * as v from 'valibot';
import { AppError } from '../core/errors';
import type { Recall } from '../core/recall';
import { openModelFiles } from './model-files';
import { runError } from './faults';

const Config = v.object({
  pieces: v.number(), // of a text that are looked at
  upper: v.number(), // layers that compare
  width: v.number(),
  cosine: v.number(), // log odds of two texts of one meaning
  nought: v.number(), // of nothing
});

/** A text that was read: T pieces. */
interface Told {
  readonly vector: Float32Array; // (width), unit
  readonly states: Float32Array; // (upper, T, width)
}

const QUESTION = 0;
const FACT = 1;
const KEPT_FACTS = 256; // about 120 KB each
const KEPT_VECTORS = 16_384; // of facts, 1.5 KB each
const COMPARED = 24; // facts of one question, nearest in meaning first
const UNLIKELY = -20; // log odds of the others, and of a text without words

/**
 * Runs of one session, so one at a time: whoever calls holds the model queue. `runtime`: settled when ONNX Runtime is set up; without waiting for
 * it, the library would fetch its WASM from a server of its own choice. Throws AppError 'model-load'.
 */
export async function openRecall(baseUrl: string, runtime: Promise<unknown>): Promise<Recall> {
  const files = openModelFiles(new URL('models/recall/', baseUrl).href, () => undefined);
  const [given, tokens, bytes] = await Promise.all([
    files.json('config.json'),
    files.json('tokenizer.json'),
    files.bytes('recall.onnx'),
  ]);
  const config = v.safeParse(Config, given);
  if (!config.success) throw damaged();
  const { pieces, upper, width, cosine, nought } = config.output;
  await runtime;
  const [tokenizer, session] = await open(tokens, bytes);

  function piecesOf(text: string): number[] {
    const { ids } = tokenizer.encode(text);
    return ids.length <= pieces ? ids : [...ids.slice(0, pieces - 1), ...ids.slice(-1)];
  }

  async function run(
    ids: readonly number[],
    side: number,
    facts: number,
    memory: Float32Array,
    told: Uint8Array,
  ): Promise<{ judged: Float32Array; vector: Float32Array; states: Float32Array }> {
    const tokensOfFact = told.length / facts;
    const outputs = await session
      .run({
        ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
        side: new Tensor('int64', BigInt64Array.of(BigInt(side)), [1]),
        memory: new Tensor('float32', memory, [facts, upper, tokensOfFact, width]),
        told: new Tensor('bool', told, [facts, tokensOfFact]),
      })
      .catch((error: unknown) => {
        throw runError(error);
      });
    return {
      judged: floatsOf(outputs['judged']),
      vector: floatsOf(outputs['vector']),
      states: floatsOf(outputs['states']),
    };
  }

  const known = new Map<string, Told>();
  const vectors = new Map<string, Float32Array>(); // of all facts that were ever read
  async function read(fact: string): Promise<Told> {
    const before = known.get(fact);
    const told = before ?? (await run(piecesOf(fact), FACT, 1, new Float32Array(0), new Uint8Array(0)));
    known.delete(fact);
    known.set(fact, { vector: told.vector, states: told.states }); // last used comes last
    if (vectors.size < KEPT_VECTORS) vectors.set(fact, told.vector);
    for (const oldest of known.keys()) {
      if (known.size <= KEPT_FACTS) break;
      known.delete(oldest);
    }
    return told;
  }

  /** The facts' memories side by side, padded to the longest; the first row is empty: the question alone. */
  function joined(facts: readonly Told[]): { memory: Float32Array; told: Uint8Array } {
    const sizes = facts.map(({ states }) => states.length / upper / width);
    const widest = Math.max(...sizes);
    const memory = new Float32Array((facts.length + 1) * upper * widest * width);
    const told = new Uint8Array((facts.length + 1) * widest);
    facts.forEach(({ states }, i) => {
      const size = sizes[i] ?? 0;
      for (let layer = 0; layer < upper; layer++) {
        const own = states.subarray(layer * size * width, (layer + 1) * size * width);
        memory.set(own, ((i + 1) * upper + layer) * widest * width);
      }
      told.fill(1, (i + 1) * widest, (i + 1) * widest + size);
    });
    return { memory, told };
  }

  async function meaning(asked: readonly number[]): Promise<Float32Array> {
    return (await run(asked, QUESTION, 1, new Float32Array(0), new Uint8Array(0))).vector;
  }

  return {
    async odds(question, facts, signal) {
      const out = facts.map(() => UNLIKELY);
      if (!hasWords(question)) return out;
      const asked = piecesOf(question);
      const read_: { at: number; told: Told }[] = [];
      for (const [at, fact] of facts.entries()) {
        signal.throwIfAborted();
        if (hasWords(fact)) read_.push({ at, told: await read(fact) });
      }
      if (read_.length === 0) return out;
      let compared = read_;
      if (read_.length > COMPARED) {
        const vector = await meaning(asked);
        compared = [...read_]
          .sort((a, b) => dot(vector, b.told.vector) - dot(vector, a.told.vector))
          .slice(0, COMPARED);
      }
      signal.throwIfAborted();
      const { memory, told } = joined(compared.map((one) => one.told));
      const { judged, vector } = await run(asked, QUESTION, compared.length + 1, memory, told);
      compared.forEach((one, i) => {
        out[one.at] = (judged[i + 1] ?? 0) + cosine * dot(vector, one.told.vector) + nought;
      });
      return out;
    },
    async nearest(question, facts, most, signal) {
      signal.throwIfAborted();
      const read_ = facts.flatMap((fact, at) => {
        const vector = vectors.get(fact);
        return vector === undefined ? [] : [{ at, vector }];
      });
      if (read_.length === 0 || !hasWords(question)) return [];
      const asked = await meaning(piecesOf(question));
      const scored = read_.map(({ at, vector }) => ({ at, cosine: dot(asked, vector) }));
      return scored
        .sort((a, b) => b.cosine - a.cosine)
        .slice(0, most)
        .map(({ at }) => at);
    },
    async prepare(facts, signal) {
      for (const fact of facts) {
        signal.throwIfAborted();
        if (hasWords(fact)) await read(fact);
      }
    },
  };
}

async function open(tokens: unknown, bytes: ArrayBuffer): Promise<[Tokenizer, InferenceSession]> {
  try {
    // On the CPU everywhere: a question is a dozen pieces, which a graphics card would only wait for.
    const session = InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 });
    return [new Tokenizer(tokens as object, {}), await session];
  } catch (error) {
    throw new AppError('model-load', 'The model "recall" could not be loaded.', { cause: error });
  }
}

function damaged(): AppError {
  return new AppError(
    'model-load',
    'The files of the model "recall" are damaged. Reload the page to fetch them again.',
  );
}

function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (!tensor || !(tensor.data instanceof Float32Array)) throw damaged();
  return tensor.data;
}

function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
