// SmolVLM-256M's exact architecture in random weights, laid out as its repository: what `python -m training.realsize --dtypes q4` wrote.
// Its answers are noise; its sizes and times are those of the real one.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelDtype } from '../../src/core/model-choice';
import { entryOf } from '../../src/runtime/catalogue';
import type { HubRepo } from './hub';

/** Too large for git and for CI; elsewhere by JARVIS_REAL_SIZE. */
const FOLDER = process.env['JARVIS_REAL_SIZE'] ?? join(import.meta.dirname, '../../training/runs/real-size');

/** undefined where the folder is not there, or lacks a file of the catalogue's. */
export function realSize(dtype: ModelDtype): HubRepo | undefined {
  const entry = entryOf('smolvlm-256m');
  if (!entry) throw new Error('no smolvlm-256m in the catalogue');
  const files = Object.fromEntries(entry.files(dtype).map((name) => [name, join(FOLDER, name)]));
  if (!Object.values(files).every((path) => existsSync(path))) return undefined;
  return { repo: entry.repo, revision: entry.revision, files };
}
