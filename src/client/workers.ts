// Starts the two workers, links them, and restarts them when one ends or an ONNX run fails. No call ever hangs: when a
// worker is gone its pending calls reject, and the next call waits for the restart.
//
// The two are restarted together: each holds an end of the channel between them, and loading takes about as long as
// finding out whether the other end is still sound.
import * as Comlink from 'comlink';
import { AppError, isAppError } from '../core/errors';
import { type LifeApi, waitForEnd } from '../rpc/life';
import type { EncoderWorkerApi, EngineEvent, EngineStatus, StartOptions, VlmWorkerApi } from '../rpc/protocol';
import { installTransferHandlers, releaseSignal, signalForCall } from '../rpc/transfer';

/** One tab owns the models and the memory. */
const OWNER_LOCK = 'jarvis-owner';

/** A worker that ends this often is not going to live: the user is told instead. Chosen, not measured. */
const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;

/** After these the thread's ONNX Runtime cannot be used again (it chains every run on the one that failed). */
const FATAL_CODES = new Set(['model-run', 'gpu-lost', 'worker-died']);

export interface EngineOptions extends StartOptions {
  /** Take the models away from the tab that has them. That tab gets a 'failed' event with code 'locked'. */
  readonly steal?: boolean;
}

/** Every call of the VLM worker but `start`: functions are proxied, signals carried over, errors keep their codes. */
export type EngineApi = Omit<VlmWorkerApi, 'start'>;

export interface EngineClient extends EngineApi {
  /** Of the workers as they run now (a restart may have changed the backend). */
  status(): EngineStatus;
  /** Ends the workers and starts anew; pending calls reject with 'worker-died'. */
  restart(): Promise<EngineStatus>;
  /** Ends the workers and lets another tab have the models. Later calls reject. */
  dispose(): void;
}

/** The two running workers. `ended` rejects once, with the reason, and never resolves. */
interface Pair {
  readonly vlm: Comlink.Remote<VlmWorkerApi>;
  readonly status: EngineStatus;
  readonly ended: Promise<never>;
  readonly end: (reason: AppError) => void;
}

