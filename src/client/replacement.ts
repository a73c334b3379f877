// Another model made ready beside the one that answers: its own workers load it and encode memory for it; only then it takes over.
import * as Comlink from 'comlink';
import { AppError } from '../core/errors';
import type { EngineEvent, EngineStatus, Prepared, StartOptions } from '../rpc/protocol';
import type { OpenPageModel } from '../rpc/model-port';
import { releaseSignal, signalForCall } from '../rpc/transfer';
import { startPair, type WorkerPair } from './worker-pair';

export type ReplacementStep =
  | { readonly kind: 'loading'; readonly loadedBytes: number; readonly totalBytes: number }
  | ({ readonly kind: 'encoding' } & Prepared);

export interface Replacement {
  readonly pair: WorkerPair;
  readonly status: EngineStatus;
}

/** `onEvent` gets what the new workers say once `isActive`. Whatever fails ends them; the ones that answer are not touched. */
export async function prepareReplacement(
  options: StartOptions,
  openModel: OpenPageModel,
  isActive: (pair: WorkerPair) => boolean,
  onEvent: (pair: WorkerPair, event: EngineEvent) => void,
  onStep: (step: ReplacementStep) => void,
  signal: AbortSignal,
): Promise<Replacement> {
  const pair = startPair({ ...options, waits: true }, openModel, (event) => {
    if (isActive(pair)) onEvent(pair, event);
    else if (event.kind === 'loading') onStep(event);
    else if (event.kind === 'failed') pair.end(new AppError(event.code, event.message));
  });
  const abort = (): void => pair.end(new AppError('not-ready', 'Another model was chosen meanwhile.'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    const status = await pair.ready;
    const own = signalForCall(signal);
    try {
      const onProgress = Comlink.proxy((progress: Prepared) => onStep({ kind: 'encoding', ...progress }));
      await Promise.race([pair.vlm.prepare(onProgress, own), pair.ended]);
    } finally {
      releaseSignal(own);
    }
    signal.throwIfAborted();
    return { pair, status };
  } catch (error) {
    pair.end(new AppError('worker-died', 'The model could not be made ready.', { cause: error }));
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
