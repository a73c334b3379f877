// Models of the hub for the page: starts the hub worker when it is first needed, keeps its last snapshot, and runs what the user
// does on the Models page. Loaded with that page only.

import * as Comlink from 'comlink';
import { isAppError } from '../core/errors';
import type { ModelKey } from '../core/kept-models';
import { EMBEDDED_ENCODER, EMBEDDED_MODEL, type ModelDtype } from '../core/model-choice';
import type { ModelsSnapshot } from '../core/model-offers';
import type { HubWorkerApi } from '../rpc/hub-protocol';
import { installTransferHandlers } from '../rpc/transfer';
import { replaceModel, startAgain } from './engine';
import { forgetLarger } from './large-commands';
import { sentence } from './perform';
import {
  noteStartEnded,
  parseHubHost,
  readEncoderChoice,
  readHubHost,
  readModelChoice,
  saveEncoderChoice,
  saveHubHost,
  saveModelChoice,
} from './preferences';
import type { ReplacementStep } from './replacement';
import { app } from './state';
import { createStore } from './store';
import { toast } from './toasts';

export interface ModelsState {
  readonly snapshot: ModelsSnapshot | undefined; // until the worker has looked
  readonly chosen: string; // what the engine is started with
  readonly encoder: string;
  readonly failed: string | undefined;
  /** Another model is being made ready while the present one answers. */
  readonly switching: { readonly to: string; readonly words: string } | undefined;
  readonly busy: string | undefined; // an export or import that is running, in words
}

export const models = createStore<ModelsState>({
  snapshot: undefined,
  chosen: readModelChoice(),
  encoder: readEncoderChoice(),
  failed: undefined,
  switching: undefined,
  busy: undefined,
});

let hub: Promise<Comlink.Remote<HubWorkerApi>> | undefined;

/** Idempotent: the worker lives as long as the page, so that a download goes on while the user is elsewhere in the app. */
export async function openModels(): Promise<void> {
  models.set({ chosen: readModelChoice(), encoder: readEncoderChoice() });
  await act(() => Promise.resolve());
}

function worker(): Promise<Comlink.Remote<HubWorkerApi>> {
  hub ??= startWorker().catch((error: unknown) => {
    hub = undefined; // the next act tries again
    throw error;
  });
  return hub;
}

async function startWorker(): Promise<Comlink.Remote<HubWorkerApi>> {
  installTransferHandlers();
  // Vite finds workers by this exact form: keep the URL literal inside `new Worker(…)`.
  const started = new Worker(new URL('../../workers/hub.worker.ts', import.meta.url), { type: 'module' });
  const api = Comlink.wrap<HubWorkerApi>(started);
  const broken = new Promise<never>((_, reject) => {
    started.onerror = (event) => reject(new Error(event.message || 'The download worker did not start.'));
  });
  const onChange = Comlink.proxy((snapshot: ModelsSnapshot) => models.set({ snapshot, failed: undefined }));
  await Promise.race([api.open({ host: readHubHost(), lineBytesPerS: lineSpeed() }, onChange), broken]);
  return api;
}

/** Runs an act; what fails is said. Returns whether it was done. */
async function act(run: (api: Comlink.Remote<HubWorkerApi>) => Promise<void>): Promise<boolean> {
  try {
    await run(await worker());
    models.set({ failed: undefined });
    return true;
  } catch (error) {
    models.set({ failed: isAppError(error) ? error.message : sentence(error) });
    return false;
  }
}

/** Begins or goes on. Asks the browser not to clear the models by itself when the disk gets short. */
export async function download(id: string, dtype: ModelDtype): Promise<void> {
  await askToKeep();
  await act((api) => api.download(id, dtype));
}

export async function pauseDownload(key: ModelKey): Promise<void> {
  await act((api) => api.pause(key));
}

/** Removing the model that answers goes back to the embedded one first; removing the larger one, to the small one alone. */
export async function removeModel(key: ModelKey): Promise<void> {
  await forgetLarger(key, `${labelOf(key)} was removed`);
  if (models.get().chosen === key) await useModel(EMBEDDED_MODEL);
  if (models.get().encoder === key) await useEncoder(EMBEDDED_ENCODER);
  await act((api) => api.remove(key));
}

