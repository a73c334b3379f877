// How one side learns at once that a worker has ended, for whatever reason: the worker holds a Web Lock all its life, and
// the browser gives it to whoever waits for it when the worker is gone. A ping would only find out late, and would take a
// worker that computes for a loaded model for a dead one.
import * as Comlink from 'comlink';
import { installTransferHandlers } from './transfer';

export interface LifeApi {
  /** Takes the lock and keeps it. Resolves once it is held. */
  live(lock: string): Promise<void>;
}

/** Worker side: exposes `api` on the worker's own port, with the life lock beside it. */
export function exposeWorker(api: object): void {
  installTransferHandlers();
  const life: LifeApi = {
    live: (lock) =>
      new Promise((resolve, reject) => {
        const forever = new Promise<never>(() => undefined);
        navigator.locks
          .request(lock, () => {
            resolve();
            return forever;
          })
          .catch(reject);
      }),
  };
  Comlink.expose({ ...api, ...life });
}

/** Resolves when the worker that holds `lock` has ended, or `signal` is aborted. */
async function waitForEnd(lock: string, signal: AbortSignal): Promise<void> {
  await navigator.locks.request(lock, { signal }, () => undefined).catch(() => undefined);
}

/** Page side: resolves once the worker holds its lock; `onEnd` runs when it has ended, unless `signal` was aborted before. */
export async function watchLife(
  worker: Comlink.Remote<LifeApi>,
  signal: AbortSignal,
  onEnd: () => void,
): Promise<void> {
  const lock = `jarvis-life-${crypto.randomUUID()}`;
  await worker.live(lock);
  void waitForEnd(lock, signal).then(() => {
    if (!signal.aborted) onEnd();
  });
}
