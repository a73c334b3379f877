// What a VLM must have to run here, as a test over its config and its list of files (what its decoder's session states is in
// decoder-contract.ts). It says why a model does not fit, in a sentence.
//
// [Note: Contract] Jarvis keeps a model's keys and values, turns the keys to other places and links them in any order. That is exact
// only for plain RoPE and attention alone: a recurrent or convolutional state is a sum over everything before it and cannot be cut
// into blocks, and positions of several axes are no single rotation. A model with a state of its own needs another kind of block;
// `VlmPort` (pipeline/ports.ts) speaks of blocks and sessions only, so it can be added behind it.

import * as v from 'valibot';
import { isAppError } from '../core/errors';
import { DTYPE_SUFFIX, type ModelDtype } from '../core/model-choice';
import { ropeSpecFromConfig } from '../core/rope';
import type { KvShape, RopeSpec } from '../core/types';
import { imageTokens, kvBytesPerToken } from './decoder-contract';

export interface ContractFacts {
  readonly kv: KvShape;
  readonly rope: RopeSpec;
  readonly kvBytesPerToken: number; // in float16
  readonly imageTokens: number;
  readonly maxTokens: number;
}

export type ContractVerdict =
  { readonly fits: true; readonly facts: ContractFacts } | { readonly fits: false; readonly reason: string };

/** Classes of transformers.js that take separate `embed_tokens`, `vision_encoder` and `decoder_model_merged`. */
const ARCHITECTURES = ['Idefics3ForConditionalGeneration', 'SmolVLMForConditionalGeneration'];
const NETWORKS = ['embed_tokens', 'vision_encoder', 'decoder_model_merged'];

/** Fields that tell a state besides keys and values, as the configs of such models spell them. */
const OWN_STATE: readonly (readonly [field: string, what: string])[] = [
  ['conv_L_cache', 'convolutions that remember what came before'], // LFM2
  ['linear_conv_kernel_dim', 'linear attention with a recurrent state'], // Qwen3-Next, Qwen3.5
  ['linear_num_key_heads', 'linear attention with a recurrent state'],
  ['mamba_d_state', 'a recurrent state'],
  ['ssm_cfg', 'a recurrent state'],
];

const Config = v.object({
  architectures: v.optional(v.array(v.string()), []),
  model_type: v.optional(v.string(), ''),
  image_token_id: v.number(),
  scale_factor: v.number(),
  vision_config: v.object({ image_size: v.number(), patch_size: v.number() }),
});
const TextConfig = v.object({
  hidden_size: v.number(),
  num_hidden_layers: v.number(),
  num_attention_heads: v.number(),
  num_key_value_heads: v.optional(v.number()),
  head_dim: v.optional(v.number()),
  max_position_embeddings: v.number(),
});

/** `config`: config.json as parsed. `files`: names in the repository. */
export function checkConfig(config: unknown, files: readonly string[], dtype: ModelDtype): ContractVerdict {
  const text = fieldOf(config, 'text_config') ?? config;
  const state = OWN_STATE.find(([field]) => fieldOf(text, field) !== undefined);
  if (state) return no(`It has ${state[1]}, which cannot be kept and linked as blocks.`);
  const layers = fieldOf(text, 'layer_types');
  if (Array.isArray(layers)) {
    const other = (layers as unknown[]).find((type) => type !== 'full_attention');
    if (other !== undefined) {
      return no(`Some of its layers are ${JSON.stringify(other)}; blocks need full attention in all of them.`);
    }
  }
  let rope: RopeSpec;
  try {
    rope = ropeSpecFromConfig(config);
  } catch (error) {
    return no(isAppError(error) ? error.message : 'Its config says nothing of its positions.');
  }
  const parsed = v.safeParse(Config, config);
  const architectures = parsed.success ? parsed.output.architectures : [];
  if (!architectures.some((name) => ARCHITECTURES.includes(name))) {
    const type = fieldOf(config, 'model_type');
    const name = architectures[0] ?? (typeof type === 'string' ? type : 'model of unknown kind');
    return no(`It is a ${name}; this version runs models of the SmolVLM family only.`);
  }
  const sizes = v.safeParse(TextConfig, text);
  if (!parsed.success || !sizes.success) {
    const issue = parsed.issues?.[0] ?? sizes.issues?.[0];
    return no(`Its config lacks ${issue ? (v.getDotPath(issue) ?? 'a field') : 'a field'}.`);
  }
  for (const network of NETWORKS) {
    const name = `onnx/${network}${DTYPE_SUFFIX[dtype]}.onnx`;
    if (!files.includes(name)) return no(`The file ${name} is missing.`);
  }
  for (const name of ['tokenizer.json', 'preprocessor_config.json']) {
    if (!files.includes(name)) return no(`The file ${name} is missing.`);
  }
  const { output } = sizes;
  const kv: KvShape = {
    layers: output.num_hidden_layers,
    kvHeads: output.num_key_value_heads ?? output.num_attention_heads,
    headDim: output.head_dim ?? output.hidden_size / output.num_attention_heads,
  };
  return {
    fits: true,
    facts: {
      kv,
      rope,
      kvBytesPerToken: kvBytesPerToken(kv),
      imageTokens: imageTokens(parsed.output),
      maxTokens: output.max_position_embeddings,
    },
  };
}

function no(reason: string): ContractVerdict {
  return { fits: false, reason };
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}
