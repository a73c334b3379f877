// How a model is asked for: the name of its folder and, if not its own first choice, a dtype: "mini", "real-size:q4".

import { AppError } from './errors';

export const MODEL_DTYPES = ['fp32', 'fp16', 'q8', 'q4', 'q4f16'] as const;
export type ModelDtype = (typeof MODEL_DTYPES)[number];

export interface ModelChoice {
  readonly folder: string; // under models/
  readonly dtype: ModelDtype | undefined; // undefined: what the model's config says
}

/** Suffix of ONNX files by dtype, as the exports on the Hub and transformers.js have it. */
export const DTYPE_SUFFIX = { fp32: '', fp16: '_fp16', q8: '_quantized', q4: '_q4', q4f16: '_q4f16' } as const;

export function isModelDtype(value: unknown): value is ModelDtype {
  return (MODEL_DTYPES as readonly unknown[]).includes(value);
}

/** Throws AppError 'bad-input' for anything that could be more than a folder's name. */
export function parseModelChoice(text: string): ModelChoice {
  const [, folder, dtype] = /^([\w][\w.-]*)(?::(\w+))?$/.exec(text) ?? [];
  if (folder === undefined || (dtype !== undefined && !isModelDtype(dtype))) {
    throw new AppError('bad-input', `"${text}" is no name of a model. A name looks like "mini" or "real-size:q4".`);
  }
  return { folder, dtype };
}

/** Models in public/models, which ship with the app. */
export const EMBEDDED_MODEL = 'mini';
export const EMBEDDED_ENCODER = 'patch';

export function isEmbedded(choice: string): boolean {
  return parseModelChoice(choice).folder === EMBEDDED_MODEL;
}