/**
 * Resolves when questions can be asked. Rejects with AppError 'locked' when another tab has the models, 'model-load'
 * when they cannot be loaded.
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
  const { steal = false, ...startOptions } = options;
  let disposed: AppError | undefined;
  let pair: Pair | undefined;
  let current: Promise<Pair>;
  const restarts: number[] = [];

  const releaseOwnership = await takeOwnership(steal, () => {
    shutDown(new AppError('locked', 'Jarvis was opened in another tab, which has the models now.'));
  });

  function shutDown(reason: AppError): void {
    if (disposed) return;
    disposed = reason;
    pair?.end(reason);
    current = rejected(reason);
    releaseOwnership();
    if (reason.code === 'locked') onEvent({ kind: 'failed', code: reason.code, message: reason.message });
  }

  async function spawn(): Promise<Pair> {
    const next = await startPair(startOptions, (event) => {
      onEvent(event);
      // A failure in the background (an enrolment, a rebuild) belongs to no call.
      if (event.kind === 'failed' && FATAL_CODES.has(event.code)) pair?.end(new AppError(event.code, event.message));
    });
    if (disposed) {
      next.end(disposed);
      throw disposed;
    }
    pair = next;
    next.ended.catch((error: unknown) => {
      if (disposed || pair !== next) return;
      const reason = isAppError(error) ? error : new AppError('worker-died', 'The model stopped.', { cause: error });
      onEvent({ kind: 'failed', code: reason.code, message: reason.message });
      current = respawn(reason);
    });
    return next;
  }

  function respawn(reason: AppError): Promise<Pair> {
    const now = performance.now();
    while (restarts[0] !== undefined && now - restarts[0] > RESTART_WINDOW_MS) restarts.shift();
    if (restarts.length >= MAX_RESTARTS) {
      return rejected(
        new AppError('worker-died', 'The model keeps stopping. Reload the page to try again.', { cause: reason }),
      );
    }
    restarts.push(now);
    return quiet(spawn());
  }

  async function call(name: keyof EngineApi, args: unknown[]): Promise<unknown> {
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

  current = quiet(spawn());
  try {
    await current;
  } catch (error) {
    releaseOwnership();
    throw error;
  }

  const own: Pick<EngineClient, 'status' | 'restart' | 'dispose'> = {
    status() {
      if (!pair) throw new AppError('not-ready', 'The models are not loaded yet.');
      return pair.status;
    },
    async restart() {
      if (disposed) throw disposed;
      const old = pair;
      pair = undefined; // so that its end is not taken for a death
      old?.end(new AppError('worker-died', 'The model was restarted.'));
      restarts.length = 0;
      current = quiet(spawn());
      return (await current).status;
    },
    dispose: () => shutDown(new AppError('not-ready', 'Jarvis was closed.')),
  };
  return new Proxy(own as EngineClient, {
    get(target, name) {
      if (typeof name !== 'string' || name === 'then') return undefined;
      if (name in target) return Reflect.get(target, name) as unknown;
      return (...args: unknown[]) => call(name as keyof EngineApi, args);
    },
  });
}

async function startPair(options: StartOptions, onEvent: (event: EngineEvent) => void): Promise<Pair> {
  // Vite finds workers by this exact form: keep the URL literal inside `new Worker(…)`.
  const vlmWorker = new Worker(new URL('../../workers/vlm.worker.ts', import.meta.url), { type: 'module' });
  const encoderWorker = new Worker(new URL('../../workers/encoder.worker.ts', import.meta.url), { type: 'module' });
  const vlm = Comlink.wrap<VlmWorkerApi & LifeApi>(vlmWorker);
  const encoder = Comlink.wrap<EncoderWorkerApi & LifeApi>(encoderWorker);

  const watching = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  ended.catch(() => undefined);
  let over = false;
  function end(reason: AppError): void {
    if (over) return;
    over = true;
    watching.abort();
    vlmWorker.terminate();
    encoderWorker.terminate();
    reject(reason);
  }
  for (const worker of [vlmWorker, encoderWorker]) {
    // Fires for a script that cannot be loaded and for errors that nothing caught.
    worker.onerror = (event) => {
      event.preventDefault();
      end(new AppError('worker-died', 'The model stopped unexpectedly.', { cause: event.error ?? event.message }));
    };
  }

  const locks = [vlm, encoder].map((worker) => {
    const lock = `jarvis-life-${crypto.randomUUID()}`;
    return worker.live(lock).then(() => {
      void waitForEnd(lock, watching.signal).then(() => end(new AppError('worker-died', 'The model was ended.')));
    });
  });

  try {
    const channel = new MessageChannel();
    const started = Promise.all(locks).then(async () => {
      const [status] = await Promise.all([
        vlm.start(options, Comlink.transfer(channel.port1, [channel.port1]), Comlink.proxy(onEvent)),
        encoder.connect(Comlink.transfer(channel.port2, [channel.port2])).then(() => encoder.start(options)),
      ]);
      return status;
    });
    const status = await Promise.race([started, ended]);
    return { vlm, status, ended, end };
  } catch (error) {
    end(new AppError('worker-died', 'The model could not be started.', { cause: error }));
    throw error;
  }
}

/** Resolves to a release function once this tab owns the models. */
function takeOwnership(steal: boolean, onStolen: () => void): Promise<() => void> {
  const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
  return new Promise((resolve, reject) => {
    let owner = false;
    // `steal` and `ifAvailable` exclude each other.
    navigator.locks
      .request(OWNER_LOCK, steal ? { steal: true } : { ifAvailable: true }, (lock) => {
        if (!lock) throw new AppError('locked', 'Jarvis is open in another tab. Close it there, or take over here.');
        owner = true;
        resolve(() => release(undefined));
        return held;
      })
      .catch((error: unknown) => {
        if (owner)
          onStolen(); // a stolen lock rejects with AbortError
        else reject(error instanceof Error ? error : new AppError('locked', String(error)));
      });
  });
}

/** What a page-side argument becomes for the other thread. Buffers are copied: a call may have to be repeated. */
function toWire(arg: unknown): unknown {
  if (arg instanceof AbortSignal) return signalForCall(arg);
  return typeof arg === 'function' ? Comlink.proxy(arg as () => void) : arg;
}

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined); // whoever awaits it gets the error; nobody waiting is no fault
  return promise;
}

function rejected(reason: AppError): Promise<never> {
  return quiet(Promise.reject(reason));
}
