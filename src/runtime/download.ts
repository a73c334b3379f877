// Downloads models from the hub into the store: two files at a time, each from the byte where it was left, checked when whole.
// Every fault ends in a state that is written down with a sentence; starting again goes on from there.
import { AppError, isAbort, isAppError } from '../core/errors';
import {
  type KeptFile,
  type KeptModel,
  type KeptState,
  type ModelKey,
  modelKey,
  type ModelStore,
  type Problem,
  receivedBytes,
  totalBytes,
  withFile,
} from '../core/kept-models';
import type { ModelDtype } from '../core/model-choice';
import { type CatalogueEntry, entryOf, isPartOf } from './catalogue';
import { checkConfig } from './contract';
import { fetchPieces } from './download-file';
import { type FetchLike, listFiles, RetryAfter } from './hub';
import { isWhole } from './verify';

/** Polite to the hub and enough to fill a line: one large file and a small one beside it. */
const FILES_AT_ONCE = 2;

/** Breaks between tries that brought nothing; a try that brought bytes starts over. Then the user is asked. */
const BREAKS_MS = [1_000, 3_000, 9_000];

/** A hub that asks for a longer pause is left to the user. */
const LONGEST_PAUSE_MS = 60_000;

/** Left free beside a model: memory's own blocks and photos go on being written meanwhile. */
const SPARE_BYTES = 50e6;

export interface DownloadPorts {
  readonly store: ModelStore;
  readonly host: () => string; // without a '/' at the end
  readonly fetch: FetchLike;
  /** Free bytes for this origin; undefined where the browser does not say. */
  readonly freeBytes: () => Promise<number | undefined>;
  /** After every change of a record, with the bytes that came since the last call for it. */
  readonly onChange: (model: KeptModel, came: number) => void;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>; // tests
}

export interface Downloads {
  /** Begins or goes on; resolves when the model is ready, paused or stopped. Never rejects for a fault of the hub. */
  start(id: string, dtype: ModelDtype): Promise<void>;
  /** Keeps what is here. */
  pause(key: ModelKey): Promise<void>;
  /** Forgets a model, downloading or not. */
  remove(key: ModelKey): Promise<void>;
  isRunning(key: ModelKey): boolean;
  /** A record with what a full disk would not take of it. */
  asItIs(model: KeptModel): KeptModel;
  /** What a closed tab left as running is paused. Once, before anything else. */
  recover(): Promise<void>;
}

