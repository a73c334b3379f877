// What is tried when a model cannot be used as it was asked for: q4f16 → q4 → WASM → the embedded model. Nothing is downloaded for it:
// a form that is not on this device fails at once and the next one is tried.

import { EMBEDDED_MODEL, isEmbedded, type ModelDtype, parseModelChoice } from './model-choice';
import type { Backend } from './types';

export interface Attempt {
  readonly model: string;
  readonly backend: 'auto' | Backend;
}

/** Forms whose activations and cache are 16-bit floats, which only graphics cards have here. */
const HALF: readonly (ModelDtype | undefined)[] = ['fp16', 'q4f16'];

/**
 * Every attempt in its order, the one asked for first. An explicit 'webgpu' is for tests and gets no other. `toOthers`: also other forms
 * and the embedded model; a benchmark that names a model must not get another one's figures.
 */
export function attemptsFor(asked: Attempt, toOthers: boolean): Attempt[] {
  const { model, backend } = asked;
  if (backend === 'webgpu') return [asked];
  if (isEmbedded(model) || !toOthers) return backend === 'wasm' ? [asked] : [asked, { model, backend: 'wasm' }];
  const { folder, dtype } = parseModelChoice(model);
  const whole = HALF.includes(dtype) ? `${folder}:q4` : model;
  const hub: Attempt[] =
    backend === 'wasm'
      ? [asked, { model: whole, backend }]
      : [asked, { model: whole, backend: 'auto' }, { model: whole, backend: 'wasm' }];
  const all = [...hub, { model: EMBEDDED_MODEL, backend }, { model: EMBEDDED_MODEL, backend: 'wasm' as const }];
  return all.filter(
    (one, index) => all.findIndex((other) => other.model === one.model && other.backend === one.backend) === index,
  );
}

/**
 * The attempt after the one that failed. When not WebGPU was at fault, the same model on WASM would fail in the same way.
 * undefined: nothing is left.
 */
export function nextAttempt(attempts: readonly Attempt[], failed: Attempt, wasGpu: boolean): Attempt | undefined {
  const at = attempts.findIndex(({ model, backend }) => model === failed.model && backend === failed.backend);
  return attempts.slice(at + 1).find((one) => wasGpu || one.model !== failed.model);
}
