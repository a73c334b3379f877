// Larger models as the worker opens them.

import type { LargeModel, LargePort } from '../pipeline/large-model';
import { listModels, openEndpoint } from './endpoint';
import { seal, unseal } from './key-vault';

/** `builtIn`: the browser's own model, which only a page can reach. */
export function createLargePort(builtIn: () => Promise<LargeModel | undefined>): LargePort {
  return { endpoint: openEndpoint, listModels, builtIn, seal, unseal };
}
