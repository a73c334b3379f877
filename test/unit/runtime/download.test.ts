// The download manager against a hub on loopback that fails in every way it can, and the real store on Node's fake IndexedDB.

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors';
import { type KeptModel, type ModelStore, receivedBytes, totalBytes } from '../../../src/core/kept-models';
import { createDownloads, type DownloadPorts, type Downloads } from '../../../src/runtime/download';
import { entryOf } from '../../../src/runtime/catalogue';
import { isWhole } from '../../../src/runtime/verify';
import { openModelStore } from '../../../src/storage/model-store';
import { type LoopbackHub, startHub } from '../../support/hub';
import { miniAs } from '../../support/mini-hub';

const ID = 'smolvlm-256m';
const KEY = 'smolvlm-256m:q4';
const DECODER = 'onnx/decoder_model_merged_q4.onnx';

let hub: LoopbackHub;
let store: ModelStore;
let seen: KeptModel[];
let downloads: Downloads;

function create(ports: Partial<DownloadPorts> = {}): Downloads {
  return createDownloads({
    store,
    host: () => hub.url,
    fetch: (input, init) => fetch(input, init),
    freeBytes: () => Promise.resolve(1e9),
    onChange: (model) => seen.push(model),
    wait: () => Promise.resolve(),
    ...ports,
  });
}

async function model(): Promise<KeptModel> {
  const kept = await store.read(KEY);
  if (!kept) throw new Error('no model is kept');
  return kept;
}

async function expectWhole(): Promise<void> {
  const kept = await model();
  expect(kept.problem?.message).toBeUndefined();
  expect(kept.state).toBe('ready');
  expect(receivedBytes(kept)).toBe(totalBytes(kept));
  for (const file of kept.files) expect(await isWhole(file, store.pieces(KEY, file.name)), file.name).toBe(true);
}

beforeEach(async () => {
  indexedDB = new IDBFactory();
  hub = await startHub([miniAs(ID)]);
  store = await openModelStore();
  seen = [];
  downloads = create();
});

afterEach(async () => {
  store.close();
  await hub.close();
});

describe('a download', () => {
  it('keeps every file of the model, whole and checked, and nothing else of the repository', async () => {
    await downloads.start(ID, 'q4');
    await expectWhole();
    const kept = await model();
    expect(kept.files.map(({ name }) => name).sort()).toEqual([...(entryOf(ID)?.files('q4') ?? [])].sort());
    expect(kept.files.every(({ isChecked }) => isChecked)).toBe(true);
    expect(seen.map(({ state }) => state)).toContain('checking');
  });

  it('goes on at the byte where it was paused, after a reload too', async () => {
    hub.faults.bytesPerS = 4e6;
    const running = downloads.start(ID, 'q4');
    await untilSomeOfTheDecoder();
    await downloads.pause(KEY);
    await running;
    const paused = await model();
    expect(paused.state).toBe('paused');
    const had = receivedBytes(paused);
    expect(had).toBeLessThan(totalBytes(paused));
    store.close();
    store = await openModelStore(); // a reload: another connection, another manager
    delete hub.faults.bytesPerS;
    hub.requests.length = 0;
    await create().start(ID, 'q4');
    await expectWhole();
    const ranges = hub.requests.flatMap(({ range }) => (range === undefined ? [] : [range]));
    expect(ranges.length).toBeGreaterThan(0);
    expect(hub.requests.some(({ path }) => path.startsWith('/api/'))).toBe(false); // the listing is known
  });

  it('asks for the rest under If-Range, and takes the file whole when it changed or the server will not go on', async () => {
    hub.faults.cutAfter = new Map([[DECODER, 1_000_000]]);
    await downloads.start(ID, 'q4');
    await expectWhole();
    expect(
      hub.requests.some(
        ({ path, ifRange, range }) => path.startsWith('/cdn/') && ifRange && range === 'bytes=1000000-',
      ),
    ).toBe(true);
    await downloads.remove(KEY);
    hub.faults.cutAfter = new Map([[DECODER, 1_000_000]]);
    hub.faults.ignoresRanges = true;
    await downloads.start(ID, 'q4');
    await expectWhole();
  });

  it('is whole after a lost connection that comes back by itself', async () => {
    hub.faults.cutAfter = new Map([
      [DECODER, 2_000_000],
      ['tokenizer.json', 1000],
    ]);
    await downloads.start(ID, 'q4');
    await expectWhole();
    expect(seen.some(({ state }) => state === 'waiting')).toBe(true);
  });

  it('fetches a damaged file once more, and stops with a sentence when it comes damaged again', async () => {
    hub.faults.corrupt = { [DECODER]: 1 };
    await downloads.start(ID, 'q4');
    await expectWhole();
    await downloads.remove(KEY);
    hub.faults.corrupt = { [DECODER]: 2 };
    await downloads.start(ID, 'q4');
    expect(await model()).toMatchObject({ state: 'stopped', problem: { code: 'hub-damaged' } });
    await downloads.start(ID, 'q4'); // one click
    await expectWhole();
  });
});

