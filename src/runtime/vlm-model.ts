// The one file that touches transformers.js: its loose types end here. Loads a SmolVLM-class model and gives its three
// networks (embed_tokens, vision_encoder, decoder_model_merged) and its tokenizer typed, with the cache left to us.
//
// `generate()` is not used: it cannot be aborted inside prefill, has no top-p, and is silently wrong with a supplied
// cache and the tokenizer's own mask.
import { AutoModelForImageTextToText, AutoTokenizer, env, LogLevel, Tensor } from '@huggingface/transformers';
import * as v from 'valibot';
import { AppError } from '../core/errors';
import { narrow, widen } from '../core/tensor';
import type { Backend, KvShape, RopeSpec } from '../core/types';
import { ropeSpecFromConfig } from '../core/rope';
import type { LayerKv } from '../core/kv-block';
import type { ModelFiles } from './model-files';
import { runError } from './ort';
import { type FilterName, FILTERS } from './pixels';

export type KvDtype = 'float32' | 'float16';

/** A cache as the decoder takes and gives it: `past_key_values.N.key|value`, each (1, kvHeads, tokens, headDim). */
export interface DeviceCache {
  readonly tokens: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

export interface VlmModel {
  readonly kv: KvShape;
  readonly kvDtype: KvDtype;
  readonly rope: RopeSpec;
  readonly maxTokens: number;
  readonly width: number; // of an embedding
  readonly image: ImageInput;
  tokenize(text: string): number[];
  detokenize(ids: readonly number[]): string;
  /** (tokens, width). */
  embedTokens(ids: readonly number[]): Promise<Float32Array>;
  /** planes: (3, sizePx, sizePx). Returns (image.tokens, width). */
  embedImage(planes: Float32Array): Promise<Float32Array>;
  /**
   * Runs `tokens` embeddings (tokens, width) behind `past`, at positions past.tokens…; returns the logits of the last
   * one, (vocab), and the grown cache. `past` stays valid: whoever made it disposes of it.
   */
  forward(
    embeddings: Float32Array,
    tokens: number,
    past: DeviceCache,
  ): Promise<{ logits: Float32Array; cache: DeviceCache }>;
  emptyCache(): DeviceCache;
  upload(cache: LayerKv): DeviceCache;
  download(cache: DeviceCache): Promise<LayerKv>;
}

/** Frees what a cache holds on the GPU. */
export function disposeCache(cache: DeviceCache): void {
  for (const tensor of Object.values(cache.tensors)) if (tensor.location === 'gpu-buffer') tensor.dispose();
}

const Size = v.union([
  v.pipe(
    v.object({ longest_edge: v.number() }),
    v.transform((size) => size.longest_edge),
  ),
  v.pipe(
    v.object({ height: v.number() }),
    v.transform((size) => size.height),
  ),
]);
const PreprocessorConfig = v.object({
  image_mean: v.array(v.number()),
  image_std: v.array(v.number()),
  max_image_size: Size,
  resample: v.optional(v.number(), FILTERS.bilinear.number),
});
const ModelConfig = v.object({
  image_token_id: v.number(),
  scale_factor: v.number(),
  text_config: v.object({ hidden_size: v.number(), max_position_embeddings: v.number() }),
  vision_config: v.object({ image_size: v.number(), patch_size: v.number() }),
});

/** How a picture is fed: squashed to a square, never split into tiles (16 tokens an image is mini's whole budget). */
export interface ImageInput {
  readonly sizePx: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly filter: FilterName;
  readonly tokens: number; // visual tokens an image becomes
  readonly tokenId: number;
}

export interface VlmModelSource {
  readonly id: string; // folder under models/
  readonly modelsUrl: string; // ends in '/'
  readonly files: ModelFiles;
  readonly backend: Backend;
  readonly dtype: 'fp32' | 'fp16' | 'q4' | 'q4f16' | 'q8';
}

/** What transformers.js and ONNX Runtime really hand out, as far as it is used here. */
interface Session {
  readonly inputNames: readonly string[];
  readonly inputMetadata: readonly {
    readonly name: string;
    readonly type: string;
    readonly shape: readonly (number | string)[];
  }[];
}
interface LooseModel {
  readonly sessions: Readonly<Record<string, Session>>;
  forward(inputs: Record<string, unknown>): Promise<Record<string, Tensor>>;
  encode_text(inputs: { input_ids: Tensor }): Promise<Tensor>;
  encode_image(inputs: { pixel_values: Tensor; pixel_attention_mask: Tensor }): Promise<Tensor>;
}
interface LooseTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): number[];
  decode(
    ids: readonly number[],
    options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean },
  ): string;
}