export function createDownloads(ports: DownloadPorts): Downloads {
  const { store } = ports;
  const running = new Map<ModelKey, { readonly controller: AbortController; readonly done: Promise<void> }>();

  /** A full disk has no room even for saying so: what could not be written is known here until it can be. */
  const unwritten = new Map<ModelKey, Pick<KeptModel, 'state' | 'problem'>>();
  const asItIs = (model: KeptModel): KeptModel => ({ ...model, ...unwritten.get(model.key) });

  async function setState(key: ModelKey, state: KeptState, problem?: Problem): Promise<KeptModel | undefined> {
    let model: KeptModel | undefined;
    try {
      model = await store.change(key, (now) => ({ ...now, state, problem }));
      unwritten.delete(key);
    } catch (error) {
      if (!isAppError(error) || error.code !== 'storage-full') throw error;
      unwritten.set(key, { state, problem });
      model = await store.read(key);
    }
    if (model) ports.onChange(asItIs(model), 0);
    return model;
  }

  async function run(entry: CatalogueEntry, dtype: ModelDtype, signal: AbortSignal): Promise<void> {
    const key = modelKey(entry.id, dtype);
    try {
      await begin(entry, dtype);
      const listed = await list(entry, dtype, signal);
      await checkRoom(listed);
      const [configs, networks] = split(listed.files);
      await all(key, configs, signal);
      await judge(entry, key, listed); // before the hundreds of megabytes
      await all(key, networks, signal);
      await setState(key, 'ready');
    } catch (error) {
      if (isAbort(error) || signal.aborted) await setState(key, 'paused');
      else await setState(key, 'stopped', problemOf(error));
    }
  }

  async function begin(entry: CatalogueEntry, dtype: ModelDtype): Promise<void> {
    const key = modelKey(entry.id, dtype);
    const { id, repo, revision } = entry;
    const known = await store.read(key);
    // Another revision is another model: nothing of the old one may be mixed in.
    if (known !== undefined && (known.revision !== revision || known.repo !== repo)) await store.remove(key);
    const kept = known?.revision === revision && known.repo === repo ? known : undefined;
    await store.save({
      ...(kept ?? { key, id, dtype, repo, revision, files: [], addedAt: Date.now(), usedAt: 0 }),
      state: 'listing',
      problem: undefined,
    });
    unwritten.delete(key);
    const model = await store.read(key);
    if (model) ports.onChange(model, 0);
  }

  /** Asks the hub what the files are, unless that is known. */
  async function list(entry: CatalogueEntry, dtype: ModelDtype, signal: AbortSignal): Promise<KeptModel> {
    const key = modelKey(entry.id, dtype);
    const known = await store.read(key);
    if (known && known.files.length > 0) {
      return (await setState(key, 'downloading')) ?? known;
    }
    const offered = await again(key, signal, () =>
      listFiles(ports.host(), entry.repo, entry.revision, ports.fetch, signal),
    );
    const wanted = entry.files(dtype);
    for (const name of wanted) {
      if (!offered.some((file) => file.name === name)) {
        throw new AppError(
          'hub-missing',
          `The hub's ${entry.repo} has no ${name} at this revision, so it cannot be used.`,
        );
      }
    }
    const files = offered
      .filter(({ name }) => wanted.some((one) => isPartOf(name, one)))
      .map((file): KeptFile => ({ ...file, etag: undefined, received: 0, chunks: 0, isChecked: false }));
    const model = await store.change(key, (now) => ({ ...now, files, state: 'downloading' }));
    if (!model) throw removed();
    ports.onChange(model, 0);
    return model;
  }

  async function checkRoom(model: KeptModel): Promise<void> {
    const free = await ports.freeBytes();
    const needed = totalBytes(model) - receivedBytes(model);
    if (free === undefined || needed + SPARE_BYTES <= free) return;
    const mb = (bytes: number): string => `${Math.ceil(Math.max(0, bytes) / 1e6)} MB`;
    throw new AppError(
      'storage-full',
      `${mb(needed)} are still needed and this browser has ${mb(free)} left for Jarvis. Remove another model, or free space on the disk.`,
    );
  }

  async function judge(entry: CatalogueEntry, key: ModelKey, model: KeptModel): Promise<void> {
    if (entry.kind !== 'vlm') return;
    const verdict = checkConfig(
      await readJson(store, key, 'config.json'),
      model.files.map(({ name }) => name),
      model.dtype,
    );
    if (!verdict.fits) throw new AppError('hub-refused', verdict.reason);
  }

  async function all(key: ModelKey, names: readonly string[], signal: AbortSignal): Promise<void> {
    const queue = [...names];
    const stop = new AbortController(); // one file that cannot go on ends its neighbour's work too
    const both = AbortSignal.any([signal, stop.signal]);
    const lane = async (): Promise<void> => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
        try {
          await one(key, name, both);
        } catch (error) {
          stop.abort();
          throw error;
        }
      }
    };
    const results = await Promise.allSettled(Array.from({ length: FILES_AT_ONCE }, lane));
    signal.throwIfAborted();
    const faults = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    const worst = faults.find((fault) => !isAbort(fault)) ?? faults[0];
    if (worst !== undefined) throw worst as Error;
  }

  /** One file, whole and checked. A file that comes damaged is fetched once more by itself. */
  async function one(key: ModelKey, name: string, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const file = fileOf(await store.read(key), name);
      if (file.isChecked) return;
      if (file.received > file.size) await store.restart(key, name);
      if (file.received < file.size || file.size === 0) {
        await again(key, signal, () => fetchPieces(ports, key, name, signal));
      }
      signal.throwIfAborted();
      await setState(key, 'checking');
      const whole = fileOf(await store.read(key), name);
      if (await isWhole(whole, store.pieces(key, name))) {
        const model = await store.change(key, (now) => ({
          ...withFile(now, name, { isChecked: true }),
          state: 'downloading',
        }));
        if (model) ports.onChange(model, 0);
        return;
      }
      await store.restart(key, name);
      await setState(key, 'downloading');
      if (attempt > 0) {
        throw new AppError(
          'hub-damaged',
          `${name} came damaged twice: its checksum is not the one the hub states. It will be fetched anew.`,
        );
      }
    }
  }

  /** Tries again what may pass by itself, with breaks; a try that brought bytes counts as the first. */
  async function again<T>(key: ModelKey, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    let failures = 0;
    let had = -1;
    for (;;) {
      try {
        return await act();
      } catch (error) {
        if (isAbort(error) || signal.aborted || !isAppError(error) || !mayPass(error)) throw error;
        const now = await store.read(key);
        const has = now ? receivedBytes(now) : 0;
        if (has > had && had >= 0) failures = 0;
        had = has;
        const pause = pauseOf(error, failures++);
        if (pause === undefined) throw error;
        await setState(key, 'waiting', problemOf(error));
        await (ports.wait ?? wait)(pause, signal);
        await setState(key, 'downloading');
      }
    }
  }

  return {
    isRunning: (key) => running.has(key),
    asItIs,
    async start(id, dtype) {
      const entry = entryOf(id);
      if (!entry) throw new AppError('bad-input', `There is no model "${id}" in the catalogue.`);
      const key = modelKey(id, dtype);
      const already = running.get(key);
      if (already) return already.done;
      const controller = new AbortController();
      const done = run(entry, dtype, controller.signal).finally(() => running.delete(key));
      running.set(key, { controller, done });
      return done;
    },
    async pause(key) {
      const at = running.get(key);
      at?.controller.abort();
      await at?.done;
    },
    async remove(key) {
      const at = running.get(key);
      at?.controller.abort();
      await at?.done;
      await store.remove(key);
      unwritten.delete(key);
    },
    async recover() {
      for (const model of await store.list()) {
        if (['ready', 'paused', 'stopped'].includes(model.state)) continue;
        await setState(model.key, 'paused', {
          code: 'worker-died',
          message: 'The page was closed while this was downloading. What came is kept.',
        });
      }
    },
  };
}

