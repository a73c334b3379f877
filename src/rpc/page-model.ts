// A model that only the page can reach (the browser's own), across a channel to the worker that asks it.
import * as Comlink from 'comlink';
import type { LargeReply, LargeRequest } from '../core/large';
import type { LargeModel } from '../pipeline/large-model';
import { releaseSignal, signalForCall } from './transfer';

export interface PageModelApi {
  describe(): Promise<{ readonly model: string; readonly to: string }>;
  complete(request: LargeRequest, onText: (text: string) => void, signal: AbortSignal): Promise<LargeReply>;
}

/** Page side. */
export function exposePageModel(port: MessagePort, own: LargeModel): void {
  const api: PageModelApi = {
    describe: () => Promise.resolve({ model: own.model, to: own.to }),
    complete: (request, onText, signal) => own.complete(request, onText, signal),
  };
  Comlink.expose(api, port);
}

/** Worker side. */
export async function connectPageModel(port: MessagePort): Promise<LargeModel> {
  const remote = Comlink.wrap<PageModelApi>(port);
  return {
    ...(await remote.describe()),
    leaves: false,
    async complete(request, onText, signal) {
      const own = signalForCall(signal);
      try {
        return await remote.complete(request, Comlink.proxy(onText), own);
      } finally {
        releaseSignal(own);
      }
    },
  };
}
