// The worker of a larger model: started, watched, and ended. Like an engine's workers it cannot be used again after a run that failed.
import * as Comlink from 'comlink';
import { AppError } from '../core/errors';
import type { LargerWorkerApi } from '../rpc/larger-protocol';
import { type LifeApi, watchLife } from '../rpc/life';
import { installTransferHandlers } from '../rpc/transfer';

export interface LargerWorker {
  readonly api: Comlink.Remote<LargerWorkerApi>;
  /** Resolves when it can be called. */
  readonly alive: Promise<void>;
  /** Rejects once, with the reason, when the worker has ended; never resolves. */
  readonly ended: Promise<never>;
  readonly end: (reason: AppError) => void;
  /**
   * Runs a call that says when it has heard something of the worker. Rejects when the worker has ended; while calls wait and none hears anything
   * for long, it is ended.
   */
  readonly listen: <T>(call: (heard: () => void) => Promise<T>) => Promise<T>;
}

/** Without a byte read or a word said for so long, it is given up: SmolVLM-256M's whole test takes a minute on a slow processor. Chosen. */
const SILENCE_MS = 180_000;

export function startLargerWorker(): LargerWorker {
  installTransferHandlers();
  // Vite finds workers by this exact form: keep the URL literal inside `new Worker(…)`.
  const worker = new Worker(new URL('../../workers/larger.worker.ts', import.meta.url), { type: 'module' });
  const api = Comlink.wrap<LargerWorkerApi & LifeApi>(worker);
  const watching = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  ended.catch(() => undefined); // whoever awaits it is told
  function end(reason: AppError): void {
    if (watching.signal.aborted) return;
    watching.abort();
    worker.terminate();
    reject(reason);
  }
  const died = (cause: unknown): void => end(new AppError('worker-died', 'It stopped unexpectedly.', { cause }));
  worker.onerror = (event) => {
    event.preventDefault();
    died(event.error ?? event.message);
  };
  const alive = Promise.race([watchLife(api, watching.signal, () => died(undefined)), ended]);
  alive.catch(() => undefined);

  let calls = 0;
  let silence: ReturnType<typeof setTimeout> | undefined;
  function heard(): void {
    clearTimeout(silence);
    if (calls === 0) return;
    silence = setTimeout(() => {
      end(new AppError('worker-died', `It said nothing for ${SILENCE_MS / 1000} s.`));
    }, SILENCE_MS);
  }
  async function listen<T>(call: (heard: () => void) => Promise<T>): Promise<T> {
    calls++;
    heard();
    try {
      return await Promise.race([call(heard), ended]);
    } finally {
      calls--;
      heard();
    }
  }
  return { api, alive, ended, end, listen };
}
