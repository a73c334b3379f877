// Carrying a model to a machine without the internet: into a folder and from one. The folder holds the repository's files under their
// own names and `jarvis-model.json`, which says what they are; a folder without it (a clone of the repository) is recognised by its names.
import * as v from 'valibot';
import { AppError } from '../core/errors';
import { type KeptFile, type KeptModel, type ModelKey, modelKey, type ModelStore, withFile } from '../core/kept-models';
import { MODEL_DTYPES } from '../core/model-choice';
import { CATALOGUE, entryOf, isPartOf } from './catalogue';
import { checkConfig } from './contract';
import { readJson } from './download';
import { PIECE_BYTES } from './download-file';
import { isWhole } from './verify';

export const DESCRIPTION = 'jarvis-model.json';

const Description = v.object({
  jarvisModel: v.literal(1),
  id: v.string(),
  dtype: v.picklist(MODEL_DTYPES),
  repo: v.string(),
  revision: v.string(),
  files: v.array(
    v.object({
      name: v.string(),
      size: v.number(),
      sha256: v.optional(v.string()),
      gitSha1: v.optional(v.string()),
    }),
  ),
});

/** The description of a kept model as it lies beside its files. */
export function describe(model: KeptModel): Blob {
  const { id, dtype, repo, revision } = model;
  const files = model.files.map(({ name, size, sha256, gitSha1 }) => ({ name, size, sha256, gitSha1 }));
  const text = JSON.stringify({ jarvisModel: 1, id, dtype, repo, revision, files }, undefined, 1);
  return new Blob([text], { type: 'application/json' });
}

export async function exportTo(store: ModelStore, key: ModelKey, folder: FileSystemDirectoryHandle): Promise<void> {
  const model = await readyModel(store, key);
  try {
    for (const { name } of model.files) {
      const writable = await (await fileIn(folder, name)).createWritable();
      for await (const piece of store.pieces(key, name)) await writable.write(piece);
      await writable.close();
    }
    const writable = await (await fileIn(folder, DESCRIPTION)).createWritable();
    await writable.write(describe(model));
    await writable.close();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('storage', 'The folder could not be written. Choose another one, or free space on that disk.', {
      cause,
    });
  }
}

export async function readyModel(store: ModelStore, key: ModelKey): Promise<KeptModel> {
  const model = await store.read(key);
  if (model?.state !== 'ready') throw new AppError('bad-input', 'Only a model that is here whole can be exported.');
  return model;
}

/** `files` as a folder picker gives them. Throws AppError 'bad-input', 'hub-damaged', 'hub-refused' or 'storage-full'. */
export async function importFrom(store: ModelStore, files: readonly File[]): Promise<ModelKey> {
  const byName = new Map(files.map((file) => [nameOf(file), file]));
  const described = await readDescription(byName);
  const key = modelKey(described.id, described.dtype);
  const kept: KeptModel = {
    key,
    id: described.id,
    dtype: described.dtype,
    repo: described.repo,
    revision: described.revision,
    state: 'checking',
    problem: undefined,
    files: described.files,
    addedAt: Date.now(),
    usedAt: 0,
  };
  await store.remove(key);
  await store.save(kept);
  try {
    for (const { name } of described.files) {
      const file = byName.get(name);
      if (!file) throw new AppError('bad-input', `The folder lacks ${name}.`);
      for (let at = 0; at < file.size; at += PIECE_BYTES) {
        await store.append(key, name, await file.slice(at, at + PIECE_BYTES).arrayBuffer());
      }
      const now = (await store.read(key))?.files.find((other) => other.name === name);
      if (!now || !(await isWhole(now, store.pieces(key, name)))) {
        throw new AppError(
          'hub-damaged',
          `${name} in this folder is damaged: its checksum is not the one it was exported with.`,
        );
      }
      await store.change(key, (model) => withFile(model, name, { isChecked: true }));
    }
    if (entryOf(described.id)?.kind === 'vlm') {
      const names = described.files.map(({ name }) => name);
      const verdict = checkConfig(await readJson(store, key, 'config.json'), names, described.dtype);
      if (!verdict.fits) throw new AppError('hub-refused', verdict.reason);
    }
    await store.change(key, (model) => ({ ...model, state: 'ready' }));
    return key;
  } catch (error) {
    await store.remove(key); // half an import is of no use: there is nothing to go on from but the folder
    throw error;
  }
}

type Described = Pick<KeptModel, 'id' | 'dtype' | 'repo' | 'revision' | 'files'>;

async function readDescription(byName: ReadonlyMap<string, File>): Promise<Described> {
  const file = byName.get(DESCRIPTION);
  if (!file) return recognise(byName);
  const parsed = v.safeParse(Description, await file.text().then(parseJson));
  const entry = parsed.success ? entryOf(parsed.output.id) : undefined;
  if (!parsed.success || !entry)
    throw new AppError('bad-input', `${DESCRIPTION} in this folder is not one of Jarvis's.`);
  const { output } = parsed;
  for (const name of entry.files(output.dtype)) {
    if (!output.files.some((one) => one.name === name)) throw new AppError('bad-input', `The folder lacks ${name}.`);
  }
  return { ...output, files: output.files.map((one) => fresh(one.name, one.size, one.sha256, one.gitSha1)) };
}

/** A clone of a repository has no description and no hashes: its model and dtype are told by which files are there. */
function recognise(byName: ReadonlyMap<string, File>): Described {
  for (const entry of CATALOGUE) {
    const short = entry.repo.split('/')[1] ?? entry.repo;
    const isNamed = [...byName.values()].some((file) => file.webkitRelativePath.split('/')[0] === short);
    if (!isNamed) continue;
    for (const dtype of MODEL_DTYPES) {
      const wanted = entry.files(dtype);
      if (entry.bytes[dtype] === undefined || !wanted.every((name) => byName.has(name))) continue;
      const files = [...byName]
        .filter(([name]) => wanted.some((one) => isPartOf(name, one)))
        .map(([name, file]) => fresh(name, file.size, undefined, undefined));
      return { id: entry.id, dtype, repo: entry.repo, revision: entry.revision, files };
    }
  }
  throw new AppError(
    'bad-input',
    `This folder holds no model that Jarvis knows. Choose a folder that “Export” wrote, or a copy of a repository under its own name.`,
  );
}

function fresh(name: string, size: number, sha256: string | undefined, gitSha1: string | undefined): KeptFile {
  return { name, size, sha256, gitSha1, etag: undefined, received: 0, chunks: 0, isChecked: false };
}

/** Without the folder's own name, which pickers put first. */
function nameOf(file: File): string {
  const path = file.webkitRelativePath;
  return path === '' ? file.name : path.slice(path.indexOf('/') + 1);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function fileIn(folder: FileSystemDirectoryHandle, path: string): Promise<FileSystemFileHandle> {
  const parts = path.split('/');
  let at = folder;
  for (const part of parts.slice(0, -1)) at = await at.getDirectoryHandle(part, { create: true });
  return at.getFileHandle(parts.at(-1) ?? path, { create: true });
}
