// What the contract lets in and what it refuses, on the fields of real configs, and the reason it gives.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, entryOf, isPartOf } from '../../../src/runtime/catalogue';
import { checkConfig } from '../../../src/runtime/contract';
import { checkDecoder, imageTokens, type SessionInput } from '../../../src/runtime/decoder-contract';

const MINI: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../public/models/mini/config.json'), 'utf8'),
);
const FILES = entryOf('smolvlm-256m')?.files('q4') ?? [];

/** The fields of SmolVLM-256M-Instruct's config.json that matter here. */
const SMOLVLM = {
  model_type: 'idefics3',
  architectures: ['Idefics3ForConditionalGeneration'],
  image_token_id: 49190,
  scale_factor: 4,
  text_config: {
    hidden_size: 576,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    head_dim: 64,
    max_position_embeddings: 8192,
    rope_theta: 100000,
    rope_scaling: null,
  },
  vision_config: { image_size: 512, patch_size: 16 },
};

function refusal(config: unknown, files: readonly string[] = FILES): string {
  const verdict = checkConfig(config, files, 'q4');
  if (verdict.fits) throw new Error('it fits');
  return verdict.reason;
}

describe('a config', () => {
  it('of the SmolVLM family fits, with the figures of the catalogue', () => {
    const verdict = checkConfig(SMOLVLM, FILES, 'q4');
    expect(verdict).toMatchObject({
      fits: true,
      facts: { kv: { layers: 30, kvHeads: 3, headDim: 64 }, imageTokens: 64, maxTokens: 8192 },
    });
    expect(verdict.fits && verdict.facts.kvBytesPerToken).toBe(entryOf('smolvlm-256m')?.kvBytesPerToken);
    expect(checkConfig(MINI, FILES, 'q4').fits).toBe(true);
    const second = { ...SMOLVLM, model_type: 'smolvlm', architectures: ['SmolVLMForConditionalGeneration'] };
    expect(checkConfig(second, FILES, 'q4').fits).toBe(true);
  });

  it('counts whole patches only: the 2.2B has 384 px in patches of 14', () => {
    expect(imageTokens({ scale_factor: 3, vision_config: { image_size: 384, patch_size: 14 } })).toBe(81);
  });

  it('of a model with a state of its own is refused with the reason', () => {
    const text = SMOLVLM.text_config;
    expect(
      refusal({
        model_type: 'lfm2_vl',
        architectures: ['Lfm2VlForConditionalGeneration'],
        text_config: { ...text, conv_L_cache: 3 },
      }),
    ).toMatch(/convolutions that remember/);
    expect(
      refusal({
        model_type: 'qwen3_vl',
        architectures: ['Qwen3VLForConditionalGeneration'],
        text_config: {
          ...text,
          rope_scaling: { rope_type: 'default', mrope_section: [24, 20, 20], mrope_interleaved: true },
        },
      }),
    ).toMatch(/mrope_section/);
    expect(
      refusal({
        model_type: 'qwen3_5',
        architectures: ['Qwen3_5ForConditionalGeneration'],
        text_config: { ...text, linear_conv_kernel_dim: 4, layer_types: ['linear_attention', 'full_attention'] },
      }),
    ).toMatch(/recurrent state/);
    expect(
      refusal({ ...SMOLVLM, text_config: { ...text, layer_types: ['full_attention', 'sliding_attention'] } }),
    ).toMatch(/"sliding_attention"/);
  });

  it('with a scaled RoPE, another class or a missing file is refused', () => {
    expect(
      refusal({ ...SMOLVLM, text_config: { ...SMOLVLM.text_config, rope_scaling: { rope_type: 'yarn', factor: 4 } } }),
    ).toMatch(/yarn/);
    expect(refusal({ ...SMOLVLM, architectures: ['LlavaForConditionalGeneration'] })).toMatch(
      /Llava.*SmolVLM family only/,
    );
    expect(
      refusal(
        SMOLVLM,
        FILES.filter((name) => !name.includes('vision')),
      ),
    ).toBe('The file onnx/vision_encoder_q4.onnx is missing.');
    expect(refusal(undefined)).not.toBe('');
  });
});

describe('a decoder’s session', () => {
  const past = (layer: number, heads = 3): SessionInput[] =>
    ['key', 'value'].map((part) => ({
      name: `past_key_values.${layer}.${part}`,
      type: 'float32',
      shape: ['batch', heads, 'past', 64],
    }));
  const inputs: SessionInput[] = [
    { name: 'inputs_embeds', type: 'float32', shape: ['batch', 'tokens', 576] },
    { name: 'attention_mask', type: 'int64', shape: ['batch', 'total'] },
    { name: 'position_ids', type: 'int64', shape: ['batch', 'tokens'] },
    ...past(0),
    ...past(1),
  ];

  it('fits, also against its config', () => {
    expect(checkDecoder(inputs)).toBeUndefined();
    expect(checkDecoder(inputs, { layers: 2, kvHeads: 3, headDim: 64 })).toBeUndefined();
    expect(checkDecoder(inputs, { layers: 30, kvHeads: 3, headDim: 64 })).toMatch(/2 layers .* config says 30/);
  });

  it('without positions, with a state, or with layers of different shapes does not', () => {
    expect(checkDecoder(inputs.filter(({ name }) => name !== 'position_ids'))).toMatch(/position_ids/);
    expect(checkDecoder([...inputs, { name: 'past_conv.0', type: 'float32', shape: [1, 64, 3] }])).toMatch(
      /past_conv\.0/,
    );
    expect(checkDecoder([...inputs, ...past(2, 5)])).toMatch(/past_key_values\.2/);
    expect(checkDecoder(inputs.map((input) => ({ ...input, type: 'bfloat16' })))).toMatch(/bfloat16/);
    expect(checkDecoder(inputs.filter(({ name }) => name !== 'past_key_values.1.value'))).toMatch(/keys and values/);
  });
});

describe('the catalogue', () => {
  it('has one entry a model, each pinned to a whole commit, with its source and a licence', () => {
    expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(CATALOGUE.length);
    for (const { id, revision, repo, source, licence, bytes, files } of CATALOGUE) {
      expect(revision, id).toMatch(/^[0-9a-f]{40}$/);
      expect(repo, id).toMatch(/^[\w-]+\/[\w.-]+$/);
      expect(source.length, id).toBeGreaterThan(40);
      expect(licence.url, id).toMatch(/^https:/);
      for (const dtype of Object.keys(bytes) as (keyof typeof bytes)[]) {
        expect(files(dtype).filter((name) => name.startsWith('onnx/')).length, `${id} ${dtype}`).toBeGreaterThan(0);
      }
    }
  });

  it('takes weights that lie outside of their graph, and nothing that only begins alike', () => {
    expect(isPartOf('onnx/model.onnx_data', 'onnx/model.onnx')).toBe(true);
    expect(isPartOf('onnx/model.onnx_data_1', 'onnx/model.onnx')).toBe(true);
    expect(isPartOf('onnx/model.onnx', 'onnx/model.onnx')).toBe(true);
    expect(isPartOf('onnx/model_q4.onnx', 'onnx/model.onnx')).toBe(false);
    expect(isPartOf('config.json.bak', 'config.json')).toBe(false);
  });
});
