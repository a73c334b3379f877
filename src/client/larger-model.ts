// The larger model on this device, as the page holds it: its worker is started by the first question that needs it, shared by what follows, and
// ended when nobody has asked for long, when another is chosen, and when a run of it failed. Every end is a sentence.

import * as Comlink from 'comlink';
import { AppError, type ErrorCode, isAppError } from '../core/errors';
import type { ModelKey } from '../core/kept-models';
import type { LargeReply, LargeRequest } from '../core/large';
import { LARGER_AWAY, type LargerState } from '../core/larger';
import { isEmbedded } from '../core/model-choice';
import { attemptsFor, nextAttempt } from '../core/model-fallback';
import type { Backend } from '../core/types';
import type { LargeModel } from '../pipeline/large-model';
import type { LargerPlan } from '../rpc/larger-protocol';
import { releaseSignal, signalForCall } from '../rpc/transfer';
import { type LargerWorker, startLargerWorker } from './larger-worker';

/** A model that nobody asks gives its memory back. Long enough for somebody who reads an answer and thinks. Chosen. */
const IDLE_MS = 5 * 60_000;

/** After these its thread cannot be used again, or holds nothing. */
const FATAL_CODES = new Set([
  'model-run',
  'out-of-memory',
  'gpu-lost',
  'worker-died',
  'model-load',
  'unsupported-rope',
  'wants-room',
]);

export interface LargerOptions {
  readonly backend: 'auto' | Backend;
  readonly baseUrl: string;
  /** The model that answers otherwise. */
  readonly small: () => string;
  /** Whether the small model was put away, so that all its memory is free. */
  readonly isAlone: () => boolean;
  readonly onState: (state: LargerState) => void;
  /** Its worker has ended; what it had is free. */
  readonly onLeft: () => void;
}

export interface LargerHost {
  /** Says what it is called and loads nothing. Throws AppError with what to do when the model is not on this device. */
  open(key: ModelKey): Promise<LargeModel>;
  /** Ends the worker unless it holds this model. */
  keep(key: ModelKey | undefined): void;
  end(reason: AppError): void;
}

interface Held {
  readonly key: ModelKey;
  worker: LargerWorker; // another one after an attempt that failed
  readonly plan: Promise<LargerPlan>;
  loaded: Promise<LargerWorker> | undefined;
  isLoaded: boolean;
  asking: number;
}

