// Starts the workers and restarts them when one ends or an ONNX run fails. No call ever hangs: when a worker is gone its
// pending calls reject, and the next call waits for the restart.
import * as Comlink from 'comlink';
import { AppError, isAppError } from '../core/errors';
import { attemptsFor, nextAttempt } from '../core/model-fallback';
import type { LargeView } from '../core/large';
import { EMBEDDED_ENCODER, isEmbedded } from '../core/model-choice';
import { BROWSERS_OWN, type OpenPageModel } from '../rpc/model-port';
import type { EngineEvent, EngineStatus, StartOptions, VlmWorkerApi } from '../rpc/protocol';
import { installTransferHandlers, releaseSignal, signalForCall } from '../rpc/transfer';
import { type Ownership, takeOwnership } from './ownership';
import { createLargerHost } from './larger-model';
import { builtInModel } from './prompt-api';
import { prepareReplacement, type ReplacementStep } from './replacement';
import { createRoom } from './room';
import { startPair, type WorkerPair } from './worker-pair';

/** Workers that end this often are not going to live: the user is told instead. Chosen, not measured. */
const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;

/** Room is made for a larger model, it fails, and the small one comes back: two rounds. */
const MAX_ROUNDS = 3;

/** A graphics device may be lost once, when a machine sleeps or a driver restarts; after the second time WASM is used. */
const MAX_GPU_FAILURES = 2;

/** A model that fails this often, without a graphics card at fault (memory runs out, most likely), is left for the next. */
const MAX_MODEL_FAILURES = 2;

/** Faults of the model that was asked for: another one may do. */
const MODEL_FAULTS = new Set([
  'model-load',
  'out-of-memory',
  'model-run',
  'unsupported-rope',
  'worker-died',
  'gpu-lost',
]);

/** After these the thread's ONNX Runtime cannot be used again (it chains every run on the one that failed), or has no network to run. */
const FATAL_CODES = new Set(['model-run', 'out-of-memory', 'gpu-lost', 'worker-died', 'encoder-load']);

export interface EngineOptions extends StartOptions {
  /** Take the models away from the tab that has them. That tab gets a 'failed' event with code 'locked'. */
  readonly steal?: boolean;
  /** Another model or the embedded encoder may answer where the chosen one cannot be used. Benchmarks do not want that. */
  readonly fallsBack?: boolean;
}

/** Every call of the VLM worker but those that start it: functions are proxied, signals carried over, errors keep their codes. */
export type EngineApi = Omit<VlmWorkerApi, 'start' | 'connectModels' | 'describeSmall' | 'prepare' | 'adopt'>;

export interface EngineClient extends EngineApi {
  /** Of the workers as they run now (a restart may have changed the backend). */
  status(): EngineStatus;
  /** Ends the workers and starts anew; pending calls reject with 'worker-died'. */
  restart(): Promise<EngineStatus>;
  /**
   * Another model: it loads and encodes memory while the present one answers, and takes over when it is ready and no answer is
   * under way. Rejects with why it cannot be used; the present one goes on then.
   */
  replaceModel(model: string, onStep: (step: ReplacementStep) => void, signal: AbortSignal): Promise<EngineStatus>;
  /** Ends the workers and lets another tab have the models. Later calls reject. */
  dispose(): void;
}

/** The engine of this page, also while it is starting. A page has one: starting another ends it. */
let active: { readonly shutDown: (reason: AppError) => void; readonly ownership: Ownership } | undefined;

/**
 * Resolves when questions can be asked. Rejects with AppError 'locked' when another tab has the models, 'model-load'
 * when they cannot be loaded. Ends an engine that this page started before.
 *
 * `onEvent` gets 'loading', 'ready', 'memory' and 'chats', and 'failed' when the workers have ended; after 'failed' comes
 * either 'loading' and 'ready' again or nothing. Events travel on another port than results: the last ones of a call may
 * arrive just after its promise has settled.
 */
