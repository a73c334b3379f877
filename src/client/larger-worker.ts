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
}

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
  return { api, alive, ended, end };
}