export function createLargerHost(options: LargerOptions): LargerHost {
  let held: Held | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  /** Models that turned out too large to be loaded beside the small one. */
  const tooLarge = new Set<ModelKey>();

  function leave(mine: Held | undefined, reason: AppError): void {
    if (mine === undefined || held !== mine) return;
    clearTimeout(idle);
    held = undefined;
    mine.worker.end(reason);
    options.onState(LARGER_AWAY);
    options.onLeft();
  }

  function hold(key: ModelKey): Held {
    if (held?.key === key) return held;
    leave(held, new AppError('large-model', 'Another larger model was chosen.'));
    const worker = startLargerWorker();
    const { memoryGb } = memoryOf();
    const plan = Promise.race([
      worker.alive.then(() => worker.api.plan({ model: key, small: options.small(), memoryGb })),
      worker.ended,
    ]);
    plan.catch(() => undefined);
    const mine: Held = { key, worker, plan, loaded: undefined, isLoaded: false, asking: 0 };
    held = mine;
    watch(mine, worker);
    rest(mine);
    return mine;
  }

  /** A worker that ends by itself is let go at once: the next question starts another. */
  function watch(mine: Held, worker: LargerWorker): void {
    worker.ended.catch((error: unknown) => {
      if (held?.worker === worker) leave(mine, asAppError(error));
    });
  }

  function rest(mine: Held): void {
    clearTimeout(idle);
    if (mine.asking > 0) return;
    idle = setTimeout(() => leave(mine, new AppError('large-model', 'It was idle.')), IDLE_MS);
  }

  async function planOf(mine: Held): Promise<LargerPlan> {
    try {
      return await mine.plan;
    } catch (error) {
      leave(mine, asAppError(error));
      throw sentenceOf(error, mine.key);
    }
  }

  /** Loads on the backend that was chosen, then on what is left to try: core/model-fallback.ts, without the small model. */
  async function load(mine: Held, { label, room }: LargerPlan): Promise<LargerWorker> {
    if (!options.isAlone() && (room === 'alone' || tooLarge.has(mine.key))) throw wantsRoom(label);
    const attempts = attemptsFor({ model: mine.key, backend: options.backend }, true).filter(
      ({ model }) => !isEmbedded(model),
    );
    let attempt = attempts[0] ?? { model: mine.key, backend: options.backend };
    let { worker } = mine;
    let first: unknown;
    for (;;) {
      options.onState({ kind: 'loading', label, loadedBytes: 0, totalBytes: 0 });
      try {
        const { model, backend } = attempt;
        const used = worker;
        const loaded = await used.listen((heard) =>
          used.api.load(
            { model, backend, baseUrl: options.baseUrl },
            Comlink.proxy((loadedBytes: number, totalBytes: number) => {
              heard();
              if (held === mine) options.onState({ kind: 'loading', label, loadedBytes, totalBytes });
            }),
          ),
        );
        if (held === mine) {
          mine.isLoaded = true;
          options.onState({ kind: 'ready', label, backend: loaded, isAlone: options.isAlone() });
        }
        return used;
      } catch (error) {
        first ??= error;
        const { code } = asAppError(error);
        if (held !== mine) throw error;
        if (code === 'out-of-memory' && !options.isAlone()) {
          tooLarge.add(mine.key);
          throw wantsRoom(label);
        }
        const next = nextAttempt(attempts, attempt, code === 'gpu-lost');
        if (next === undefined || !['gpu-lost', 'model-load', 'out-of-memory'].includes(code)) throw first;
        attempt = next;
        worker.end(new AppError('worker-died', 'It is tried in another way.', { cause: error }));
        worker = startLargerWorker();
        mine.worker = worker;
        watch(mine, worker);
        await Promise.race([worker.alive, worker.ended]);
      }
    }
  }

  async function complete(
    key: ModelKey,
    request: LargeRequest,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<LargeReply> {
    signal.throwIfAborted();
    const mine = hold(key);
    mine.asking++;
    clearTimeout(idle);
    const stop = (): void => {
      // Nobody waits for it any more: a load cannot be broken off but by ending its worker.
      if (!mine.isLoaded && mine.asking === 1)
        leave(mine, new AppError('large-model', 'It was stopped while it was loading.'));
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      mine.loaded ??= planOf(mine).then((plan) => load(mine, plan));
      const worker = await mine.loaded;
      const own = signalForCall(signal);
      const answer = worker.listen((heard) =>
        worker.api.complete(
          request,
          Comlink.proxy((text: string) => {
            heard();
            if (!signal.aborted) onText(text);
          }),
          own,
        ),
      );
      void answer.catch(() => undefined).finally(() => releaseSignal(own));
      return await untilAborted(signal, answer);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const known = asAppError(error);
      if (FATAL_CODES.has(known.code)) leave(mine, known);
      throw sentenceOf(error, (await mine.plan.catch(() => undefined))?.label ?? key);
    } finally {
      signal.removeEventListener('abort', stop);
      mine.asking--;
      if (held === mine) rest(mine);
    }
  }

  return {
    async open(key) {
      const { label } = await planOf(hold(key));
      return {
        model: label,
        to: 'this device',
        leaves: false,
        isOurs: true,
        complete: (request, onText, signal) => complete(key, request, onText, signal),
      };
    },
    keep(key) {
      if (held?.key !== key) leave(held, new AppError('large-model', 'Another model was chosen.'));
    },
    end: (reason) => leave(held, reason),
  };
}

/** The worker sees an abort between two runs, and one run of a vision encoder may take seconds: who stopped does not wait for it. */
async function untilAborted<T>(signal: AbortSignal, call: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('Stopped'));
  signal.addEventListener('abort', leave, { once: true });
  call.catch(() => undefined); // told by the race, or nobody waits any more
  try {
    return await Promise.race([call, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function wantsRoom(label: string): AppError {
  return new AppError('wants-room', `${label} needs the memory of the small model.`);
}

function asAppError(error: unknown): AppError {
  return isAppError(error)
    ? error
    : new AppError('internal', 'Something went wrong inside its worker.', { cause: error });
}

/** Why the larger model did not answer and what to do, for people. */
function sentenceOf(error: unknown, label: string): AppError {
  const known = asAppError(error);
  return known.code === 'wants-room' || known.code === 'large-model'
    ? known
    : new AppError('large-model', WORDS[known.code]?.(label, known.message) ?? known.message, { cause: error });
}

const WORDS: Partial<Record<ErrorCode, (label: string, message: string) => string>> = {
  'out-of-memory': (label) =>
    `There is not enough memory here for ${label}. Close other tabs, or choose a smaller model in Settings.`,
  'worker-died': (label, message) => `${message.replace(/^It\b/, label)} It is loaded again with your next question.`,
  'gpu-lost': (label) => `${label} lost the graphics card. It is loaded again with your next question.`,
  'model-run': (label) => `${label} failed while it was computing. Ask again, or choose another model in Settings.`,
  'model-load': (_label, message) =>
    message.includes('Models') ? message : `${message} Remove it under Models and download it again.`,
};

/** What the browser says the machine has, GB; undefined in those that do not. */
function memoryOf(): { readonly memoryGb: number | undefined } {
  return { memoryGb: (navigator as { deviceMemory?: number }).deviceMemory };
}
