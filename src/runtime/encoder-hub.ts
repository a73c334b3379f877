// Patch encoders of the hub: vision transformers whose `last_hidden_state` holds a class token (and registers) before one token a patch.
// Made into what the embedded encoder gives: a grid of unit rows and one unit vector of the whole photo.
import type { Tensor } from 'onnxruntime-web/webgpu';
import { AppError } from '../core/errors';
import { widen } from '../core/tensor';
import type { PatchFeatures } from '../core/types';
import type { Calibration } from '../pipeline/ports';
import type { EncoderRecipe } from './catalogue';
import type { EncoderFiles } from './encoder-files';

/**
 * [Note: Uncalibrated] An encoder of the hub ships no bank of backgrounds and no curve. Without a bank all cells count alike; the curve
 * is a guess from what is published of DINOv2 (PeKit takes a patch for the same thing from a cosine of 0.75 on; photos of different things
 * of a kind lie at 0.3 to 0.5), steep enough that a stranger rather stays one. It is not measured: no hub could be reached to calibrate on
 * real weights. The user's own photos correct it as they come (core/calibrate.ts). `python -m training.patch.calibrate` measures the
 * embedded encoder's.
 */
export const UNCALIBRATED: Calibration = {
  globalWeight: 0.3,
  slope: 18,
  bias: -18 * 0.65,
  threshold: 0.5,
  isGuess: true,
};

export function hubEncoderFiles({ sidePx, mean, std, filter }: EncoderRecipe): EncoderFiles {
  const background = { rows: 0, dim: 0, data: new Float32Array() };
  return { sidePx, mean, std, filter, background, calibration: UNCALIBRATED };
}

/** Throws AppError 'encoder-load' when the outputs are not those of the recipe. */
export function readHubFeatures(recipe: EncoderRecipe, outputs: Readonly<Record<string, Tensor>>): PatchFeatures {
  const side = Math.floor(recipe.sidePx / recipe.patchPx);
  const hidden = outputs['last_hidden_state']; // (1, prefix + side², dim)
  const [, tokens, dim] = hidden?.dims ?? [];
  if (!hidden || !dim || tokens !== recipe.prefixTokens + side * side) {
    throw new AppError(
      'encoder-load',
      `The encoder gives ${tokens ?? 'no'} tokens where ${recipe.prefixTokens + side * side} were expected.`,
    );
  }
  const rows = floats(hidden);
  const grid = rows.slice(recipe.prefixTokens * dim);
  for (let cell = 0; cell < side * side; cell++) normalise(grid.subarray(cell * dim, (cell + 1) * dim));
  const pooled = recipe.global === 'pooler' ? outputs['pooler_output'] : undefined;
  if (recipe.global === 'pooler' && !pooled) throw new AppError('encoder-load', 'The encoder gives no pooler_output.');
  const global = pooled ? floats(pooled).slice() : rows.slice(0, dim);
  normalise(global);
  return { gridW: side, gridH: side, dim, grid, globalDim: global.length, global };
}

function normalise(row: Float32Array): void {
  let sum = 0;
  for (const value of row) sum += value * value;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) * scale;
}

function floats({ data }: Tensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (!ArrayBuffer.isView(data)) throw new AppError('encoder-load', 'The encoder gave a tensor of an unknown type.');
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const result = new Float32Array(bits.length);
  widen(bits, result);
  return result;
}
