// The VLM worker: wiring only. Runs the pipeline over the real ports and is the only writer to IndexedDB.
import { AppError, isAppError } from '../src/core/errors';
import { isEmbedded } from '../src/core/model-choice';
import { createEngine, type Engine } from '../src/pipeline/engine';
import type { LargeModel } from '../src/pipeline/large-model';
import { connectEncoder } from '../src/rpc/encoder-port';
import { exposeWorker } from '../src/rpc/life';
import { connectPageModel } from '../src/rpc/page-model';
import type { EngineEvent, EngineStatus, StartOptions, VlmWorkerApi } from '../src/rpc/protocol';
import { deviceLost } from '../src/runtime/faults';
import { createImages } from '../src/runtime/image';
import { createLargePort } from '../src/runtime/large';
import { openRecall } from '../src/runtime/recall';
import { loadVlm } from '../src/runtime/load-vlm';
import { openMemory } from '../src/storage/memory';

/** A loading bar moves smoothly at 20 Hz; every chunk of a download would flood the page with messages. */
const PROGRESS_EVERY_MS = 50;

let engine: Engine | undefined;
let builtIn: LargeModel | undefined; // the browser's own
let adopt: () => Promise<void> = () => Promise.reject(new AppError('not-ready', 'The models are still loading.'));

async function start(
  options: StartOptions,
  encoderPort: MessagePort,
  onEvent: (event: EngineEvent) => void,
): Promise<EngineStatus> {
  let toldAt = 0;
  const onLoaded = (loadedBytes: number, totalBytes: number): void => {
    const now = performance.now();
    if (now - toldAt < PROGRESS_EVERY_MS && loadedBytes < totalBytes) return;
    toldAt = now;
    onEvent({ kind: 'loading', what: options.model, loadedBytes, totalBytes });
  };
  const { model, backend, baseUrl, rest } = options;
  void deviceLost.then(({ code, message }) => onEvent({ kind: 'failed', code, message }));
  const kept = isEmbedded(model) ? undefined : await (await import('./kept-model')).keptModel(model, backend);
  const loading = loadVlm(model, backend, baseUrl, onLoaded, rest, kept);
  const [{ vlm, device, selfTest }, { encoder, warmUp }, memory, recall] = await Promise.all([
    loading,
    connectEncoder(encoderPort),
    openMemory({
      onReplaced: () =>
        onEvent({
          kind: 'failed',
          code: 'storage',
          message: 'A newer Jarvis is open in another tab. Reload this page.',
        }),
    }),
    openRecall(options.baseUrl, loading),
  ]);
  await kept?.passed();
  const status: EngineStatus = {
    model: vlm.info.id,
    label: kept?.entry.label ?? vlm.info.id,
    encoder: encoder.info.id,
    backend: device.backend,
    device: device.name,
    fallback: options.fallback ?? device.fallback,
    insteadOf: options.insteadOf,
    selfTest,
  };
  const created = createEngine({
    vlm,
    encoder,
    memory,
    recall,
    images: createImages(),
    large: createLargePort(() => Promise.resolve(builtIn)),
    onMemory: (snapshot) => onEvent({ kind: 'memory', snapshot }),
    onChats: (chats) => onEvent({ kind: 'chats', chats }),
    onFault: ({ code, message }) => onEvent({ kind: 'failed', code, message }),
  });
  engine = created;
  adopt = async () => {
    onEvent({ kind: 'ready', status });
    await created.resume();
    warmUp().catch((error: unknown) => {
      const { code, message } = isAppError(error) ? error : new AppError('internal', String(error));
      onEvent({ kind: 'failed', code, message });
    });
  };
  if (options.waits !== true) await adopt();
  return status;
}

function running(): Engine {
  if (!engine) throw new AppError('not-ready', 'The models are still loading.');
  return engine;
}

// Every method is async, so that `running()` rejects instead of throwing.
exposeWorker({
  start,
  async connectBuiltIn(port) {
    builtIn = await connectPageModel(port);
  },
  prepare: async (onProgress, signal) => running().prepare(onProgress, signal),
  adopt: () => adopt(),
  enrol: async (request) => running().enrol(request),
  addPhotos: async (id, photos) => running().addPhotos(id, photos),
  cancelPhoto: async (id) => running().cancelPhoto(id),
  retryPhoto: async (id) => running().retryPhoto(id),
  deletePhoto: async (id) => running().deletePhoto(id),
  async readPhoto(id) {
    const photo = await running().readPhoto(id);
    return photo && new Blob([photo.bytes], { type: photo.mime });
  },
  readScoreMap: async (id) => running().readScoreMap(id),
  replacePatches: async (id, boxes) => running().replacePatches(id, boxes),
  editConcept: async (id, edit) => running().editConcept(id, edit),
  deleteConcept: async (id) => running().deleteConcept(id),
  addFacts: async (id, facts) => running().addFacts(id, facts),
  editFact: async (id, text) => running().editFact(id, text),
  deleteFact: async (id) => running().deleteFact(id),
  undo: async (token) => running().undo(token),
  createChat: async () => running().createChat(),
  readChat: async (id) => running().readChat(id),
  renameChat: async (id, title) => running().renameChat(id, title),
  deleteChat: async (id) => running().deleteChat(id),
  ask: async (request, onEvent, signal) => running().ask(request, onEvent, signal),
  readLarge: async () => running().readLarge(),
  editLarge: async (edit) => running().editLarge(edit),
  unlockKey: async (passphrase) => running().unlockKey(passphrase),
  listLargeModels: async (signal) => running().listLargeModels(signal),
  testLarge: async (signal) => running().testLarge(signal),
  decideReview: async (id, decision) => running().decideReview(id, decision),
  listSent: async () => running().listSent(),
  clearSent: async () => running().clearSent(),
  checkUp: async (onProgress, signal) => running().checkUp(onProgress, signal),
  lastCheckUp: async () => running().lastCheckUp(),
  idle: async () => running().idle(),
} satisfies VlmWorkerApi);