export async function startEngine(
  options: EngineOptions,
  onEvent: (event: EngineEvent) => void,
): Promise<EngineClient> {
  installTransferHandlers();
  const { steal = false, fallsBack = false, ...wanted } = options;
  let startOptions: StartOptions = wanted;
  let away: StartOptions['away']; // the small model was put away: room.ts
  let attempts = attemptsFor(wanted, fallsBack);
  let gpuFailures = 0;
  let modelFailures = 0;
  const underWay = new Set<Promise<unknown>>();
  const restartedAt: number[] = [];
  let disposed: AppError | undefined;
  let pair: WorkerPair | undefined;
  let status: EngineStatus | undefined;
  let current: Promise<WorkerPair>; // rejects while there are no workers and none are coming

  const previous = active;
  const ownership = takeOwnership(steal, previous?.ownership.released, () => {
    shutDown(new AppError('locked', 'Jarvis was opened in another tab, which has the models now.'));
  });
  const larger = createLargerHost({
    backend: wanted.backend,
    baseUrl: wanted.baseUrl,
    small: () => startOptions.model,
    isAlone: () => away !== undefined,
    onState: (state) => onEvent({ kind: 'larger', state }),
    onLeft: () => {
      if (!disposed) room.left();
    },
  });
  const room = createRoom({
    swap,
    settled: () => Promise.allSettled([...underWay]),
    isAway: () => away !== undefined,
    endLarger: () => larger.end(new AppError('large-model', 'The small model needs its memory.')),
    smallLabel: () => status?.label ?? '',
    onState: (state) => onEvent({ kind: 'larger', state }),
  });
  const openModel: OpenPageModel = (which) =>
    which === BROWSERS_OWN ? Promise.resolve(builtInModel()) : larger.open(which);
  active = { shutDown, ownership };
  previous?.shutDown(new AppError('not-ready', 'Jarvis was started again.'));

  function shutDown(reason: AppError): void {
    if (disposed) return;
    disposed = reason;
    larger.end(reason);
    pair?.end(reason);
    current = quiet(Promise.reject(reason));
    ownership.release();
    if (reason.code === 'locked') fail(reason);
  }

  function fail({ code, message }: AppError): void {
    onEvent({ kind: 'failed', code, message });
  }

  async function spawn(): Promise<WorkerPair> {
    if (disposed) throw disposed;
    const next = startPair({ ...startOptions, ...(away && { away }) }, openModel, (event) => {
      if (pair === next) hear(next, event);
    });
    pair = next;
    try {
      status = await next.ready;
    } catch (error) {
      next.end(new AppError('worker-died', 'The model could not be started.', { cause: error }));
      if (!isAppError(error) || !fallBack(error)) throw error;
      return spawn();
    }
    watch(next);
    return next;
  }

  /** A failure in the background (an enrolment, a rebuild) belongs to no call. Ending the workers tells of it. */
  function hear(from: WorkerPair, event: EngineEvent): void {
    if (event.kind === 'failed' && FATAL_CODES.has(event.code)) from.end(new AppError(event.code, event.message));
    else onEvent(event);
  }

  function watch(running: WorkerPair): void {
    running.ended.catch((error: unknown) => {
      if (disposed || pair !== running) return;
      const reason = asAppError(error);
      fail(reason);
      const onGpu = status?.backend === 'webgpu';
      if (reason.code === 'encoder-load') fallBack(reason);
      else if (onGpu ? ++gpuFailures >= MAX_GPU_FAILURES : ++modelFailures >= MAX_MODEL_FAILURES) {
        if (onGpu || !isEmbedded(startOptions.model))
          fallBack(onGpu ? new AppError('gpu-lost', reason.message) : reason);
      }
      current = quiet(respawn(reason));
    });
  }

  /** What is tried after the present model or backend failed: core/model-fallback.ts. False when nothing is left to try. */
  function fallBack({ code, message }: AppError): boolean {
    if (code === 'encoder-load' && fallsBack && startOptions.encoder !== EMBEDDED_ENCODER) {
      startOptions = {
        ...startOptions,
        encoder: EMBEDDED_ENCODER,
        fallback: `The built-in encoder is used: ${message}`,
      };
      return true;
    }
    if (code !== 'gpu-lost' && (!fallsBack || isEmbedded(startOptions.model) || !MODEL_FAULTS.has(code))) return false;
    const next = nextAttempt(attempts, startOptions, code === 'gpu-lost');
    if (!next) return false;
    gpuFailures = modelFailures = 0;
    // The first reason tells most: what follows may only be that a smaller form is not on this device.
    const fallback = next.model === startOptions.model ? message : (startOptions.fallback ?? message);
    const insteadOf = next.model === attempts[0]?.model ? {} : { insteadOf: attempts[0]?.model ?? '' };
    startOptions = { ...startOptions, ...next, fallback, ...insteadOf };
    return true;
  }

  async function respawn(reason: AppError): Promise<WorkerPair> {
    const now = performance.now();
    while (restartedAt[0] !== undefined && now - restartedAt[0] > RESTART_WINDOW_MS) restartedAt.shift();
    restartedAt.push(now);
    try {
      if (restartedAt.length <= MAX_RESTARTS) return await spawn();
      throw new AppError('worker-died', 'The model keeps stopping. Reload the page to try again.', { cause: reason });
    } catch (error) {
      if (!disposed) fail(asAppError(error));
      throw error;
    }
  }

  /** The workers end, and others take their place: without the small model, or with it again. */
  async function swap(withSmall: boolean): Promise<void> {
    const { vlm, ended } = await current;
    if (withSmall || status === undefined) away = undefined;
    else away = { info: await Promise.race([vlm.describeSmall(), ended]), status };
    const old = pair;
    pair = undefined; // so that its end is not taken for a death
    old?.end(new AppError('worker-died', 'The models make room for one another.'));
    current = quiet(spawn());
    await current;
  }

  /** Where a larger model wants room or gives it back, the call is made again in the workers that came of it. */
  async function call(name: string, args: readonly unknown[]): Promise<unknown> {
    for (let asked = args, rounds = 0; ; rounds++) {
      const held = room.before(name);
      if (held) await held;
      try {
        const result = await callOnce(name, asked);
        if (name === 'editLarge') larger.keep(largerIn(result as LargeView));
        return result;
      } catch (error) {
        const again = rounds < MAX_ROUNDS ? await room.after(name, asked, error) : undefined;
        if (again === undefined) throw error;
        asked = again;
      }
    }
  }

  async function callOnce(name: string, args: readonly unknown[]): Promise<unknown> {
    const { vlm, ended, end } = await current;
    const method = (vlm as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[name];
    if (!method) throw new AppError('internal', `The worker has no method ${name}.`);
    const wired = args.map(toWire);
    const answer = Promise.race([method(...wired), ended]);
    underWay.add(answer);
    try {
      return await answer;
    } catch (error) {
      if (isAppError(error) && FATAL_CODES.has(error.code)) end(error);
      throw error;
    } finally {
      underWay.delete(answer);
      for (const arg of wired) if (arg instanceof AbortSignal) releaseSignal(arg);
    }
  }

  await ownership.taken;
  try {
    current = quiet(spawn());
    await current;
  } catch (error) {
    shutDown(asAppError(error));
    throw error;
  }

  const own: Pick<EngineClient, 'status' | 'restart' | 'replaceModel' | 'dispose'> = {
    status() {
      if (!status) throw new AppError('not-ready', 'The models are not loaded yet.');
      return status;
    },
    async restart() {
      const old = pair;
      pair = undefined; // so that its end is not taken for a death
      old?.end(new AppError('worker-died', 'The model was restarted.'));
      restartedAt.length = 0;
      current = quiet(spawn());
      await current;
      return own.status();
    },
    async replaceModel(model, onStep, signal) {
      const chosen: StartOptions = { ...wanted, model };
      const isActive = (one: WorkerPair): boolean => pair === one;
      const ready = await prepareReplacement(chosen, openModel, isActive, hear, onStep, signal);
      await Promise.allSettled([...underWay]); // an answer is not cut off
      if (disposed || signal.aborted) {
        ready.pair.end(new AppError('not-ready', 'Another model was chosen meanwhile.'));
        throw disposed ?? (signal.reason as Error);
      }
      const old = pair;
      pair = ready.pair;
      status = ready.status;
      startOptions = chosen;
      away = undefined;
      attempts = attemptsFor(chosen, fallsBack);
      gpuFailures = modelFailures = 0;
      current = quiet(Promise.resolve(ready.pair));
      watch(ready.pair);
      old?.end(new AppError('worker-died', 'Another model answers now.'));
      await Promise.race([ready.pair.vlm.adopt(), ready.pair.ended]);
      return ready.status;
    },
    dispose() {
      shutDown(new AppError('not-ready', 'Jarvis was closed.'));
    },
  };
  return new Proxy(own as EngineClient, {
    get(target, name) {
      if (typeof name !== 'string' || name === 'then') return undefined;
      if (name in target) return Reflect.get(target, name) as unknown;
      return (...args: unknown[]) => call(name, args);
    },
  });
}

/** The larger model that is chosen, if one is. */
function largerIn({ settings: { answerWith, larger } }: LargeView): string | undefined {
  return answerWith === 'larger' && larger !== '' ? larger : undefined;
}

/** What a page-side argument becomes for the other thread. Buffers are copied: a call may have to be repeated. */
function toWire(arg: unknown): unknown {
  if (arg instanceof AbortSignal) return signalForCall(arg);
  return typeof arg === 'function' ? Comlink.proxy(arg as () => void) : arg;
}

function asAppError(error: unknown): AppError {
  return isAppError(error) ? error : new AppError('internal', 'The model could not be started.', { cause: error });
}

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined); // whoever awaits it is told; nobody waiting is no fault
  return promise;
}
