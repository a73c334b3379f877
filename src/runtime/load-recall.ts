// Fetches recall.bin from this origin.

import { parseRecall, type Recall } from '../core/recall';
import { openModelFiles } from './model-files';

/** Throws AppError 'model-load' when the file is missing or damaged. */
export async function loadRecall(baseUrl: string): Promise<Recall> {
  const files = openModelFiles(new URL('models/recall/', baseUrl).href, () => undefined);
  return parseRecall(await files.bytes('recall.bin'));
}
