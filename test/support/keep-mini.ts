// mini's files put into the model store as a download of the hub would have left them, for tests in a browser that have no hub to ask.

import { type KeptModel, modelKey } from '../../src/core/kept-models';
import { DTYPE_SUFFIX } from '../../src/core/model-choice';
import { entryOf } from '../../src/runtime/catalogue';
import { openModelStore } from '../../src/storage/model-store';

const DTYPE = 'q4';

/** Under the name of a model of the catalogue. `spoil`: a file that becomes noise. Returns its key. */
export async function keepMiniAs(id: string, { spoil }: { spoil?: string } = {}): Promise<string> {
  const entry = entryOf(id);
  if (!entry) throw new Error(`no ${id} in the catalogue`);
  const key = modelKey(id, DTYPE);
  const store = await openModelStore();
  const names = entry.files(DTYPE);
  const model: KeptModel = {
    key,
    id,
    dtype: DTYPE,
    repo: entry.repo,
    revision: entry.revision,
    state: 'downloading',
    problem: undefined,
    files: names.map((name) => ({
      name,
      size: 0,
      sha256: undefined,
      gitSha1: undefined,
      etag: undefined,
      received: 0,
      chunks: 0,
      isChecked: true,
    })),
    addedAt: 1,
    usedAt: 0,
  };
  await store.remove(key);
  await store.save(model);
  const sizes = new Map<string, number>();
  for (const name of names) {
    const response = await fetch(`/models/mini/${name.replace(`${DTYPE_SUFFIX[DTYPE]}.onnx`, '.onnx')}`);
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    const bytes = name === spoil ? new TextEncoder().encode('no network').buffer : await response.arrayBuffer();
    sizes.set(name, bytes.byteLength);
    await store.append(key, name, bytes);
  }
  await store.change(key, (kept) => ({
    ...kept,
    state: 'ready',
    files: kept.files.map((file) => ({ ...file, size: sizes.get(file.name) ?? 0 })),
  }));
  store.close();
  return key;
}

export async function forgetKept(key: string): Promise<void> {
  const store = await openModelStore();
  await store.remove(key);
  store.close();
}
