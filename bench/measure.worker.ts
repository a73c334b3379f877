// Times the real ports in a worker of their own: linked blocks against full prefill, linking alone, and decoding
// (measure-*.ts).
//
// Every pair of rivals is run in turn, so that what else the machine does falls on both alike.

import * as Comlink from 'comlink';
import { encodeKvBlock, parseKvBlock } from '../src/core/kv-block';
import { turnSegment } from '../src/core/prompt';
import type { Backend, BlockKey, BlockRecord, Photo } from '../src/core/types';
import type { VlmPort } from '../src/pipeline/ports';
import { loadVlm } from '../src/runtime/load-vlm';
import { openMemory } from '../src/storage/memory';
import type { Memory } from '../src/storage/memory';
import { makeConcepts } from './content';
import type { BenchConcept } from './content';
import { measureDecode } from './measure-decode';
import { measureFirstToken } from './measure-first-token';
import { sizedConcept } from './sized';

export interface MeasureRequest {
  readonly name: 'first-token' | 'link' | 'decode';
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

export interface MeasureApi {
  measure(request: MeasureRequest): Promise<{ device: string; samples: Sample[] }>;
}

/** How many concepts a question brings with it. */
const SIZES = [1, 4, 16];
const SEED = 7;
const WARM_UP = 1;
const DATABASE = 'jarvis-bench';
const never = new AbortController().signal;

Comlink.expose({
  async measure({ name, model, backend, baseUrl, runs }) {
    const { vlm, device } = await loadVlm(model, backend, baseUrl, () => undefined);
    const made = await makeConcepts(Math.max(...SIZES), baseUrl, SEED);
    const concepts = name === 'link' ? made : made.map((concept) => sizedConcept(vlm.model, concept));
    const turn = turnSegment(`What does ${concepts[0]?.concept.name ?? 'Bo'} love?`);
    if (name === 'decode') {
      return { device: device.name, samples: await measureDecode(vlm, concepts, turn, SIZES, runs) };
    }
    const memory = await openMemory({ name: DATABASE });
    try {
      const keys = await fillMemory(memory, vlm, concepts);
      const remembered = { concepts, keys, read: (wanted: readonly BlockKey[]) => readBlocks(memory, wanted) };
      const samples =
        name === 'link'
          ? await measureLink({ vlm, memory, keys, runs })
          : await measureFirstToken(vlm, remembered, turn, SIZES, runs);
      return { device: device.name, samples };
    } finally {
      await memory.close();
      indexedDB.deleteDatabase(DATABASE);
    }
  },
} satisfies MeasureApi);

interface Bench {
  readonly vlm: VlmPort;
  readonly memory: Memory;
  readonly keys: readonly (readonly BlockKey[])[]; // by concept
  readonly runs: number;
}

/** What a link is made of: reading the blocks, and putting them in place. */
async function measureLink({ vlm, memory, keys, runs }: Bench): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const size of SIZES) {
    const wanted = keys.slice(0, size).flat();
    const read: number[] = [];
    const link: number[] = [];
    let bytes = 0;
    for (let run = -WARM_UP; run < runs; run++) {
      const startedAt = performance.now();
      const records = await memory.readBlocks(wanted);
      const readAt = performance.now();
      const blocks = inOrder(wanted, records).map((record) => parseKvBlock(record.bytes));
      (await vlm.link(blocks, never)).dispose();
      const linkedAt = performance.now();
      bytes = [...records.values()].reduce((total, record) => total + record.bytes.byteLength, 0);
      if (run < 0) continue;
      read.push(readAt - startedAt);
      link.push(linkedAt - readAt);
    }
    samples.push(
      { name: `read ${size}`, unit: 'ms', values: read },
      { name: `link ${size}`, unit: 'ms', values: link },
      { name: `bytes ${size}`, unit: 'bytes', values: [bytes] },
    );
  }
  return samples;
}

async function readBlocks(memory: Memory, keys: readonly BlockKey[]) {
  const records = await memory.readBlocks(keys);
  return inOrder(keys, records).map((record) => parseKvBlock(record.bytes));
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
      records.push({
        key: await vlm.blockKey(segment),
        source,
        model: block.model,
        tokens: block.tokens,
        bytes: encodeKvBlock(block),
        usedAt: Date.now(),
      });
    }
    await memory.saveBlocks(records);
    keys.push(records.map(({ key }) => key));
  }
  return keys;
}
