// The part of the contract that is asked of a loaded model: its decoder's inputs, and how many tokens a picture becomes.
import type { KvShape } from '../core/types';

/** What ONNX Runtime states of a session's inputs. */
export interface SessionInput {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** The decoder's inputs against `[Note: Contract]`: undefined when they fit, else why not. */
export function checkDecoder(inputs: readonly SessionInput[], expected?: KvShape): string | undefined {
  const names = new Set(inputs.map(({ name }) => name));
  for (const name of ['inputs_embeds', 'attention_mask', 'position_ids']) {
    if (!names.has(name)) return `Its decoder has no input "${name}".`;
  }
  const past = inputs.filter(({ name }) => name.startsWith('past_'));
  const stray = past.find(({ name }) => !/^past_key_values\.\d+\.(key|value)$/.test(name));
  if (stray) return `Its decoder keeps a state besides keys and values ("${stray.name}").`;
  const keys = past.filter(({ name }) => name.endsWith('.key'));
  if (keys.length === 0 || past.length !== 2 * keys.length) return 'Its decoder does not state its keys and values.';
  const [, kvHeads, , headDim] = keys[0]?.shape ?? [];
  for (const { name, shape, type } of past) {
    if (shape.length !== 4 || shape[1] !== kvHeads || shape[3] !== headDim) {
      return `"${name}" is not (1, heads, tokens, head size) as the first layer's keys are.`;
    }
    if (type !== 'float32' && type !== 'float16') return `"${name}" has the type ${type}.`;
  }
  if (typeof kvHeads !== 'number' || typeof headDim !== 'number')
    return 'Its decoder leaves the shape of its cache open.';
  if (expected && (expected.layers !== keys.length || expected.kvHeads !== kvHeads || expected.headDim !== headDim)) {
    return `Its decoder has ${keys.length} layers of ${kvHeads} heads of ${headDim}, its config says ${expected.layers} of ${expected.kvHeads} of ${expected.headDim}.`;
  }
  return undefined;
}

export function kvBytesPerToken({ layers, kvHeads, headDim }: KvShape): number {
  return layers * kvHeads * headDim * 2 * 2; // K and V, two bytes each
}

/** Visual tokens of one picture: whole patches a side, then whole groups of `scale_factor` of them. */
export function imageTokens(config: {
  readonly scale_factor: number;
  readonly vision_config: { readonly image_size: number; readonly patch_size: number };
}): number {
  const { image_size, patch_size } = config.vision_config;
  const side = Math.floor(Math.floor(image_size / patch_size) / config.scale_factor);
  return side * side;
}
