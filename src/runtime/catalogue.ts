// The models of the hub tier: one entry a model, and where every figure of it comes from. No hub can be reached from where this
// was written, so what could not be seen on a page of the hub says so. Sizes are for choosing; what is downloaded is measured
// against the hub's own listing of the pinned revision (runtime/hub.ts).
//
// [Note: Sources] H: pages of huggingface.co as stored in a public index. `tree/…/onnx` gives sizes in MB to three digits,
// `blob/…` SHA-256. C: the full commit hash as many public repositories pin it ("snapshots/<hash>" of a local cache of main).
// R: computed here from the config and the parameters, or by `python -m training.realsize`, which builds the architecture.

import { DTYPE_SUFFIX, type ModelDtype } from '../core/model-choice';

export interface Licence {
  readonly name: string;
  readonly url: string;
  /** Terms beyond the usual open ones: shown and accepted before anything is downloaded. */
  readonly mustAccept: boolean;
}

export interface CatalogueEntry {
  readonly kind: 'vlm' | 'encoder';
  readonly id: string; // as the engine is asked for it: "smolvlm-256m:q4"
  readonly label: string;
  readonly repo: string;
  readonly revision: string; // full commit hash
  readonly licence: Licence;
  readonly languages: readonly string[];
  readonly goodAt: string; // a sentence
  readonly parameters: number;
  /** Download in bytes, all files, by dtype; the first that the device can run is offered. */
  readonly bytes: Readonly<Partial<Record<ModelDtype, number>>>;
  readonly kvBytesPerToken: number; // in float16; 0 for encoders
  /** Numbers in the largest tensor: vocabulary × width of an embedding. A graphics card must take it as one buffer. */
  readonly largestTensor: number;
  readonly files: (dtype: ModelDtype) => readonly string[];
  readonly encoder?: EncoderRecipe;
  readonly source: string;
}

/** How pictures are fed to an encoder of the hub and its output is read (runtime/encoder-hub.ts). */
export interface EncoderRecipe {
  readonly sidePx: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly filter: 'bilinear' | 'bicubic';
  readonly patchPx: number;
  /** Tokens before the patches in `last_hidden_state`: the class token, then registers. */
  readonly prefixTokens: number;
  readonly global: 'class-token' | 'pooler';
}

const MB = 1e6;
const APACHE: Licence = {
  name: 'Apache-2.0',
  url: 'https://www.apache.org/licenses/LICENSE-2.0',
  mustAccept: false,
};
const CONFIG_FILES = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
] as const;
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** The file names of transformers.js's exports: platform.md, and H tree/…/onnx of each repository. */
function vlmFiles(dtype: ModelDtype): readonly string[] {
  const networks = ['embed_tokens', 'vision_encoder', 'decoder_model_merged'];
  return [...CONFIG_FILES, ...networks.map((name) => `onnx/${name}${DTYPE_SUFFIX[dtype]}.onnx`)];
}

function encoderFiles(network: string): CatalogueEntry['files'] {
  return (dtype) => ['config.json', 'preprocessor_config.json', `onnx/${network}${DTYPE_SUFFIX[dtype]}.onnx`];
}

