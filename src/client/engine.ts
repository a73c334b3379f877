// Holds the running engine for the page: starts it, waits for it, and tells the store how it fares.

import { AppError, isAppError } from '../core/errors';
import type { EngineEvent } from '../rpc/protocol';
import { EMBEDDED_MODEL } from '../core/model-choice';
import {
  noteStart,
  noteStartEnded,
  readBackendChoice,
  readBrokenStarts,
  readEncoderChoice,
  readModelChoice,
  readRestChoice,
} from './preferences';
import { app } from './state';
import type { ReplacementStep } from './replacement';
import type { EngineApi, EngineClient, EngineOptions } from './workers';

export type StartEngine = (options: EngineOptions, onEvent: (event: EngineEvent) => void) => Promise<EngineClient>;

let starter: StartEngine | undefined;
let session: Promise<EngineClient> | undefined;
let run = 0;

/** Called once, by main.tsx (or by the dev page with a fake). */
export function beginEngine(start: StartEngine): void {
  starter = start;
  startAgain(false);
}

/** Starts the engine afresh: after a failure, a change of backend, or (`takeOver`) instead of the other tab. */
export function startAgain(takeOver: boolean): void {
  if (!starter) throw new AppError('internal', 'The engine was never begun.');
  const mine = ++run;
  const previous = session;
  previous?.then(
    (old) => {
      old.dispose();
    },
    () => undefined, // a start that failed has nothing to end
  );
  app.set({ engine: { kind: 'loading', what: 'the models', loadedBytes: 0, totalBytes: 0 } });
  const options: EngineOptions = {
    ...modelToStart(),
    encoder: readEncoderChoice(),
    backend: readBackendChoice(),
    rest: readRestChoice(),
    baseUrl: new URL(import.meta.env.BASE_URL, location.href).href,
    steal: takeOver,
    fallsBack: !new URLSearchParams(location.search).has('model'), // a developer's choice is taken at its word
  };
  session = starter(options, (event) => {
    if (mine === run) hear(event);
  });
  const ended = (): void => {
    if (mine === run) noteStartEnded();
  };
  session.then(ended, ended);
  session.catch((error: unknown) => {
    if (mine !== run) return;
    run += 1; // events of this start that are still on their way must not bring "loading" back
    fail(error);
  });
}

/** A model may take the whole tab with it once, which may have had other reasons; after the second time the embedded one answers. */
const MAX_BROKEN_STARTS = 2;

/** What is started, and noted as being started: [Note: A start that took the tab with it]. */
function modelToStart(): Pick<EngineOptions, 'model' | 'fallback' | 'insteadOf'> {
  const model = readModelChoice();
  if (model === EMBEDDED_MODEL) return { model };
  if (readBrokenStarts(model) < MAX_BROKEN_STARTS) {
    noteStart(model);
    addEventListener('pagehide', noteStartEnded, { once: true }); // left on purpose
    return { model };
  }
  return {
    model: EMBEDDED_MODEL,
    insteadOf: model,
    fallback: 'Loading it ended this page twice, most likely for want of memory. It can be tried again under Models.',
  };
}

/**
 * Another model answers from now on. The present one goes on until the other has loaded and has encoded memory. Rejects with why it
 * cannot be used, and what answered goes on answering.
 */
export async function replaceModel(
  model: string,
  onStep: (step: ReplacementStep) => void,
  signal: AbortSignal,
): Promise<void> {
  if (!session) throw new AppError('not-ready', 'Jarvis is still starting.');
  await (await session).replaceModel(model, onStep, signal);
}

/** The running engine's calls; waits while it loads, and throws at once when it has failed or is locked. */
export async function engineApi(): Promise<EngineApi> {
  const state = app.get().engine;
  if (state.kind === 'failed') throw new AppError('not-ready', state.message);
  if (state.kind === 'locked') throw new AppError('locked', 'Jarvis is open in another tab.');
  if (!session) throw new AppError('not-ready', 'Jarvis is still starting.');
  return session;
}

function hear(event: EngineEvent): void {
  switch (event.kind) {
    case 'loading':
      app.set({ engine: event });
      return;
    case 'ready':
      app.set({ engine: event });
      return;
    case 'memory':
      app.set({ memory: event.snapshot });
      return;
    case 'chats':
      app.set({ chats: event.chats });
      return;
    case 'larger':
      app.set({ larger: event.state });
      return;
    case 'failed':
      fail(new AppError(event.code, event.message));
      return;
    default:
      event satisfies never;
  }
}

function fail(error: unknown): void {
  if (isAppError(error) && error.code === 'locked') app.set({ engine: { kind: 'locked' } });
  else if (isAppError(error)) {
    app.set({ engine: { kind: 'failed', code: error.code, message: error.message } });
  } else {
    console.error(error);
    app.set({ engine: { kind: 'failed', code: 'internal', message: 'Jarvis could not start. Try again, or reload.' } });
  }
}
