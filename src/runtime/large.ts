// Larger models as the worker opens them.

import { AppError } from '../core/errors';
import type { LargeModel, LargePort } from '../pipeline/large-model';
import { listModels, openEndpoint } from './endpoint';
import { seal, unseal } from './key-vault';

/** `open`: models that only a page can reach. */
export function createLargePort(open: OpenModel): LargePort {
  return {
    endpoint: openEndpoint,
    listModels,
    builtIn: () => open('browser'),
    async larger(key) {
      const model = await open(key);
      if (model === undefined) throw new AppError('large-model', 'This page has no larger model. Reload it.');
      return model;
    },
    seal,
    unseal,
  };
}

/** As rpc/model-port.ts has it: 'browser', or the key of a downloaded model. */
type OpenModel = (which: string) => Promise<LargeModel | undefined>;
