// Larger models as the worker opens them.

import { AppError } from '../core/errors';
import type { ModelKey } from '../core/kept-models';
import type { LargeModel, LargePort } from '../pipeline/large-model';
import { listModels, openEndpoint } from './endpoint';
import { seal, unseal } from './key-vault';

/** Models that only a page can reach; undefined where it has none. */
export interface PageModels {
  readonly builtIn: () => Promise<LargeModel | undefined>;
  readonly larger: (key: ModelKey) => Promise<LargeModel | undefined>;
}

export function createLargePort({ builtIn, larger }: PageModels): LargePort {
  return {
    endpoint: openEndpoint,
    listModels,
    builtIn,
    async larger(key) {
      const model = await larger(key);
      if (model === undefined) throw new AppError('large-model', 'This page has no larger model. Reload it.');
      return model;
    },
    seal,
    unseal,
  };
}
