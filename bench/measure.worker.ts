// Measures the real ports in a worker of their own: linked blocks against full prefill, and decoding; more in measure-*.ts.
//
// Every pair of rivals is run in turn, so that what else the machine does falls on both alike.

import * as Comlink from 'comlink';
import { encodeKvBlock, parseKvBlock } from '../src/core/kv-format';
import { turnSegment } from '../src/core/prompt';
import { GREEDY } from '../src/core/stages/decode';
import type { Backend, BlockKey, BlockRecord, KvShape, Photo, Segment } from '../src/core/types';
import type { VlmPort, VlmSession } from '../src/pipeline/ports';
import { loadVlm } from '../src/runtime/load-vlm';
import { openMemory } from '../src/storage/memory';
import type { Memory } from '../src/storage/memory';
import { makeConcepts } from './content';
import type { BenchConcept } from './content';
import type { ExactQuestion, ExactResult } from './exact-rows';
import { REAL_SIZE } from './figures';
import { measureExact } from './measure-exact';
import { measureLink } from './measure-link';
import { measureRead } from './measure-read';

export interface MeasureRequest {
  readonly name: 'first-token' | 'link' | 'read' | 'decode';
  readonly model: string;
  readonly backend: Backend;
  readonly baseUrl: string;
  readonly runs: number;
}

/** Every single time of one figure, in order. */
export interface Sample {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
}

export interface ExactRequest {
  readonly model: string;
  readonly backend: Backend;
  readonly baseUrl: string;
  readonly questions: readonly ExactQuestion[];
}

export interface MeasureApi {
  measure(request: MeasureRequest): Promise<{ device: string; samples: Sample[] }>;
  exact(request: ExactRequest): Promise<ExactResult>;
}

/** How many concepts a question brings with it. */
const SIZES = [1, 4, 16];
const SMOLVLM_256M: KvShape = { layers: 30, kvHeads: 3, headDim: 64 };
const SEED = 7;
const WARM_UP = 1;
const DATABASE = 'jarvis-bench';
const never = new AbortController().signal;

Comlink.expose({
  async measure({ name, model, backend, baseUrl, runs }) {
    const { vlm, device } = await loadVlm(model, backend, baseUrl, () => undefined);
    if (name === 'read')
      return {
        device: device.name,
        samples: await measureRead({ [REAL_SIZE]: SMOLVLM_256M, [model]: vlm.info.kv }, SIZES, runs),
      };
    const concepts = await makeConcepts(Math.max(...SIZES), baseUrl, SEED);
    if (name === 'link') return { device: device.name, samples: await measureLink(vlm, concepts, SIZES, runs) };
    const turn = turnSegment(`What does ${concepts[0]?.concept.name ?? 'Bo'} love?`);
    const memory = await openMemory({ name: DATABASE });
    try {
      const keys = await fillMemory(memory, vlm, concepts);
      const stage = { vlm, memory, concepts, keys, turn, runs };
      const measures = { 'first-token': measureFirstToken, decode: measureDecode };
      return { device: device.name, samples: await measures[name](stage) };
    } finally {
      await memory.close();
      indexedDB.deleteDatabase(DATABASE);
    }
  },

  async exact({ model, backend, baseUrl, questions }) {
    const { vlm } = await loadVlm(model, backend, baseUrl, () => undefined);
    return measureExact(vlm, questions);
  },
} satisfies MeasureApi);

interface Bench {
  readonly vlm: VlmPort;
  readonly memory: Memory;
  readonly concepts: readonly BenchConcept[];
  readonly keys: readonly (readonly BlockKey[])[]; // by concept
  readonly turn: Segment;
  readonly runs: number;
}

