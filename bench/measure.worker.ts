// Measures the real ports in a worker of their own: linked blocks against full prefill, and decoding; more in measure-*.ts.
//
// Every pair of rivals is run in turn, so that what else the machine does falls on both alike.

import * as Comlink from 'comlink';
import { encodeKvBlock, parseKvBlock } from '../src/core/kv-format';
import { turnSegment } from '../src/core/prompt';
import type { Backend, BlockKey, BlockRecord, KvShape, Photo } from '../src/core/types';
import type { VlmPort } from '../src/pipeline/ports';
import { loadVlm } from '../src/runtime/load-vlm';
import { openMemory } from '../src/storage/memory';
import type { Memory } from '../src/storage/memory';
import { makeConcepts } from './content';
import type { BenchConcept } from './content';
import type { ExactQuestion, ExactResult } from './exact-rows';
import { REAL_SIZE } from './figures';
import { measureDecode } from './measure-decode';
import { measureExact } from './measure-exact';
import { measureFirstToken } from './measure-first-token';
import { measureLink } from './measure-link';
import { measureRead } from './measure-read';
import { measureVisual, type VisualQuestion, type VisualRow } from './measure-visual';
import { sizedConcept } from './sized';

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

export interface VisualRequest {
  readonly model: string;
  readonly backend: Backend;
  readonly baseUrl: string;
  readonly questions: readonly VisualQuestion[];
}

export interface MeasureApi {
  measure(request: MeasureRequest): Promise<{ device: string; samples: Sample[] }>;
  exact(request: ExactRequest): Promise<ExactResult>;
  visual(request: VisualRequest): Promise<VisualRow[]>;
}

/** How many concepts a question brings with it. */
const SIZES = [1, 4, 16];
const SMOLVLM_256M: KvShape = { layers: 30, kvHeads: 3, headDim: 64 };
const SEED = 7;
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
    const made = await makeConcepts(Math.max(...SIZES), baseUrl, SEED);
    if (name === 'link') return { device: device.name, samples: await measureLink(vlm, made, SIZES, runs) };
    const concepts = made.map((concept) => sizedConcept(vlm.model, concept));
    const turn = turnSegment(`What does ${concepts[0]?.concept.name ?? 'Bo'} love?`);
    if (name === 'decode') {
      return { device: device.name, samples: await measureDecode(vlm, concepts, turn, SIZES, runs) };
    }
    const memory = await openMemory({ name: DATABASE });
    try {
      const keys = await fillMemory(memory, vlm, concepts);
      const remembered = { concepts, keys, read: (wanted: readonly BlockKey[]) => readBlocks(memory, wanted) };
      return { device: device.name, samples: await measureFirstToken(vlm, remembered, turn, SIZES, runs) };
    } finally {
      await memory.close();
      indexedDB.deleteDatabase(DATABASE);
    }
  },

  async exact({ model, backend, baseUrl, questions }) {
    const { vlm } = await loadVlm(model, backend, baseUrl, () => undefined);
    return measureExact(vlm, questions);
  },

  async visual({ model, backend, baseUrl, questions }) {
    const { vlm } = await loadVlm(model, backend, baseUrl, () => undefined);
    return measureVisual(vlm, questions);
  },
} satisfies MeasureApi);

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