/** Throws AppError 'model-load' or 'unsupported-rope'. */
export async function loadVlmModel(source: VlmModelSource): Promise<VlmModel> {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  // A path, not a URL: transformers.js 4.3.1 takes files under an absolute URL for missing (get_file_metadata.js).
  env.localModelPath = new URL(source.modelsUrl).pathname;
  env.useBrowserCache = false; // the service worker keeps what this origin serves
  env.useWasmCache = false;
  env.logLevel = LogLevel.ERROR;
  env.fetch = source.files.fetch;

  const options = { local_files_only: true, device: source.backend, dtype: source.dtype };
  const [config, preprocessor, model, tokenizer] = await Promise.all([
    source.files.json('config.json'),
    source.files.json('preprocessor_config.json'),
    AutoModelForImageTextToText.from_pretrained(source.id, options) as unknown as Promise<LooseModel>,
    AutoTokenizer.from_pretrained(source.id, { local_files_only: true }) as unknown as Promise<LooseTokenizer>,
  ]).catch((error: unknown) => {
    if (error instanceof AppError) throw error;
    throw new AppError('model-load', `The model "${source.id}" could not be loaded.`, { cause: error });
  });

  const { kv, kvDtype } = readKv(decoderOf(model));
  const parsed = parse(ModelConfig, config, 'config.json');
  const prep = parse(PreprocessorConfig, preprocessor, 'preprocessor_config.json');
  const grid = parsed.vision_config.image_size / parsed.vision_config.patch_size / parsed.scale_factor;
  const image: ImageInput = {
    sizePx: prep.max_image_size,
    mean: prep.image_mean,
    std: prep.image_std,
    filter: filterOf(prep.resample),
    tokens: grid * grid,
    tokenId: parsed.image_token_id,
  };
  const width = parsed.text_config.hidden_size;
  return {
    kv,
    kvDtype,
    rope: ropeSpecFromConfig(config),
    maxTokens: parsed.text_config.max_position_embeddings,
    width,
    image,
    ...tokenizerMethods(tokenizer),
    ...networkMethods(model, width, image),
    ...cacheMethods(kv, kvDtype),
  };
}

function tokenizerMethods(tokenizer: LooseTokenizer): Pick<VlmModel, 'tokenize' | 'detokenize'> {
  return {
    tokenize: (text) => tokenizer.encode(text, { add_special_tokens: false }),
    detokenize: (ids) =>
      ids.length === 0 ? '' : tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
  };
}

function networkMethods(
  model: LooseModel,
  width: number,
  image: ImageInput,
): Pick<VlmModel, 'embedTokens' | 'embedImage' | 'forward'> {
  const keepsLogits = decoderOf(model).inputNames.includes('num_logits_to_keep');
  return {
    async embedTokens(ids) {
      const input = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
      return floats(await running(model.encode_text({ input_ids: input })));
    },
    async embedImage(planes) {
      const { sizePx, tokens } = image;
      const features = await running(
        model.encode_image({
          pixel_values: new Tensor('float32', planes, [1, 1, 3, sizePx, sizePx]),
          pixel_attention_mask: new Tensor('bool', new Uint8Array(sizePx * sizePx).fill(1), [1, 1, sizePx, sizePx]),
        }),
      );
      const rows = floats(features); // (1, tokens, width)
      if (rows.length !== tokens * width) {
        throw new AppError('model-load', `The vision encoder gives ${rows.length / width} tokens, not ${tokens}.`);
      }
      return rows;
    },
    async forward(embeddings, tokens, past) {
      const total = past.tokens + tokens;
      const outputs = await running(
        model.forward({
          inputs_embeds: new Tensor('float32', embeddings, [1, tokens, width]),
          attention_mask: new Tensor('int64', new BigInt64Array(total).fill(1n), [1, total]),
          position_ids: new Tensor(
            'int64',
            BigInt64Array.from({ length: tokens }, (_, i) => BigInt(past.tokens + i)),
            [1, tokens],
          ),
          past_key_values: past.tensors,
          ...(keepsLogits ? { num_logits_to_keep: new Tensor('int64', [1n], []) } : {}),
        }),
      );
      const tensors: Record<string, Tensor> = {};
      for (const [name, tensor] of Object.entries(outputs)) {
        if (name.startsWith('present.')) tensors[name.replace('present', 'past_key_values')] = tensor;
      }
      const { logits } = outputs;
      if (!logits) throw new AppError('model-load', 'The decoder gives no logits.');
      const vocab = logits.dims.at(-1) ?? 0;
      return { logits: floats(logits).slice(-vocab), cache: { tokens: total, tensors } }; // (1, 1 or tokens, vocab)
    },
  };
}

