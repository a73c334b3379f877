// One model run at a time: questions go before background work, which is cut into short runs so that a question waits for one.

export type Urgency = 'question' | 'background';

export interface ModelQueue {
  /** Runs `task` when the models are free. Rejects with `signal.reason` when aborted while waiting. */
  run<T>(urgency: Urgency, task: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

interface Waiting {
  readonly start: () => void;
}

export function createQueue(): ModelQueue {
  const waiting: Record<Urgency, Waiting[]> = { question: [], background: [] };
  let busy = false;

  function next(): void {
    if (busy) return;
    const first = waiting.question.shift() ?? waiting.background.shift();
    if (first === undefined) return;
    busy = true;
    first.start();
  }

  return {
    async run<T>(urgency: Urgency, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const entry: Waiting = {
          start: () => {
            signal.removeEventListener('abort', leave);
            resolve();
          },
        };
        const leave = (): void => {
          waiting[urgency] = waiting[urgency].filter((other) => other !== entry);
          reject(reasonOf(signal));
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting[urgency].push(entry);
        next();
      });
      try {
        return await task();
      } finally {
        busy = false;
        next();
      }
    },
  };
}

/** Asked again after an await, which the compiler's narrowing does not see. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** The reason of an aborted signal, as something that can be thrown. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('Cancelled', { cause: signal.reason });
}
