// The interface of the hub worker: downloads and keeps models while the page does other things. Started when the Models page is first
// opened; a page that stays on the embedded models never loads it.

import type { ModelKey } from '../core/kept-models';
import type { ModelDtype } from '../core/model-choice';
import type { ModelsSnapshot } from '../core/model-offers';

export interface HubOptions {
  readonly host: string; // "https://huggingface.co": no '/' at the end
  /** Bytes a second that the browser reports for the line; used until a download was measured. */
  readonly lineBytesPerS: number | undefined;
}

/** Implemented by workers/hub.worker.ts. */
export interface HubWorkerApi {
  /** `onChange` gets the whole picture, at most ten times a second while something is coming. */
  open(options: HubOptions, onChange: (snapshot: ModelsSnapshot) => void): Promise<void>;
  setHost(host: string): Promise<void>;
  /** Begins or goes on; resolves at once. What becomes of it is told in snapshots. */
  download(id: string, dtype: ModelDtype): Promise<void>;
  pause(key: ModelKey): Promise<void>;
  remove(key: ModelKey): Promise<void>;
  /** Writes the files of a ready model, and a description of them, into a folder. */
  exportTo(key: ModelKey, folder: FileSystemDirectoryHandle): Promise<void>;
  /** One file of an exported model as a Blob, for browsers that give no folders to write into. */
  exportedFiles(key: ModelKey): Promise<{ readonly name: string; readonly blob: Blob }[]>;
  /** Takes a model from the files of a folder; they are checked like a download. Returns what was taken. */
  importFrom(files: readonly File[]): Promise<ModelKey>;
}
