// A model from a folder: what another machine exported, a copy of a repository, and folders that are neither.

import 'fake-indexeddb/auto';
import { readFileSync } from 'node:fs';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ModelStore } from '../../../src/core/kept-models';
import { describe as descriptionOf, DESCRIPTION, importFrom } from '../../../src/runtime/carry';
import { createDownloads } from '../../../src/runtime/download';
import { openModelStore } from '../../../src/storage/model-store';
import { type LoopbackHub, startHub } from '../../support/hub';
import { miniAs } from '../../support/mini-hub';

const KEY = 'smolvlm-256m:q4';
let hub: LoopbackHub;
let store: ModelStore;

beforeEach(async () => {
  indexedDB = new IDBFactory();
  hub = await startHub([miniAs('smolvlm-256m')]);
  store = await openModelStore();
});
afterEach(async () => {
  store.close();
  await hub.close();
});

/** As a folder picker gives it: the folder's name first. */
function file(path: string, bytes: BlobPart): File {
  const one = new File([bytes], path.split('/').at(-1) ?? path);
  Object.defineProperty(one, 'webkitRelativePath', { value: path });
  return one;
}

async function exported(): Promise<File[]> {
  await createDownloads({
    store,
    host: () => hub.url,
    fetch: (input, init) => fetch(input, init),
    freeBytes: () => Promise.resolve(undefined),
    onChange: () => undefined,
  }).start('smolvlm-256m', 'q4');
  const model = await store.read(KEY);
  if (model?.state !== 'ready') throw new Error('not downloaded');
  const files = [file(`carried/${DESCRIPTION}`, await descriptionOf(model).arrayBuffer())];
  for (const { name } of model.files) {
    const pieces: ArrayBuffer[] = [];
    for await (const piece of store.pieces(KEY, name)) pieces.push(piece);
    files.push(file(`carried/${name}`, await new Blob(pieces).arrayBuffer()));
  }
  await store.remove(KEY);
  return files;
}

it('comes back whole and checked', async () => {
  const files = await exported();
  expect(await store.list()).toEqual([]);
  expect(await importFrom(store, files)).toBe(KEY);
  const model = await store.read(KEY);
  expect(model).toMatchObject({ state: 'ready', repo: 'HuggingFaceTB/SmolVLM-256M-Instruct' });
  expect(model?.files.every(({ isChecked, received, size }) => isChecked && received === size)).toBe(true);
});

it('is refused when a file is damaged or missing, and leaves nothing behind', async () => {
  const files = await exported();
  const [description, first, ...rest] = files;
  if (!description || !first) throw new Error('nothing was exported');
  const bytes = new Uint8Array(await first.arrayBuffer());
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await expect(importFrom(store, [description, file(first.webkitRelativePath, bytes), ...rest])).rejects.toMatchObject({
    code: 'hub-damaged',
  });
  await expect(importFrom(store, [description, ...rest])).rejects.toThrow(/The folder lacks/);
  await expect(importFrom(store, [file('holiday/beach.jpg', 'x')])).rejects.toThrow(/no model that Jarvis knows/);
  expect(await store.list()).toEqual([]);
});

it('is recognised in a copy of the repository under its own name', async () => {
  const { files } = miniAs('smolvlm-256m');
  const copy = Object.entries(files).map(([name, content]) =>
    file(
      `SmolVLM-256M-Instruct/${name}`,
      typeof content === 'string' ? new Uint8Array(readFileSync(content)) : new Uint8Array(content),
    ),
  );
  expect(await importFrom(store, copy)).toBe(KEY);
  expect((await store.read(KEY))?.state).toBe('ready');
});
