// Memory at rest, with the real model and the real IndexedDB: an edit runs one block's tokens, a bad block costs no answer, and a
// change of form is a rebuild in the background.
import { afterEach, beforeAll, expect, test } from 'vitest';
import { openDB } from 'idb';
import { rowBytes } from '../../src/core/kv-block';
import { parseKvBlock } from '../../src/core/kv-format';
import { factSegment } from '../../src/core/prompt';
import type { BlockKey, Fingerprint } from '../../src/core/types';
import { loadVlm } from '../../src/runtime/load-vlm';
import { segmentIds } from '../../src/runtime/prefill';
import { createVlm, type Vlm } from '../../src/runtime/vlm';
import { openMemory, type Memory } from '../../src/storage/memory';
import { ask, enrolment, startKitOn, type Kit } from '../support/engine-kit';

const DATABASE = 'at-rest-test';
const FACTS = ['Bo sleeps on the blue sofa.', 'Bo is allergic to chicken.', 'Bo is four years old.'];

let compact: Vlm;
let precise: Vlm;
let tokensRun = 0;

beforeAll(async () => {
  const { vlm } = await loadVlm('mini', 'wasm', `${location.origin}/`, () => undefined, 'int8');
  const { model } = vlm;
  const counted: typeof model = {
    ...model,
    forward(embeddings, tokens, past) {
      tokensRun += tokens;
      return model.forward(embeddings, tokens, past);
    },
  };
  compact = await createVlm(counted, vlm.info);
  // Loading twice would take a second session; only the fingerprint depends on it.
  precise = await createVlm(counted, { ...vlm.info, rest: 'float16', fingerprint: 'as-float16' as Fingerprint });
});

const kits: Kit<Vlm>[] = [];
let memory: Memory | undefined;

async function start(vlm: Vlm): Promise<Kit<Vlm>> {
  memory ??= await openMemory({ name: DATABASE });
  const kit = await startKitOn(vlm, { memory });
  kits.push(kit);
  return kit;
}

afterEach(async () => {
  for (const { engine, faults } of kits.splice(0)) {
    engine.close();
    expect(faults.map(({ message }) => message)).toEqual([]);
  }
  await memory?.close();
  memory = undefined;
  await new Promise((resolve) => (indexedDB.deleteDatabase(DATABASE).onsuccess = resolve));
});

async function withBo(vlm: Vlm): Promise<Kit<Vlm>> {
  const kit = await start(vlm);
  await kit.engine.enrol(enrolment('Bo', FACTS));
  await kit.engine.idle();
  return kit;
}

test('an edited fact runs its own tokens through the model and no others', async () => {
  const kit = await withBo(compact);
  const [fact] = await kit.memory.listFacts();
  if (!fact) throw new Error('no fact');
  tokensRun = 0;
  await kit.engine.editFact(fact.id, 'Bo sleeps in the green basket.');
  await kit.engine.idle();
  expect(tokensRun).toBe(segmentIds(compact.model, factSegment('Bo', 'Bo sleeps in the green basket.')).length);
});

test('blocks are int8 and under 30 % of float32, header and all', async () => {
  const kit = await withBo(compact);
  const heads = await kit.memory.listBlocks();
  const records = await kit.memory.readBlocks(heads.map(({ key }) => key));
  let stored = 0;
  let full = 0;
  for (const { bytes } of records.values()) {
    const { block } = parseKvBlock(bytes);
    expect(block.dtype).toBe('int8');
    stored += bytes.byteLength;
    full += rowBytes(block.shape, block.tokens, 'float32');
  }
  expect(records.size).toBe(4);
  expect(stored / full).toBeLessThan(0.32); // facts of ten tokens: the codes of a block weigh most there
});

test('a bad block is dropped, made again and answered from', async () => {
  const before = await ask(await withBo(compact), 'Where does Bo sleep?');
  kits[0]?.engine.close();
  const raw = await openDB(DATABASE);
  const whole = new Map<BlockKey, ArrayBuffer>();
  for (const key of (await raw.getAllKeys('blockBytes')) as BlockKey[]) {
    const bytes = (await raw.get('blockBytes', key)) as ArrayBuffer;
    whole.set(key, bytes.slice(0));
    new Uint8Array(bytes).fill(0, bytes.byteLength >> 1, (bytes.byteLength >> 1) + 8);
    await raw.put('blockBytes', bytes, key);
  }
  const after = await ask(await start(compact), 'Where does Bo sleep?');
  expect(after.text).toBe(before.text);
  expect(after.trace?.tokensLinked).toBe(before.trace?.tokensLinked);
  const linked = (await memory?.listBlocks())?.find(({ uses }) => uses > 0);
  if (!linked) throw new Error('no block was used');
  expect(await raw.get('blockBytes', linked.key)).toEqual(whole.get(linked.key));
  raw.close();
});

test('another form at rest is a rebuild, and a question that comes first is answered', async () => {
  const kit = await withBo(precise);
  const total = (await kit.memory.listBlocks()).length;
  const bytes = (await kit.memory.usage()).blocksBytes;
  const before = await ask(kit, 'Where does Bo sleep?');
  kit.engine.close();
  const changed = await start(compact);
  expect((await ask(changed, 'Where does Bo sleep?')).text).toBe(before.text);
  await changed.engine.idle();
  expect(changed.snapshots.at(-1)).toMatchObject({ staleBlocks: 0, blocks: total });
  expect((await changed.memory.usage()).blocksBytes).toBeLessThan(0.65 * bytes);
});

test('the form at rest is part of the fingerprint', async () => {
  const { vlm } = await loadVlm('mini', 'wasm', `${location.origin}/`, () => undefined, 'float16');
  expect(vlm.info.fingerprint).not.toBe(compact.info.fingerprint);
  expect(vlm.info.rest).toBe('float16');
});
