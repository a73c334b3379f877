// Blocks over fakes: what an edit costs in tokens, what a bad block costs an answer (nothing), and how stale ones are made again.
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeKvBlock, parseKvBlock } from '../../../src/core/kv-format';
import type { BlockKey, BlockRecord, Fingerprint } from '../../../src/core/types';
import type { MemoryPort } from '../../../src/pipeline/ports';
import { openMemory, type Memory } from '../../../src/storage/memory';
import { ask, enrolment, startKit, type Kit } from '../../support/engine-kit';
import { fakeMemory } from '../../support/fake-memory';
import { fakeVlm, picture, RED } from '../../support/fake-models';

const redMug = picture([{ x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb: RED }]);
const FACTS = ['Bo sleeps on the blue sofa.', 'He is allergic to chicken.'];

const kits: Kit[] = [];
const opened: Memory[] = [];
async function kitOf(...parts: Parameters<typeof startKit>): Promise<Kit> {
  const kit = await startKit(...parts);
  kits.push(kit);
  return kit;
}
beforeEach(() => {
  indexedDB = new IDBFactory();
});
afterEach(async () => {
  for (const { engine, faults } of kits.splice(0)) {
    engine.close();
    expect(faults.map((fault) => fault.message)).toEqual([]);
  }
  await Promise.all(opened.splice(0).map((memory) => memory.close()));
});

async function withBo(memory: MemoryPort = fakeMemory()): Promise<Kit> {
  const kit = await kitOf({ memory });
  await kit.engine.enrol(enrolment('Bo', FACTS, [redMug]));
  await kit.engine.idle();
  return kit;
}

async function recordsOf(memory: MemoryPort): Promise<BlockRecord[]> {
  return [...(await memory.readBlocks((await memory.listBlocks()).map(({ key }) => key))).values()];
}

describe('incremental', () => {
  it('an edited fact costs its own tokens and no others', async () => {
    const kit = await withBo();
    const [fact] = await kit.memory.listFacts();
    if (fact === undefined) throw new Error('no fact');
    const before = kit.vlm.prefilled;
    await kit.engine.editFact(fact.id, 'Bo sleeps in a basket.');
    await kit.engine.idle();
    expect(kit.vlm.prefilled - before).toBe('Note about Bo: Bo sleeps in a basket.\n'.length);
  });

  it('a question costs its own tokens, however much is linked', async () => {
    const kit = await withBo();
    const before = kit.vlm.prefilled;
    const { trace } = await ask(kit, 'Where does Bo sleep?');
    expect(kit.vlm.prefilled - before).toBe(kit.vlm.turns.at(-1)?.turn.length);
    expect(trace?.tokensPrefilled).toBe(kit.vlm.turns.at(-1)?.turn.length);
  });

  it('after a start no question reads blocks from disk: the most used were read before', async () => {
    const memory = fakeMemory();
    const first = await withBo(memory);
    first.engine.close();
    const reads: (readonly BlockKey[])[] = [];
    const counted: MemoryPort = {
      ...memory,
      readBlocks(keys) {
        reads.push(keys);
        return memory.readBlocks(keys);
      },
    };
    const second = await kitOf({ memory: counted });
    await second.engine.idle();
    expect(new Set(reads.flat())).toEqual(new Set((await memory.listBlocks()).map(({ key }) => key)));
    const before = reads.length;
    expect((await ask(second, 'Where does Bo sleep?')).text).toBe('Bo sleeps on the blue sofa.');
    expect(reads).toHaveLength(before);
  });

  it('a deleted concept leaves nothing in any store, though it was drawn on, asked about and still being encoded', async () => {
    const memory = await openMemory();
    opened.push(memory);
    const kit = await withBo(memory);
    await ask(kit, 'Where does Bo sleep?');
    const [concept] = await memory.listConcepts();
    const [photo] = await memory.listPhotos();
    if (concept === undefined || photo === undefined) throw new Error('nothing enrolled');
    await kit.engine.replacePatches(photo.id, [{ x: 0.1, y: 0.1, w: 0.2, h: 0.2 }]);
    await kit.engine.addFacts(concept.id, ['Bo fears thunder.']); // its block is on its way
    await kit.engine.deleteConcept(concept.id);
    await kit.engine.idle();
    const raw = await openDB('jarvis');
    const counts: Record<string, number> = {};
    for (const store of raw.objectStoreNames) counts[store] = await raw.count(store);
    raw.close();
    const { chats, settings, ...rest } = counts; // what was said; that this photo's boxes are the user's, and which model ran
    expect([chats, settings]).toEqual([1, 2]);
    expect(new Set(Object.values(rest))).toEqual(new Set([0]));
    expect(Object.keys(rest)).toHaveLength(9);
  });
});