function cacheMethods(kv: KvShape, dtype: KvDtype): Pick<VlmModel, 'emptyCache' | 'upload' | 'download'> {
  const layers = Array.from({ length: kv.layers }, (_, layer) => layer);
  const toTensor = (rows: Float32Array, tokens: number): Tensor => {
    const dims = [1, kv.kvHeads, tokens, kv.headDim];
    if (dtype === 'float32') return new Tensor('float32', rows, dims);
    const half = new Uint16Array(rows.length);
    narrow(rows, half);
    return new Tensor('float16', half, dims);
  };
  function upload(cache: LayerKv): DeviceCache {
    const tensors: Record<string, Tensor> = {};
    for (const layer of layers) {
      tensors[`past_key_values.${layer}.key`] = toTensor(cache.keys[layer] ?? new Float32Array(), cache.tokens);
      tensors[`past_key_values.${layer}.value`] = toTensor(cache.values[layer] ?? new Float32Array(), cache.tokens);
    }
    return { tokens: cache.tokens, tensors };
  }
  return {
    upload,
    emptyCache: () => upload({ tokens: 0, keys: [], values: [] }),
    async download(cache) {
      const read = (layer: number, part: 'key' | 'value'): Promise<Float32Array> => {
        const tensor = cache.tensors[`past_key_values.${layer}.${part}`];
        if (!tensor) throw new AppError('model-load', `The decoder keeps no ${part}s of layer ${layer}.`);
        return toCpu(tensor);
      };
      return {
        tokens: cache.tokens,
        keys: await Promise.all(layers.map((layer) => read(layer, 'key'))),
        values: await Promise.all(layers.map((layer) => read(layer, 'value'))),
      };
    },
  };
}

function decoderOf(model: LooseModel): Session {
  const session = model.sessions['decoder_model_merged'];
  if (!session) throw new AppError('model-load', 'The model has no merged decoder.');
  return session;
}

/** Shape and type of the cache as the session itself states them: configs of exports are not to be trusted. */
function readKv(decoder: Session): { kv: KvShape; kvDtype: KvDtype } {
  const inputs = decoder.inputMetadata.filter(({ name }) => /^past_key_values\.\d+\.key$/.test(name));
  const first = inputs[0];
  const [, kvHeads, , headDim] = first?.shape ?? [];
  if (typeof kvHeads !== 'number' || typeof headDim !== 'number') {
    throw new AppError('model-load', 'The decoder does not state the shape of its cache.');
  }
  if (first?.type !== 'float32' && first?.type !== 'float16') {
    throw new AppError('model-load', `The decoder's cache has type ${first?.type ?? 'none'}, which is not supported.`);
  }
  return { kv: { layers: inputs.length, kvHeads, headDim }, kvDtype: first.type };
}

function parse<S extends v.GenericSchema>(schema: S, value: unknown, file: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new AppError(
    'model-load',
    `${file} of the model is not as expected: ${v.getDotPath(issue) ?? ''} ${issue.message}`,
  );
}

function filterOf(resample: number): FilterName {
  const names = Object.keys(FILTERS) as FilterName[];
  const name = names.find((candidate) => FILTERS[candidate].number === resample);
  if (!name) throw new AppError('model-load', `The model resizes photos in a way that is not supported (${resample}).`);
  return name;
}

async function running<T>(run: Promise<T>): Promise<T> {
  try {
    return await run;
  } catch (error) {
    throw runError(error);
  }
}

function floats(tensor: Tensor): Float32Array {
  return widened(tensor.data);
}

async function toCpu(tensor: Tensor): Promise<Float32Array> {
  if (tensor.location !== 'gpu-buffer') return floats(tensor);
  const inner = tensor as unknown as { ort_tensor: { getData(releaseData: boolean): Promise<unknown> } };
  return widened(await inner.ort_tensor.getData(true));
}

/** float16 comes as a Float16Array where the engine has one, else as its bits in a Uint16Array. */
function widened(data: unknown): Float32Array {
  if (data instanceof Float32Array) return data;
  if (!ArrayBuffer.isView(data)) throw new AppError('model-load', 'The model gave a tensor of an unknown type.');
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const result = new Float32Array(bits.length);
  widen(bits, result);
  return result;
}
