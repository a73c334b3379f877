// Whose blocks are kept. Switching models keeps the blocks of the one before while space allows, so that going back costs nothing;
// what the same model made under an older prompt, form or file can never be linked again and goes as it is made anew.

import type { Fingerprint } from '../core/types';
import type { MemoryPort, VlmInfo } from './ports';

/** A setting: fingerprint by the model's id, the last one each model had here. */
const SETTING = 'block-models';

/** Notes that `info` is the model's present form, and returns the fingerprints whose blocks are worth keeping. */
export async function keptModels(
  memory: Pick<MemoryPort, 'readSetting' | 'saveSetting'>,
  { id, fingerprint }: Pick<VlmInfo, 'id' | 'fingerprint'>,
): Promise<ReadonlySet<Fingerprint>> {
  const known = parse(await memory.readSetting(SETTING));
  if (known[id] !== fingerprint) await memory.saveSetting(SETTING, { ...known, [id]: fingerprint });
  return new Set([...Object.values({ ...known, [id]: fingerprint })] as Fingerprint[]);
}

function parse(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, one]) => typeof one === 'string'));
}