/** The encoder that recognises from now on: every photo is encoded and mined anew in the background, most used first. */
export async function useEncoder(choice: string): Promise<void> {
  saveEncoderChoice(choice);
  models.set({ encoder: choice, failed: undefined });
  startAgain(false);
  await act((api) => api.setHost(readHubHost()));
}

let replacing: AbortController | undefined;

/**
 * The model that answers from now on. The chat stays; what answers goes on until the other one has loaded and encoded memory. One that
 * cannot be used leaves everything as it was, and says why.
 */
export async function useModel(choice: string): Promise<void> {
  replacing?.abort();
  const mine = (replacing = new AbortController());
  models.set({ chosen: choice, failed: undefined });
  noteStartEnded(); // a model that broke the page may be tried again, when somebody asks for it
  if (app.get().engine.kind !== 'ready') {
    saveModelChoice(choice);
    startAgain(false);
    return;
  }
  models.set({ switching: { to: choice, words: 'Loading it' } });
  try {
    await replaceModel(
      choice,
      (step) => models.set({ switching: { to: choice, words: stepWords(step) } }),
      mine.signal,
    );
    saveModelChoice(choice);
    await forgetLarger(choice, `${labelOf(choice)} answers by itself now`);
    await act((api) => api.setHost(readHubHost())); // its last use is another now
  } catch (error) {
    if (mine.signal.aborted) return; // another was chosen, which tells of itself
    if (isAppError(error) && (error.code === 'out-of-memory' || error.code === 'gpu-lost')) {
      // Not both at once, or not on this graphics card: alone it may fit, and if not the engine falls back and says so.
      saveModelChoice(choice);
      startAgain(false);
      return;
    }
    models.set({ chosen: readModelChoice(), failed: isAppError(error) ? error.message : sentence(error) });
  } finally {
    if (replacing === mine) models.set({ switching: undefined });
  }
}

function labelOf(key: ModelKey): string {
  return models.get().snapshot?.offers.find(({ id }) => key.startsWith(`${id}:`))?.label ?? key;
}

function stepWords(step: ReplacementStep): string {
  if (step.kind === 'encoding') return `Encoding memory for it, most used first: ${step.done} of ${step.total}`;
  const share = step.totalBytes > 0 ? Math.round((100 * step.loadedBytes) / step.totalBytes) : 0;
  return share < 100 ? `Loading it, ${share} %` : 'Testing it';
}

export async function setHost(text: string): Promise<boolean> {
  const host = text.trim() === '' ? '' : parseHubHost(text);
  if (host === undefined) {
    models.set({ failed: 'Write an address such as https://huggingface.co.' });
    return false;
  }
  saveHubHost(host);
  return act((api) => api.setHost(readHubHost()));
}

export async function exportModel(key: ModelKey): Promise<void> {
  const pick = (globalThis as { showDirectoryPicker?: (options: object) => Promise<FileSystemDirectoryHandle> })
    .showDirectoryPicker;
  let folder: FileSystemDirectoryHandle | undefined;
  try {
    folder = await pick?.({ mode: 'readwrite', id: 'jarvis-models' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return; // the user closed the picker
    throw error;
  }
  models.set({ busy: 'Writing the model…' });
  const done = await act(async (api) => {
    if (folder) await api.exportTo(key, folder);
    else for (const { name, blob } of await api.exportedFiles(key)) saveFile(name, blob);
  });
  models.set({ busy: undefined });
  if (done)
    toast({ text: folder ? `The model was written to “${folder.name}”.` : 'The files were saved as downloads.' });
}

export async function importModel(files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  await askToKeep();
  models.set({ busy: 'Reading and checking the model…' });
  await act(async (api) => {
    await api.importFrom([...files]);
  });
  models.set({ busy: undefined });
}

async function askToKeep(): Promise<void> {
  try {
    await navigator.storage.persist();
  } catch (error) {
    console.info('the browser does not say whether it keeps what is stored', error);
  }
}

/** Bytes a second as the browser guesses the line, where it does (Chromium). */
function lineSpeed(): number | undefined {
  const { connection } = navigator as { connection?: { downlink?: number } };
  return connection?.downlink === undefined ? undefined : (connection.downlink * 1e6) / 8;
}

function saveFile(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name.replaceAll('/', '__'); // a download has no folders
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