describe('a bad block', () => {
  const BAD: Record<string, (record: BlockRecord, all: readonly BlockRecord[]) => ArrayBuffer> = {
    'cut short': ({ bytes }) => bytes.slice(0, -8),
    empty: () => new ArrayBuffer(0),
    'with a flipped bit'({ bytes }) {
      const copy = bytes.slice(0);
      const last = new DataView(copy);
      last.setUint8(copy.byteLength - 9, last.getUint8(copy.byteLength - 9) ^ 4);
      return copy;
    },
    'of another address': (record, all) => all[(all.indexOf(record) + 1) % all.length]?.bytes ?? new ArrayBuffer(0),
    'of another model, though its record says otherwise'({ bytes, key }) {
      const { block } = parseKvBlock(bytes);
      return encodeKvBlock({ ...block, model: 'other' as Fingerprint }, key);
    },
    'of another shape'({ bytes, key }) {
      const { block } = parseKvBlock(bytes);
      return encodeKvBlock({ ...block, shape: { layers: 1, kvHeads: 2, headDim: 1 } }, key);
    },
    'of another length, though its checksum fits'({ bytes, key }) {
      const { block } = parseKvBlock(bytes);
      if (block.dtype !== 'float16') throw new Error('not float16');
      const half = { keys: block.keys.slice(0, 2), values: block.values.slice(0, 2) };
      return encodeKvBlock({ ...block, ...half, tokens: 1 }, key);
    },
  };

  it.each(Object.keys(BAD))('%s is dropped and made again, and the question is answered', async (name) => {
    const kit = await withBo();
    const records = await recordsOf(kit.memory);
    await kit.memory.saveBlocks(
      records.map((record) => ({ ...record, bytes: BAD[name]?.(record, records) ?? record.bytes })),
    );
    kit.engine.close();
    const fresh = await kitOf({ memory: kit.memory });
    expect((await ask(fresh, 'Where does Bo sleep?')).text).toBe('Bo sleeps on the blue sofa.');
    expect(fresh.vlm.encoded).toContain('Note about Bo: Bo sleeps on the blue sofa.\n');
    await fresh.engine.idle();
    const again = fresh.vlm.encoded.length;
    expect((await ask(fresh, 'Where does Bo sleep?')).text).toBe('Bo sleeps on the blue sofa.');
    expect(fresh.vlm.encoded).toHaveLength(again);
    const key = (records.find(({ source }) => source.kind === 'fact')?.key ?? '') as BlockKey;
    const whole = records.find((record) => record.key === key)?.bytes;
    expect((await kit.memory.readBlocks([key])).get(key)?.bytes).toEqual(whole);
  });
});