/** Files of several megabytes besides the networks: tokenizer.json has 3.55 MB in every SmolVLM (H). */
const TOKENIZER = 3.6 * MB;

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    kind: 'vlm',
    id: 'smolvlm-256m',
    label: 'SmolVLM 256M',
    repo: 'HuggingFaceTB/SmolVLM-256M-Instruct',
    revision: '7e3e67edbbed1bf9888184d9df282b700a323964',
    licence: APACHE,
    languages: ['English'],
    goodAt: 'The lightest that describes pictures in its own words; short answers, simple reasoning.',
    parameters: 256e6,
    bytes: {
      q4f16: TOKENIZER + (77.4 + 56.8 + 55) * MB,
      q4: TOKENIZER + (86.9 + 114 + 66) * MB,
      q8: TOKENIZER + (138 + 28.4 + 94.2) * MB,
      fp16: TOKENIZER + (271 + 56.8 + 187) * MB,
      fp32: TOKENIZER + (541 + 114 + 374) * MB,
    },
    kvBytesPerToken: 30 * 3 * 64 * 2 * 2,
    largestTensor: 49_280 * 576,
    files: vlmFiles,
    source:
      'Revision: C. Sizes: H tree/acc05474/onnx and blobs; vision_encoder_q4 (66 MB) was not seen and is R (63.6 MB) and a margin. ' +
      'SHA-256 seen on H: decoder q4f16 b297c766…, embed q4f16 d810e084…, vision q4f16 13c301dc…. KV: config.json in data/models.',
  },
  {
    kind: 'vlm',
    id: 'smolvlm2-256m',
    label: 'SmolVLM2 256M',
    repo: 'HuggingFaceTB/SmolVLM2-256M-Video-Instruct',
    revision: '067788b187b95ebe7b2e040b3e4299e342e5b8fd',
    licence: APACHE,
    languages: ['English'],
    goodAt: 'As light as SmolVLM 256M, trained on films too: better at what happens in a picture.',
    parameters: 256e6,
    bytes: {
      q4f16: TOKENIZER + (77.4 + 56.8 + 55) * MB,
      q4: TOKENIZER + (86.9 + 114 + 66) * MB,
      q8: TOKENIZER + (138 + 28.4 + 94.2) * MB,
      fp16: TOKENIZER + (271 + 56.8 + 187) * MB,
    },
    kvBytesPerToken: 30 * 3 * 64 * 2 * 2,
    largestTensor: 49_280 * 576,
    files: vlmFiles,
    source:
      'Revision: C, and H tree/main shows 067788b. Sizes: H tree/72504299/onnx and blobs; vision q4 and q4f16 as SmolVLM 256M (same encoder). ' +
      'KV as SmolVLM 256M (same text model): not seen in its config.json.',
  },
  {
    kind: 'vlm',
    id: 'smolvlm-500m',
    label: 'SmolVLM 500M',
    repo: 'HuggingFaceTB/SmolVLM-500M-Instruct',
    revision: 'a7da5b986cb59b408707209984f360a5f4ad7e47',
    licence: APACHE,
    languages: ['English'],
    goodAt: 'Sees more than the 256M and reads text in pictures; the best balance on a laptop with a graphics card.',
    parameters: 507e6,
    bytes: {
      q4f16: TOKENIZER + (205 + 94.6 + 55) * MB,
      q4: TOKENIZER + (230 + 189 + 66) * MB,
      q8: TOKENIZER + (365 + 47.3 + 94.2) * MB,
    },
    kvBytesPerToken: 32 * 5 * 64 * 2 * 2,
    largestTensor: 49_280 * 960,
    files: vlmFiles,
    source:
      'Revision: C. Sizes: H blob/8ae59b68 (decoder q4f16 205 MB, bnb4 207 MB); q8 decoder (365 MB) and embed fp16 (94.6 MB) from ' +
      'SmolVLM2-500M, which has the same networks; decoder q4 (230 MB), embed q4 and q8 were not seen and are R. KV: platform.md, 40 KB.',
  },
  {
    kind: 'vlm',
    id: 'smolvlm2-500m',
    label: 'SmolVLM2 500M',
    repo: 'HuggingFaceTB/SmolVLM2-500M-Video-Instruct',
    revision: '7b375e1b73b11138ff12fe22c8f2822d8fe03467',
    licence: APACHE,
    languages: ['English'],
    goodAt: 'As SmolVLM 500M, trained on films too; the best of the small ones at describing what happens.',
    parameters: 507e6,
    bytes: {
      q4f16: TOKENIZER + (205 + 94.6 + 55) * MB,
      q4: TOKENIZER + (230 + 189 + 66) * MB,
      q8: TOKENIZER + (365 + 47.3 + 94.2) * MB,
    },
    kvBytesPerToken: 32 * 5 * 64 * 2 * 2,
    largestTensor: 49_280 * 960,
    files: vlmFiles,
    source:
      'Revision: C, and H tree/main shows 7b375e1. Sizes: H blobs (decoder q8 365 MB, SHA-256 a5aaa12d…; embed fp16 94.6 MB); the ' +
      'others as SmolVLM 500M. KV as SmolVLM 500M: not seen in its config.json.',
  },
  {
    kind: 'vlm',
    id: 'smolvlm-2b',
    label: 'SmolVLM 2.2B',
    repo: 'HuggingFaceTB/SmolVLM-Instruct',
    revision: '81cd9a775a4d644f2faf4e7becff4559b46b14c7',
    licence: APACHE,
    languages: ['English'],
    goodAt:
      'The largest of the family: reasons over what it sees and what you told it. Wants a graphics card with 4 GB.',
    parameters: 2.25e9,
    bytes: {
      q4f16: TOKENIZER + (965 + 201 + 250) * MB,
      q4: TOKENIZER + (1070 + 403 + 279) * MB,
    },
    kvBytesPerToken: 24 * 32 * 64 * 2 * 2,
    largestTensor: 49_155 * 2048,
    files: vlmFiles,
    source:
      'Revision: C. Sizes: H tree/68141df5/onnx and blobs (decoder q4f16 965 MB, SHA-256 2d74ec46…; embed q4f16 201 MB; vision q4 ' +
      '279 MB, e7d20e0f…); vision q4f16 (250 MB) was not seen and is R. KV: SmolLM2-1.7B has 24 layers of 32 heads of 64.',
  },
  {
    kind: 'encoder',
    id: 'dinov2-small',
    label: 'DINOv2 small',
    repo: 'onnx-community/dinov2-small',
    revision: '8b1f705a3a7f6f062f6bdd21986c1583d3ef105d',
    licence: APACHE,
    languages: [],
    goodAt: 'Tells your things apart by shape and texture, on a finer grid (16 × 16) than the built-in encoder.',
    parameters: 22e6,
    bytes: { fp32: 88_532_934, q8: 24.4 * MB, fp16: 44.4 * MB, q4: 16.9 * MB },
    kvBytesPerToken: 0,
    largestTensor: 0,
    files: encoderFiles('model'),
    encoder: {
      ...IMAGENET,
      sidePx: 224,
      filter: 'bicubic',
      patchPx: 14,
      prefixTokens: 1,
      global: 'class-token',
    },
    source:
      'Revision and size of model.onnx (SHA-256 f22797ea…): C. Other sizes: H tree/main/onnx. Mean, deviation and filter: the ' +
      'repository’s preprocessor_config.json as public code quotes it (resize 256, crop 224; here the whole photo is squeezed to 224).',
  },
  {
    kind: 'encoder',
    id: 'dinov3-small',
    label: 'DINOv3 small',
    repo: 'onnx-community/dinov3-vits16-pretrain-lvd1689m-ONNX',
    revision: '48988dfe73065df8d6f5ccc0edc7c8bcf307de41',
    licence: {
      name: 'DINOv3 License (Meta)',
      url: 'https://ai.meta.com/resources/models-and-libraries/dinov3-license',
      mustAccept: true,
    },
    languages: [],
    goodAt: 'Newer than DINOv2 and steadier over whole pictures. Under Meta’s own licence, which forbids some uses.',
    parameters: 22e6,
    bytes: { fp32: 86.5 * MB, q8: 22 * MB },
    kvBytesPerToken: 0,
    largestTensor: 0,
    files: encoderFiles('model'),
    encoder: {
      ...IMAGENET,
      sidePx: 224,
      filter: 'bilinear',
      patchPx: 16,
      prefixTokens: 5, // class token and four registers
      global: 'class-token',
    },
    source:
      'Revision: C (one repository only). model.onnx and model_quantized.onnx keep their weights in model*.onnx_data (C); the size of ' +
      'the q8 pair was not seen. Class token and four registers before the patches: the documentation of DINOv3.',
  },
  {
    kind: 'encoder',
    id: 'siglip2-base',
    label: 'SigLIP2 base',
    repo: 'onnx-community/siglip2-base-patch16-224-ONNX',
    revision: 'ba1f3b0843f24bc5417d38e19c37b287d719b2f4',
    licence: { ...APACHE, name: 'Apache-2.0 (of google/siglip2; the export states none of its own)' },
    languages: [],
    goodAt: 'Knows what kind of thing a picture shows, in many languages’ words; larger and slower than DINOv2.',
    parameters: 93e6,
    bytes: { q8: 94_553_333, fp32: 372 * MB, fp16: 186 * MB },
    kvBytesPerToken: 0,
    largestTensor: 0,
    files: encoderFiles('vision_model'),
    encoder: {
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      sidePx: 224,
      filter: 'bilinear',
      patchPx: 16,
      prefixTokens: 0,
      global: 'pooler',
    },
    source:
      'Revision and size of vision_model_quantized.onnx (SHA-256 5f2b401c…): C, in many repositories. Other sizes as H tree of ' +
      'Xenova/siglip-base-patch16-224, which has the same vision tower.',
  },
];

export function entryOf(id: string): CatalogueEntry | undefined {
  return CATALOGUE.find((entry) => entry.id === id);
}

/** Weights outside of the graph lie beside it under the same name (`model.onnx_data`, `model.onnx_data_1`). */
export function isPartOf(name: string, wanted: string): boolean {
  return (
    name === wanted ||
    (wanted.endsWith('.onnx') &&
      new RegExp(`^_data(_\\d+)?$`).test(name.slice(wanted.length)) &&
      name.startsWith(wanted))
  );
}