/** From the question to its first token: blocks read from IndexedDB and linked, against prefilling all of it again. */
async function measureFirstToken({ vlm, memory, concepts, keys, turn, runs }: Bench): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const size of SIZES) {
    const wanted = keys.slice(0, size).flat();
    const segments = concepts.slice(0, size).flatMap(({ blocks }) => blocks.map(({ segment }) => segment));
    const linked: number[] = [];
    const full: number[] = [];
    let tokens = 0;
    for (let run = -WARM_UP; run < runs; run++) {
      const byLinking = await timeToFirstToken(async () => {
        const session = await vlm.link(await readBlocks(memory, wanted), never);
        return { session, logits: await session.prefill([turn], never) };
      });
      const byPrefill = await timeToFirstToken(async () => {
        const session = await vlm.link([], never);
        return { session, logits: await session.prefill([...segments, turn], never) };
      });
      if (byLinking.tokens !== byPrefill.tokens) {
        throw new Error(`not the same prompt: ${byLinking.tokens} tokens linked, ${byPrefill.tokens} prefilled`);
      }
      tokens = byLinking.tokens;
      if (run < 0) continue;
      linked.push(byLinking.ms);
      full.push(byPrefill.ms);
    }
    samples.push(
      { name: `linked ${size}`, unit: 'ms', values: linked },
      { name: `full prefill ${size}`, unit: 'ms', values: full },
      { name: `tokens ${size}`, unit: 'tokens', values: [tokens] },
    );
  }
  return samples;
}

/** Tokens after the first, behind caches of every size. The end of turn is pushed away by sampling on to 32 tokens. */
async function measureDecode({ vlm, memory, keys, turn, runs }: Bench): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const size of SIZES) {
    const wanted = keys.slice(0, size).flat();
    const perToken: number[] = [];
    for (let run = -WARM_UP; run < runs; run++) {
      const session = await vlm.link(await readBlocks(memory, wanted), never);
      try {
        const logits = await session.prefill([turn], never);
        // Hot enough that answers are long; the times of a token do not depend on which it is.
        const sampling = { ...GREEDY, temperature: 4, maxTokens: 33, seed: run + 100 };
        const decoded = await session.decode(logits, sampling, () => undefined, never);
        const ms = performance.now() - decoded.firstTokenAt;
        if (run >= 0 && decoded.tokens > 4) perToken.push(ms / (decoded.tokens - 1));
      } finally {
        session.dispose();
      }
    }
    samples.push({ name: `decode ${size}`, unit: 'ms/token', values: perToken });
  }
  return samples;
}

async function timeToFirstToken(
  ask: () => Promise<{ session: VlmSession; logits: Float32Array }>,
): Promise<{ ms: number; tokens: number }> {
  const startedAt = performance.now();
  const { session, logits } = await ask();
  try {
    const { tokens } = session;
    const decoded = await session.decode(logits, { ...GREEDY, maxTokens: 1 }, () => undefined, never);
    return { ms: decoded.firstTokenAt - startedAt, tokens };
  } finally {
    session.dispose();
  }
}

async function readBlocks(memory: Memory, keys: readonly BlockKey[]) {
  const records = await memory.readBlocks(keys);
  return inOrder(keys, records).map((record) => parseKvBlock(record.bytes).block);
}

function inOrder(keys: readonly BlockKey[], records: ReadonlyMap<BlockKey, BlockRecord>): BlockRecord[] {
  return keys.map((key) => {
    const record = records.get(key);
    if (!record) throw new Error('a block was not stored');
    return record;
  });
}

/** As enrolment leaves it: sources first, for blocks without an owner are not kept. */
async function fillMemory(memory: Memory, vlm: VlmPort, concepts: readonly BenchConcept[]): Promise<BlockKey[][]> {
  const keys: BlockKey[][] = [];
  for (const { concept, facts, photoId, pixels, blocks } of concepts) {
    await memory.saveConcept(concept);
    await memory.saveFacts(facts);
    const { widthPx, heightPx } = pixels;
    const photo: Photo = {
      id: photoId,
      conceptId: concept.id,
      widthPx,
      heightPx,
      mime: 'image/jpeg',
      bytes: 0,
      pixelHash: photoId,
      createdAt: 0,
    };
    await memory.savePhotos([{ photo, bytes: new ArrayBuffer(0) }], []);
    const records: BlockRecord[] = [];
    for (const { source, segment } of blocks) {
      const block = await vlm.encodeBlock(segment, never);
      const key = await vlm.blockKey(segment);
      records.push({
        key,
        source,
        model: block.model,
        tokens: block.tokens,
        bytes: encodeKvBlock(block, key),
        usedAt: Date.now(),
        uses: 0,
      });
    }
    await memory.saveBlocks(records);
    keys.push(records.map(({ key }) => key));
  }
  return keys;
}
