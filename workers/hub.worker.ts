// The hub worker: wiring only. Downloads and keeps models; the only writer of their database but for the note of last use.
import { isAppError } from '../src/core/errors';
import { type ModelKey } from '../src/core/kept-models';
import type { DeviceFacts, ModelsSnapshot } from '../src/core/model-offers';
import type { HubWorkerApi } from '../src/rpc/hub-protocol';
import { exposeWorker } from '../src/rpc/life';
import { describe, DESCRIPTION, exportTo, importFrom, readyModel } from '../src/runtime/carry';
import { createDownloads, type Downloads } from '../src/runtime/download';
import { offersFor, probeDevice } from '../src/runtime/fit';
import { createSpeed } from '../src/runtime/speed';
import { openModelStore } from '../src/storage/model-store';

const TOLD_EVERY_MS = 100;
const SPEED_NOTE = 'bytesPerS';

const storing = openModelStore();
let host = '';
let downloads: Downloads | undefined;
let device: DeviceFacts | undefined;
let tell: (snapshot: ModelsSnapshot) => void = () => undefined;
let telling: ReturnType<typeof setTimeout> | undefined;
const speeds = new Map<ModelKey, ReturnType<typeof createSpeed>>();
let lineBytesPerS: number | undefined;

async function estimate(): Promise<{ usage: number | undefined; quota: number | undefined }> {
  try {
    const { usage, quota } = await navigator.storage.estimate();
    return { usage, quota };
  } catch (error) {
    if (error instanceof TypeError) return { usage: undefined, quota: undefined }; // some private windows refuse
    throw error;
  }
}

async function freeBytes(): Promise<number | undefined> {
  const { usage, quota } = await estimate();
  return quota === undefined ? undefined : Math.max(0, quota - (usage ?? 0));
}

async function look(): Promise<DeviceFacts> {
  const store = await storing;
  const measured = await store.readNote(SPEED_NOTE);
  const speed =
    typeof measured === 'number'
      ? { bytesPerS: measured, isMeasured: true }
      : lineBytesPerS === undefined
        ? undefined
        : { bytesPerS: lineBytesPerS, isMeasured: false };
  return probeDevice(await freeBytes(), speed);
}

async function send(): Promise<void> {
  const store = await storing;
  device ??= await look();
  const { usage, quota } = await estimate();
  const kept = await store.list();
  tell({
    host,
    device,
    offers: offersFor(device),
    kept: kept.map((model) => ({
      model: downloads?.asItIs(model) ?? model,
      bytesPerS: downloads?.isRunning(model.key) === true ? speeds.get(model.key)?.now() : undefined,
    })),
    usedBytes: usage,
    quotaBytes: quota,
  });
}

function changed(): void {
  telling ??= setTimeout(() => {
    telling = undefined;
    send().catch((error: unknown) => console.error(error));
  }, TOLD_EVERY_MS);
}

async function running(): Promise<Downloads> {
  const store = await storing;
  downloads ??= createDownloads({
    store,
    host: () => host,
    fetch: (input, init) => fetch(input, init),
    freeBytes,
    onChange(model, came) {
      let speed = speeds.get(model.key);
      if (!speed) speeds.set(model.key, (speed = createSpeed()));
      if (came > 0) speed.add(came);
      changed();
    },
  });
  return downloads;
}

exposeWorker({
  async open(options, onChange) {
    host = options.host;
    lineBytesPerS = options.lineBytesPerS;
    tell = onChange;
    await (await running()).recover();
    await send();
  },
  async setHost(next) {
    host = next;
    await send();
  },
  async download(id, dtype) {
    const all = await running();
    const key = `${id}:${dtype}`;
    speeds.delete(key);
    all
      .start(id, dtype)
      .then(async () => {
        const measured = speeds.get(key)?.overall();
        if (measured !== undefined) await (await storing).saveNote(SPEED_NOTE, measured);
        device = undefined; // free space and speed are others now
        changed();
      })
      .catch((error: unknown) => {
        if (!isAppError(error)) console.error(error);
        changed();
      });
    await send();
  },
  async pause(key) {
    await (await running()).pause(key);
    await send();
  },
  async remove(key) {
    await (await running()).remove(key);
    device = undefined;
    await send();
  },
  async exportTo(key, folder) {
    await exportTo(await storing, key, folder);
  },
  async exportedFiles(key) {
    const store = await storing;
    const model = await readyModel(store, key);
    const files = [{ name: DESCRIPTION, blob: describe(model) }];
    for (const { name } of model.files) {
      const pieces: ArrayBuffer[] = [];
      for await (const piece of store.pieces(key, name)) pieces.push(piece);
      files.push({ name, blob: new Blob(pieces) });
    }
    return files;
  },
  async importFrom(files) {
    try {
      return await importFrom(await storing, files);
    } finally {
      device = undefined;
      await send();
    }
  },
} satisfies HubWorkerApi);
