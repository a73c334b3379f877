// The two workers of one engine, linked. They live and end together: each holds an end of the channel between them, and
// loading takes about as long as finding out whether the other end is still sound.
import * as Comlink from 'comlink';
import { AppError } from '../core/errors';
import { type LifeApi, watchLife } from '../rpc/life';
import { exposeModels, type OpenPageModel } from '../rpc/model-port';
import type { EncoderWorkerApi, EngineEvent, EngineStatus, StartOptions, VlmWorkerApi } from '../rpc/protocol';

export interface WorkerPair {
  readonly vlm: Comlink.Remote<VlmWorkerApi>;
  /** Resolves when questions can be asked. Rejects with why the models cannot be loaded, or as `ended`. */
  readonly ready: Promise<EngineStatus>;
  /** Rejects once, with the reason, when the workers have ended; never resolves. */
  readonly ended: Promise<never>;
  readonly end: (reason: AppError) => void;
}

/** `openModel`: larger models that the page reaches for the engine. */
export function startPair(
  options: StartOptions,
  openModel: OpenPageModel,
  onEvent: (event: EngineEvent) => void,
): WorkerPair {
  // Vite finds workers by this exact form: keep the URL literal inside `new Worker(…)`.
  const vlmWorker = new Worker(new URL('../../workers/vlm.worker.ts', import.meta.url), { type: 'module' });
  const encoderWorker = new Worker(new URL('../../workers/encoder.worker.ts', import.meta.url), { type: 'module' });
  const vlm = Comlink.wrap<VlmWorkerApi & LifeApi>(vlmWorker);
  const encoder = Comlink.wrap<EncoderWorkerApi & LifeApi>(encoderWorker);

  const watching = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
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

  function watch(worker: Comlink.Remote<LifeApi>): Promise<void> {
    return watchLife(worker, watching.signal, () => end(new AppError('worker-died', 'The model was ended.')));
  }

  async function start(): Promise<EngineStatus> {
    await Promise.all([watch(vlm), watch(encoder)]);
    const { port1, port2 } = new MessageChannel();
    await encoder.connect(Comlink.transfer(port2, [port2]));
    const [status] = await Promise.all([
      vlm.start(options, Comlink.transfer(port1, [port1]), Comlink.proxy(onEvent)),
      encoder.start(options),
    ]);
    const models = new MessageChannel();
    exposeModels(models.port1, openModel);
    await vlm.connectModels(Comlink.transfer(models.port2, [models.port2]));
    return status;
  }

  const ready = Promise.race([start(), ended]);
  ready.catch(() => undefined); // whoever awaits them is told
  ended.catch(() => undefined);
  return { vlm, ready, ended, end };
}
