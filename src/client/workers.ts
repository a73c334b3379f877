// Starts the workers and restarts them when one ends or an ONNX run fails. No call ever hangs: when a worker is gone its
// pending calls reject, and the next call waits for the restart.
import * as Comlink from 'comlink';
import { AppError, isAppError } from '../core/errors';
import type { EngineEvent, EngineStatus, StartOptions, VlmWorkerApi } from '../rpc/protocol';
import { installTransferHandlers, releaseSignal, signalForCall } from '../rpc/transfer';
import { type Ownership, takeOwnership } from './ownership';
import { startPair, type WorkerPair } from './worker-pair';

/** Workers that end this often are not going to live: the user is told instead. Chosen, not measured. */
const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;

/** A graphics device may be lost once, when a machine sleeps or a driver restarts; after the second time WASM is used. */
const MAX_GPU_FAILURES = 2;

/** After these the thread's ONNX Runtime cannot be used again (it chains every run on the one that failed). */
const FATAL_CODES = new Set(['model-run', 'gpu-lost', 'worker-died']);

export interface EngineOptions extends StartOptions {
  /** Take the models away from the tab that has them. That tab gets a 'failed' event with code 'locked'. */
  readonly steal?: boolean;
}

/** Every call of the VLM worker but those that start it: functions are proxied, signals carried over, errors keep their codes. */
export type EngineApi = Omit<VlmWorkerApi, 'start' | 'connectBuiltIn'>;

export interface EngineClient extends EngineApi {
  /** Of the workers as they run now (a restart may have changed the backend). */
  status(): EngineStatus;
  /** Ends the workers and starts anew; pending calls reject with 'worker-died'. */
  restart(): Promise<EngineStatus>;
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
  const { steal = false, ...wanted } = options;
  let startOptions: StartOptions = wanted;
  let gpuFailures = 0;
  const restartedAt: number[] = [];
  let disposed: AppError | undefined;
  let pair: WorkerPair | undefined;
  let status: EngineStatus | undefined;
  let current: Promise<WorkerPair>; // rejects while there are no workers and none are coming

  const previous = active;
  const ownership = takeOwnership(steal, previous?.ownership.released, () => {
    shutDown(new AppError('locked', 'Jarvis was opened in another tab, which has the models now.'));
  });
  active = { shutDown, ownership };
  previous?.shutDown(new AppError('not-ready', 'Jarvis was started again.'));

  function shutDown(reason: AppError): void {
    if (disposed) return;
    disposed = reason;
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
    const next = startPair(startOptions, (event) => {
      if (pair !== next) return;
      // A failure in the background (an enrolment, a rebuild) belongs to no call. Ending the workers tells of it.
      if (event.kind === 'failed' && FATAL_CODES.has(event.code)) next.end(new AppError(event.code, event.message));
      else onEvent(event);
    });
    pair = next;
    try {
      status = await next.ready;
    } catch (error) {
      next.end(new AppError('worker-died', 'The model could not be started.', { cause: error }));
      if (!isAppError(error) || error.code !== 'gpu-lost' || !leaveGpu(error)) throw error;
      return spawn();
    }
    next.ended.catch((error: unknown) => {
      if (disposed || pair !== next) return;
      const reason = asAppError(error);
      fail(reason);
      if (status?.backend === 'webgpu' && ++gpuFailures >= MAX_GPU_FAILURES) leaveGpu(reason);
      current = quiet(respawn(reason));
    });
    return next;
  }

  /** Goes on with WASM, if the choice is ours. */
  function leaveGpu({ message }: AppError): boolean {
    if (startOptions.backend !== 'auto') return false;
    startOptions = { ...startOptions, backend: 'wasm', fallback: message };
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

  async function call(name: string, args: readonly unknown[]): Promise<unknown> {
    const { vlm, ended, end } = await current;
    const method = (vlm as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[name];
    if (!method) throw new AppError('internal', `The worker has no method ${name}.`);
    const wired = args.map(toWire);
    try {
      return await Promise.race([method(...wired), ended]);
    } catch (error) {
      if (isAppError(error) && FATAL_CODES.has(error.code)) end(error);
      throw error;
    } finally {
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

  const own: Pick<EngineClient, 'status' | 'restart' | 'dispose'> = {
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
