// Large models that the page can reach, across one channel to the worker that asks them: the browser's own, and a larger one in a worker
// beside the small one.
import * as Comlink from 'comlink';
import type { ModelKey } from '../core/kept-models';
import type { LargeReply, LargeRequest } from '../core/large';
import type { LargeModel } from '../pipeline/large-model';
import { releaseSignal, signalForCall } from './transfer';

/** Which is meant: one that was downloaded, or `BROWSERS_OWN`. */
export type PageModel = ModelKey;
export const BROWSERS_OWN: PageModel = 'browser';

/** Page side: opens a model. Undefined where there is none; throws AppError with what to do. */
export type OpenPageModel = (which: PageModel) => Promise<LargeModel | undefined>;

interface ModelPortApi {
  describe(which: PageModel): Promise<Omit<LargeModel, 'complete'> | undefined>;
  complete(
    which: PageModel,
    request: LargeRequest,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<LargeReply | undefined>;
}

/** Page side. */
export function exposeModels(port: MessagePort, open: OpenPageModel): void {
  const api: ModelPortApi = {
    async describe(which) {
      const found = await open(which);
      if (found === undefined) return undefined;
      const { model, to, leaves, isOurs } = found;
      return { model, to, leaves, isOurs };
    },
    async complete(which, request, onText, signal) {
      return (await open(which))?.complete(request, onText, signal);
    },
  };
  Comlink.expose(api, port);
}

/** Worker side. */
export function connectModels(port: MessagePort): OpenPageModel {
  const remote = Comlink.wrap<ModelPortApi>(port);
  return async (which) => {
    const described = await remote.describe(which);
    if (described === undefined) return undefined;
    return {
      ...described,
      async complete(request, onText, signal) {
        const own = signalForCall(signal);
        try {
          const reply = await remote.complete(which, request, Comlink.proxy(onText), own);
          return reply ?? { text: '', tokensIn: 0, tokensOut: 0, counted: true };
        } finally {
          releaseSignal(own);
        }
      },
    };
  };
}