describe('stale blocks', () => {
  /** Three concepts: Max asked about twice, Mia once, Bo never. Then the model is another. */
  async function changedModel() {
    const memory = fakeMemory();
    const first = await kitOf({ memory });
    for (const name of ['Bo', 'Mia', 'Max']) {
      await first.engine.enrol(enrolment(name, [`${name} sleeps in ${name}'s room.`, `${name} likes cheese.`]));
    }
    await first.engine.idle();
    await ask(first, 'Where does Max sleep?');
    await ask(first, 'What does Max like?');
    await ask(first, 'Where does Mia sleep?');
    first.engine.close();
    const vlm = fakeVlm('fake-vlm-2');
    let open: () => void = () => undefined;
    const opening = new Promise<void>((resolve) => (open = resolve));
    vlm.gate = () => opening;
    const second = await kitOf({ memory, vlm });
    return { memory, first, second, vlm, open };
  }

  it('are made again most used first, with a count that goes to zero', async () => {
    const { memory, second, vlm, open } = await changedModel();
    const total = (await memory.listBlocks()).length;
    await expect.poll(() => second.snapshots.at(-1)?.staleBlocks).toBe(total);
    open();
    await second.engine.idle();
    const order = vlm.encoded.map((text) => /(?:about|of) (\w+)/.exec(text)?.[1]);
    expect([...new Set(order)]).toEqual(['Max', 'Mia', 'Bo']);
    expect(order).toEqual(
      [...order].sort((a, b) => ['Max', 'Mia', 'Bo'].indexOf(a ?? '') - ['Max', 'Mia', 'Bo'].indexOf(b ?? '')),
    );
    const counts = second.snapshots.map(({ staleBlocks }) => staleBlocks);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect(second.snapshots.at(-1)).toMatchObject({ staleBlocks: 0, blocks: total });
    expect(await memory.listBlocks()).toHaveLength(total);
  });

  it('keep their use counts, so that a second change has the same order', async () => {
    const { memory, second, open } = await changedModel();
    open();
    await second.engine.idle();
    second.engine.close();
    const vlm = fakeVlm('fake-vlm-3');
    const third = await kitOf({ memory, vlm });
    await third.engine.idle();
    expect(/Max|Mia|Bo/.exec(vlm.encoded[0] ?? '')?.[0]).toBe('Max');
  });

  it.each(['Bo', 'Max'])('are made at once for a question about %s, and none twice', async (name) => {
    const { second, vlm, open } = await changedModel();
    const asked = ask(second, `Where does ${name} sleep?`); // Max comes first in the background, Bo last
    await expect.poll(() => vlm.encoded.length).toBe(0);
    open();
    expect((await asked).text).toBe(`${name} sleeps in ${name}'s room.`);
    expect(vlm.encoded.some((text) => text.includes("Mia's room"))).toBe(false);
    await second.engine.idle();
    expect(second.snapshots.at(-1)?.staleBlocks).toBe(0);
    expect(new Set(vlm.encoded).size).toBe(vlm.encoded.length);
  });

  it('of another model stay, so that going back costs nothing; an edit makes them go', async () => {
    const memory = fakeMemory();
    const mini = fakeVlm('mini-1', { id: 'mini' });
    const first = await kitOf({ memory, vlm: mini });
    await first.engine.enrol(enrolment('Bo', FACTS));
    await first.engine.idle();
    const total = (await memory.listBlocks()).length;
    first.engine.close();
    const second = await kitOf({ memory, vlm: fakeVlm('hub-1', { id: 'hub' }) });
    await second.engine.idle();
    expect(await memory.listBlocks()).toHaveLength(2 * total);
    expect(second.snapshots.at(-1)).toMatchObject({ blocks: total, staleBlocks: 0 });
    const [fact] = await memory.listFacts();
    if (fact === undefined) throw new Error('no fact');
    await second.engine.editFact(fact.id, 'Bo sleeps in a basket.');
    await second.engine.idle();
    second.engine.close();
    const encoded = mini.encoded.length;
    const third = await kitOf({ memory, vlm: mini });
    await third.engine.idle();
    expect(mini.encoded.slice(encoded)).toEqual(['Note about Bo: Bo sleeps in a basket.\n']);
    third.engine.close();
    const newer = await kitOf({ memory, vlm: fakeVlm('mini-2', { id: 'mini' }) }); // another prompt or file: the old ones are of no use
    await newer.engine.idle();
    expect(new Set((await memory.listBlocks()).map(({ model }) => model))).toEqual(new Set(['mini-2', 'hub-1']));
  });
});
