// Loaded by the workers of models only when one of the hub is asked for: those who stay on the embedded ones never get it.
import { AppError, isAppError } from '../src/core/errors';
import { totalBytes } from '../src/core/kept-models';
import { parseModelChoice } from '../src/core/model-choice';
import { type CatalogueEntry, entryOf } from '../src/runtime/catalogue';
import type { KeptEncoder } from '../src/runtime/encoder';
import { hubEncoderFiles, readHubFeatures } from '../src/runtime/encoder-hub';
import { keptFiles } from '../src/runtime/kept-files';
import type { ReadFile } from '../src/runtime/model-files';
import type { Thoroughness } from '../src/runtime/self-test';
import { openModelStore } from '../src/storage/model-store';

export interface KeptModelSource {
  readonly entry: CatalogueEntry;
  readonly readFile: ReadFile;
  /** Whether it passed its whole test in this very browser: versions of browsers differ in what they compute. */
  readonly test: Thoroughness;
  /** It passed. */
  readonly passed: () => Promise<void>;
}

/** undefined: no model of the catalogue. Throws AppError 'model-load' when it is one and not on this device. */
export async function keptModel(choice: string, backend: string): Promise<KeptModelSource | undefined> {
  const entry = entryOf(parseModelChoice(choice).folder);
  if (!entry) return undefined;
  const store = await openModelStore();
  const readFile = await keptFiles(store, choice);
  const note = `passed:${choice}:${backend}`;
  const isKnown = (await store.readNote(note)) === navigator.userAgent;
  return {
    entry,
    readFile,
    test: isKnown ? 'words' : 'thorough',
    passed: () => store.saveNote(note, navigator.userAgent),
  };
}

/** A VLM of the catalogue that is whole on this device, with what it weighs; undefined for anything else. */
export async function keptVlm(
  choice: string,
): Promise<{ readonly entry: CatalogueEntry; readonly bytes: number } | undefined> {
  const entry = entryOf(parseModelChoice(choice).folder);
  if (entry?.kind !== 'vlm') return undefined;
  const store = await openModelStore();
  try {
    const model = await store.read(choice);
    return model?.state === 'ready' ? { entry, bytes: totalBytes(model) } : undefined;
  } finally {
    store.close();
  }
}

/** undefined: no encoder of the catalogue. Throws AppError 'encoder-load' when it is one and not on this device. */
export async function keptEncoder(choice: string): Promise<KeptEncoder | undefined> {
  const { folder, dtype = 'fp32' } = parseModelChoice(choice);
  const entry = entryOf(folder);
  const network = entry?.files(dtype).find((name) => name.endsWith('.onnx'));
  if (!entry?.encoder || network === undefined) return undefined;
  const store = await openModelStore();
  const readFile = await keptFiles(store, choice).catch((error: unknown) => {
    const message = isAppError(error) ? error.message : `${entry.label} could not be read.`;
    throw new AppError('encoder-load', message, { cause: error });
  });
  const hasWeights = (await store.read(choice))?.files.some(({ name }) => name === `${network}_data`) ?? false;
  const recipe = entry.encoder;
  return {
    shipped: hubEncoderFiles(recipe),
    readFeatures: (outputs) => readHubFeatures(recipe, outputs),
    network,
    hasWeights,
    readFile,
  };
}
