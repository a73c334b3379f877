// Models from the hub as they are kept on this device: what is stored of each file, in which state a download is, and the
// port that storage implements. Plain data, shared by the download manager, the workers and the page.

import type { ErrorCode } from './errors';
import type { ModelDtype } from './model-choice';

/** A model and the type of its weights: "smolvlm-256m:q4f16". Also how the engine is asked for it (core/model-choice.ts). */
export type ModelKey = string;

export function modelKey(id: string, dtype: ModelDtype): ModelKey {
  return `${id}:${dtype}`;
}

/** What one file should be, by the hub's own listing, and how much of it is here. */
export interface KeptFile {
  readonly name: string; // path in the repository
  readonly size: number; // bytes
  readonly sha256: string | undefined; // of files in LFS or Xet
  readonly gitSha1: string | undefined; // of the others: SHA-1 of "blob <size>\0" and the bytes, as git has it
  readonly etag: string | undefined; // of the response the first byte came from, for If-Range
  readonly received: number; // bytes stored
  readonly chunks: number; // into which they were written
  readonly isChecked: boolean; // size and hash were right, read back from the disk
}

export interface Problem {
  readonly code: ErrorCode;
  readonly message: string; // a sentence; pressing "Go on" tries again
}

/**
 * listing: the hub is asked what the files are · downloading · waiting: a break before the next try · checking: hashes are read
 * back · paused: by the user, or the tab was closed · stopped: by a problem · ready: whole and checked.
 */
export type KeptState = 'listing' | 'downloading' | 'waiting' | 'checking' | 'paused' | 'stopped' | 'ready';

export interface KeptModel {
  readonly key: ModelKey;
  readonly id: string; // in the catalogue
  readonly dtype: ModelDtype;
  readonly repo: string;
  readonly revision: string;
  readonly state: KeptState;
  readonly problem: Problem | undefined;
  readonly files: readonly KeptFile[];
  readonly addedAt: number; // ms since epoch
  readonly usedAt: number; // when it was last loaded; 0: never
}

export function receivedBytes(model: KeptModel): number {
  return model.files.reduce((sum, { received }) => sum + received, 0);
}

export function totalBytes(model: KeptModel): number {
  return model.files.reduce((sum, { size }) => sum + size, 0);
}

export function withFile(model: KeptModel, name: string, change: Partial<KeptFile>): KeptModel {
  return { ...model, files: model.files.map((file) => (file.name === name ? { ...file, ...change } : file)) };
}

/** Where models lie. Implemented by storage/model-store.ts. Throws AppError 'storage' or 'storage-full'. */
export interface ModelStore {
  list(): Promise<KeptModel[]>;
  read(key: ModelKey): Promise<KeptModel | undefined>;
  /** Writes the record without touching what was stored of its files. */
  save(model: KeptModel): Promise<void>;
  /** Changes the record as it is now, in one transaction. Nothing when it is gone. */
  change(key: ModelKey, change: (model: KeptModel) => KeptModel): Promise<KeptModel | undefined>;
  /** One more piece of a file, and the record that says so, in one transaction: a closed tab loses neither. */
  append(key: ModelKey, file: string, bytes: ArrayBuffer): Promise<KeptModel | undefined>;
  /** Forgets what there is of a file. */
  restart(key: ModelKey, file: string): Promise<KeptModel | undefined>;
  /** The pieces of a file in their order; each is read when it is asked for. */
  pieces(key: ModelKey, file: string): AsyncIterable<ArrayBuffer>;
  remove(key: ModelKey): Promise<void>;
  /** Small facts that belong to no model, as the speed of the last download. */
  readNote(name: string): Promise<unknown>;
  saveNote(name: string, value: unknown): Promise<void>;
  close(): void;
}
