// Blocks from IndexedDB: as ArrayBuffers or as Blobs, in one transaction or one each, at the size of the blocks they would be.

import { openDB, type IDBPDatabase } from 'idb';
import { rowBytes } from '../src/core/kv-block';
import type { KvShape } from '../src/core/types';
import type { Sample } from './measure.worker';
import { createRng } from '../src/core/random';

const DATABASE = 'jarvis-bench-read';

/** Bytes of int8 blocks: a concept is a card of 50 tokens, three facts of 16 and a patch of 28, as mini's tokenizer has them. */
const TOKENS = [50, 16, 16, 16, 28];

/** Every way ends with the bytes in an ArrayBuffer, as parsing needs them. */
export async function measureRead(
  shapes: Readonly<Record<string, KvShape>>,
  sizes: readonly number[],
  runs: number,
): Promise<Sample[]> {
  const db = await openDB(DATABASE, 1, {
    upgrade(fresh) {
      for (const store of ['buffers', 'blobs']) fresh.createObjectStore(store);
    },
  });
  const samples: Sample[] = [];
  try {
    for (const [name, shape] of Object.entries(shapes)) {
      for (const size of sizes) samples.push(...(await readTimes(db, shape, size, runs, `${name} ${size}`)));
    }
  } finally {
    db.close();
    indexedDB.deleteDatabase(DATABASE);
  }
  return samples;
}

async function readTimes(
  db: IDBPDatabase,
  shape: KvShape,
  size: number,
  runs: number,
  label: string,
): Promise<Sample[]> {
  const random = createRng(size);
  const blocks = Array.from({ length: size }, () => TOKENS)
    .flat()
    .map((tokens) => randomBytes(rowBytes(shape, tokens, 'int8'), random));
  const bytes = blocks.reduce((sum, block) => sum + block.byteLength, 0);
  const keys = blocks.map((_, i) => `${label}/${i}`);
  const write = db.transaction(['buffers', 'blobs'], 'readwrite');
  for (const [i, block] of blocks.entries()) {
    void write.objectStore('buffers').put(block, keys[i]);
    void write.objectStore('blobs').put(new Blob([block]), keys[i]);
  }
  await write.done;
  const all = (store: string): Promise<unknown[]> => {
    const from = db.transaction(store).objectStore(store);
    return Promise.all(keys.map((key) => from.get(key) as Promise<unknown>));
  };
  const ways: Record<string, () => Promise<unknown[]>> = {
    buffers: () => all('buffers'),
    blobs: async () => Promise.all((await all('blobs')).map((blob) => (blob as Blob).arrayBuffer())),
    'buffers, a transaction each': () => Promise.all(keys.map((key) => db.get('buffers', key) as Promise<unknown>)),
  };
  const times = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
  for (let run = -1; run < runs; run++) {
    for (const [way, read] of Object.entries(ways)) {
      const startedAt = performance.now();
      const got = await read();
      const ms = performance.now() - startedAt;
      const total = got.reduce<number>((sum, one) => sum + (one as ArrayBuffer).byteLength, 0);
      if (total !== bytes) throw new Error(`${way}: ${total} bytes of ${bytes}`);
      if (run >= 0) times.get(way)?.push(ms);
    }
  }
  return [
    ...[...times].map(([way, values]) => ({ name: `${way} ${label}`, unit: 'ms', values })),
    { name: `bytes ${label}`, unit: 'bytes', values: [bytes] },
  ];
}

/** Not zeros: a disk may store those for nothing. */
function randomBytes(length: number, random: () => number): ArrayBuffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32;
  return words.buffer;
}