/** A small kept file as JSON; undefined when it is no JSON. */
export async function readJson(store: ModelStore, key: ModelKey, name: string): Promise<unknown> {
  const parts: ArrayBuffer[] = [];
  for await (const piece of store.pieces(key, name)) parts.push(piece);
  try {
    return JSON.parse(await new Blob(parts).text()) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function split(files: readonly KeptFile[]): [string[], string[]] {
  const names = files.map(({ name }) => name);
  return [names.filter((name) => !name.startsWith('onnx/')), names.filter((name) => name.startsWith('onnx/'))];
}

function fileOf(model: KeptModel | undefined, name: string): KeptFile {
  const file = model?.files.find((other) => other.name === name);
  if (!file) throw removed();
  return file;
}

/** Removed while it was downloading: for whoever still works on it this is an abort. */
function removed(): Error {
  return new DOMException('The model was removed.', 'AbortError');
}

function mayPass({ code }: AppError): boolean {
  return code === 'hub-offline' || code === 'hub-fault' || code === 'hub-busy';
}

/** How long to wait before the next try; undefined: no more by itself. */
function pauseOf(error: AppError, failures: number): number | undefined {
  const own = BREAKS_MS[failures];
  if (own === undefined) return undefined;
  const asked = error.cause instanceof RetryAfter ? error.cause.seconds * 1000 : 0;
  return asked > LONGEST_PAUSE_MS ? undefined : Math.max(own, asked);
}

function problemOf(error: unknown): Problem {
  if (isAppError(error)) return { code: error.code, message: error.message };
  return { code: 'internal', message: `Something went wrong inside Jarvis: ${String(error)}` };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
