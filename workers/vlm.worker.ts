// The VLM worker: wiring only. Runs the pipeline over the real ports and is the only writer to IndexedDB.
import { AppError, isAppError } from '../src/core/errors';
import { isEmbedded } from '../src/core/model-choice';
import { awayVlm } from '../src/pipeline/away';
import { createEngine, type Engine } from '../src/pipeline/engine';
import type { VlmPort } from '../src/pipeline/ports';
import { connectEncoder } from '../src/rpc/encoder-port';
import { exposeWorker } from '../src/rpc/life';
import { BROWSERS_OWN, connectModels, type OpenPageModel } from '../src/rpc/model-port';
import type { EngineEvent, EngineStatus, StartOptions, VlmWorkerApi } from '../src/rpc/protocol';
import { chooseDevice } from '../src/runtime/device';
import { deviceLost } from '../src/runtime/faults';
import { createImages } from '../src/runtime/image';
import { createLargePort } from '../src/runtime/large';
import { loadVlm } from '../src/runtime/load-vlm';
import type { See } from '../src/runtime/look';
import type { OnProgress } from '../src/runtime/model-files';
import { configureOrt } from '../src/runtime/ort';
import { openRecall } from '../src/runtime/recall';
import { createFastIndex } from '../src/runtime/simd-search';
import { openMemory } from '../src/storage/memory';
import { paced } from './paced';

let engine: Engine | undefined;
let small: VlmPort | undefined;
let openModel: OpenPageModel = () => Promise.resolve(undefined); // of larger models that the page reaches
let adopt: () => Promise<void> = () => Promise.reject(new AppError('not-ready', 'The models are still loading.'));

async function start(
  options: StartOptions,
  encoderPort: MessagePort,
  onEvent: (event: EngineEvent) => void,
): Promise<EngineStatus> {
  void deviceLost.then(({ code, message }) => onEvent({ kind: 'failed', code, message }));
  const onLoaded = paced((loadedBytes, totalBytes) =>
    onEvent({ kind: 'loading', what: options.model, loadedBytes, totalBytes }),
  );
  const encoding = connectEncoder(encoderPort);
  encoding.catch(() => undefined); // awaited below
  const loading = loadSmall(options, onLoaded, async (pixels, signal) => (await encoding).see(pixels, signal));
  const [{ vlm, loaded }, { encoder, warmUp }, memory, recall] = await Promise.all([
    loading,
    encoding,
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
  small = vlm;
  const status: EngineStatus = { ...loaded, encoder: encoder.info.id };
  const created = createEngine({
    vlm,
    encoder,
    memory,
    recall,
    images: createImages(),
    makeIndex: createFastIndex,
    large: createLargePort({ builtIn: () => openModel(BROWSERS_OWN), larger: (key) => openModel(key) }),
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

/** The small model, or only its name where a larger one has its memory. */
async function loadSmall(
  { model, backend, baseUrl, rest, away, fallback, insteadOf }: StartOptions,
  onLoaded: OnProgress,
  see: See,
): Promise<{ vlm: VlmPort; loaded: Omit<EngineStatus, 'encoder'> }> {
  if (away !== undefined) {
    configureOrt(await chooseDevice('wasm'), baseUrl); // recall runs all the same
    return { vlm: awayVlm(away.info), loaded: away.status };
  }
  const kept = isEmbedded(model) ? undefined : await (await import('./kept-model')).keptModel(model, backend);
  const { vlm, device, selfTest } = await loadVlm(model, backend, baseUrl, onLoaded, rest, { ...kept, see });
  await kept?.passed();
  return {
    vlm,
    loaded: {
      model: vlm.info.id,
      label: kept?.entry.label ?? vlm.info.id,
      backend: device.backend,
      device: device.name,
      fallback: fallback ?? device.fallback,
      insteadOf,
      selfTest,
    },
  };
}

function running(): Engine {
  if (!engine) throw new AppError('not-ready', 'The models are still loading.');
  return engine;
}

// Every method is async, so that `running()` rejects instead of throwing.
exposeWorker({
  start,
  connectModels(port) {
    openModel = connectModels(port);
    return Promise.resolve();
  },
  describeSmall: () =>
    small ? Promise.resolve(small.info) : Promise.reject(new AppError('not-ready', 'The models are still loading.')),
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
