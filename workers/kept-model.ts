// Loaded by the VLM and the encoder worker only when a model of the hub is asked for: those who stay on the embedded ones never get it.
import { parseModelChoice } from '../src/core/model-choice';
import { type CatalogueEntry, entryOf } from '../src/runtime/catalogue';
import { keptFiles } from '../src/runtime/kept-files';
import type { ReadFile } from '../src/runtime/model-files';
import { openModelStore } from '../src/storage/model-store';

export interface KeptModelSource {
  readonly entry: CatalogueEntry;
  readonly readFile: ReadFile;
}

/** undefined: no model of the catalogue. Throws AppError 'model-load' when it is one and not on this device. */
export async function keptModel(choice: string): Promise<KeptModelSource | undefined> {
  const entry = entryOf(parseModelChoice(choice).folder);
  if (!entry) return undefined;
  return { entry, readFile: await keptFiles(await openModelStore(), choice) };
}