describe('every fault ends in a state from which one click goes on', () => {
  const resolves = (path: string): boolean => path.includes('/resolve/') && path.endsWith('.onnx');
  const faults: readonly [name: string, status: number, code: string, words: RegExp][] = [
    ['gated: 401', 401, 'hub-gated', /accepted its licence there \(401\)/],
    ['gated: 403', 403, 'hub-gated', /accepted its licence there \(403\)/],
    ['gone: 404', 404, 'hub-missing', /has no such file/],
    ['too many requests: 429', 429, 'hub-busy', /asks for a pause/],
    ['a fault of the hub: 500', 500, 'hub-fault', /fault of its own \(500\)/],
    ['a fault of the hub: 503', 503, 'hub-fault', /fault of its own \(503\)/],
  ];
  it.each(faults)('%s', async (_name, status, code, words) => {
    hub.faults.refuse = (path) => (resolves(path) ? { status } : undefined);
    await downloads.start(ID, 'q4');
    const stopped = await model();
    expect(stopped).toMatchObject({ state: 'stopped', problem: { code } });
    expect(stopped.problem?.message).toMatch(words);
    delete hub.faults.refuse;
    await downloads.start(ID, 'q4');
    await expectWhole();
  });

  it('a hub that names its pause is given it, and one that asks for an hour is left to the user', async () => {
    const waits: number[] = [];
    let refusals = 1;
    hub.faults.refuse = (path) =>
      resolves(path) && refusals-- > 0 ? { status: 429, headers: { 'retry-after': '20' } } : undefined;
    await create({
      wait: (ms) => {
        waits.push(ms);
        return Promise.resolve();
      },
    }).start(ID, 'q4');
    await expectWhole();
    expect(waits).toContain(20_000);
    await downloads.remove(KEY);
    hub.faults.refuse = (path) => (resolves(path) ? { status: 429, headers: { 'retry-after': '3600' } } : undefined);
    const asked = hub.requests.length;
    await downloads.start(ID, 'q4');
    expect((await model()).problem?.code).toBe('hub-busy');
    expect(hub.requests.slice(asked).filter(({ path }) => resolves(path)).length).toBeLessThanOrEqual(2); // one a lane
  });

  it('a file that ends early as if it were whole', async () => {
    hub.faults.shorten = new Map([[DECODER, 1000]]);
    await downloads.start(ID, 'q4');
    const stopped = await model();
    expect(stopped).toMatchObject({ state: 'stopped', problem: { code: 'hub-damaged' } });
    expect(stopped.problem?.message).toMatch(/bytes where the hub's own listing says/);
    await downloads.start(ID, 'q4');
    await expectWhole();
  });

  it('a killed server, and the same server again', async () => {
    hub.faults.bytesPerS = 4e6;
    const running = downloads.start(ID, 'q4');
    await untilSomeOfTheDecoder();
    await hub.kill();
    await running;
    const stopped = await model();
    expect(stopped).toMatchObject({ state: 'stopped', problem: { code: 'hub-offline' } });
    const had = receivedBytes(stopped);
    expect(had).toBeGreaterThan(500_000);
    await hub.revive();
    delete hub.faults.bytesPerS;
    await downloads.start(ID, 'q4');
    await expectWhole();
  });

  it('no room: said before anything large is fetched, with both figures', async () => {
    await create({ freeBytes: () => Promise.resolve(2e6) }).start(ID, 'q4');
    const stopped = await model();
    expect(stopped).toMatchObject({ state: 'stopped', problem: { code: 'storage-full' } });
    expect(stopped.problem?.message).toMatch(/11 MB are still needed .* 2 MB left/);
    expect(hub.requests.some(({ path }) => path.includes('/resolve/'))).toBe(false);
    await downloads.start(ID, 'q4');
    await expectWhole();
  });

  it('a disk that fills up in the middle, and has no room even for saying so', async () => {
    let room = 3_000_000;
    const guarded = <T>(act: () => Promise<T>): Promise<T> =>
      room < 0 ? Promise.reject(new AppError('storage-full', 'The disk is full.')) : act();
    const tight: ModelStore = {
      ...store,
      append(key, file, bytes) {
        room -= bytes.byteLength;
        return guarded(() => store.append(key, file, bytes));
      },
      change: (key, edit) => guarded(() => store.change(key, edit)),
      save: (kept) => guarded(() => store.save(kept)),
    };
    const squeezed = create({ store: tight });
    await squeezed.start(ID, 'q4');
    expect(seen.at(-1)).toMatchObject({ state: 'stopped', problem: { code: 'storage-full' } });
    expect((await model()).state).toBe('downloading'); // as it stands on the disk
    expect(squeezed.asItIs(await model())).toMatchObject({ state: 'stopped', problem: { code: 'storage-full' } });
    await squeezed.start(ID, 'q4'); // still full
    expect(squeezed.asItIs(await model()).state).toBe('stopped');
    room = 1e9;
    await squeezed.start(ID, 'q4');
    await expectWhole();
    expect(squeezed.asItIs(await model()).state).toBe('ready');
  });

  it('a closed tab: what was running is paused, with a sentence', async () => {
    await downloads.start(ID, 'q4');
    await store.change(KEY, (now) => ({ ...now, state: 'downloading' }));
    await downloads.recover();
    expect(await model()).toMatchObject({
      state: 'paused',
      problem: { message: expect.stringMatching(/closed/) as string },
    });
    await downloads.start(ID, 'q4');
    await expectWhole();
  });

  it('a model outside the contract: refused before its weights are fetched', async () => {
    await hub.close();
    const repo = miniAs(ID);
    const config = {
      model_type: 'lfm2_vl',
      architectures: ['Lfm2VlForConditionalGeneration'],
      text_config: { conv_L_cache: 3 },
    };
    hub = await startHub([
      { ...repo, files: { ...repo.files, 'config.json': new TextEncoder().encode(JSON.stringify(config)) } },
    ]);
    await downloads.start(ID, 'q4');
    expect(await model()).toMatchObject({ state: 'stopped', problem: { code: 'hub-refused' } });
    expect(hub.requests.some(({ path }) => path.endsWith('.onnx'))).toBe(false);
  });

  it('a server that is no hub', async () => {
    hub.faults.refuse = (path) => (path.startsWith('/api/') ? { status: 200 } : undefined);
    await downloads.start(ID, 'q4');
    expect(await model()).toMatchObject({ state: 'stopped', problem: { code: 'hub-fault' } });
  });
});

it('removes a model while it is coming, and every piece of it', async () => {
  hub.faults.bytesPerS = 4e6;
  const running = downloads.start(ID, 'q4');
  await untilSomeOfTheDecoder();
  await downloads.remove(KEY);
  await running;
  expect(await store.list()).toEqual([]);
  for await (const piece of store.pieces(KEY, DECODER)) expect(piece).toBeUndefined();
});

/** A part of a large file is on its way; what is in hand is written when the download is broken off. */
async function untilSomeOfTheDecoder(): Promise<void> {
  await until(() => hub.requests.filter(({ path }) => path.startsWith('/cdn/')).length >= 2);
  await new Promise((resolve) => setTimeout(resolve, 100));
}

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(done()).toBe(true);
}
