// Where transformers.js is called (its Tensor also in kv-cache.ts): its loose types end here. Loads a SmolVLM-class model and gives its three
// networks (embed_tokens, vision_encoder, decoder_model_merged) and its tokenizer typed, with the cache left to us.
//
// Its `generate()` is called for comparison only: it cannot be aborted inside prefill, has no top-p, and is silently wrong
// with a supplied cache and the tokenizer's own mask.
import { AutoModelForImageTextToText, AutoTokenizer, env, LogLevel, Tensor } from '@huggingface/transformers';
import * as v from 'valibot';
import { AppError } from '../core/errors';
import type { ModelDtype } from '../core/model-choice';
import type { Backend, KvShape, RopeSpec } from '../core/types';
import { ropeSpecFromConfig } from '../core/rope';
import { checkDecoder, imageTokens } from './decoder-contract';
import { isRoomy } from './device';
import { openHeapDecoder } from './heap-decoder';
import { type CacheMethods, cacheMethods, type DeviceCache, floatsOf, type KvDtype } from './kv-cache';
import type { ModelFiles } from './model-files';
import { isAllocation, runError } from './faults';
import { type FilterName, FILTERS } from './pixels';

export interface VlmModel extends CacheMethods {
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
  /** transformers.js's own greedy `generate()` of exactly `count` tokens behind `ids`: what our loop is compared with. */
  generate(ids: readonly number[], count: number): Promise<Generated>;
}

export interface Generated {
  readonly ids: readonly number[];
  readonly firstTokenAt: number; // performance.now() clock
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
  readonly dtype: ModelDtype;
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
  generate(options: Record<string, unknown>): Promise<Tensor>;
}
interface LooseTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): number[];
  decode(
    ids: readonly number[],
    options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean },
  ): string;
}

/** Throws AppError 'model-load', 'out-of-memory' or 'unsupported-rope'. */
export async function loadVlmModel(source: VlmModelSource): Promise<VlmModel> {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  // A path, not a URL: transformers.js 4.3.1 takes files under an absolute URL for missing (get_file_metadata.js).
  env.localModelPath = new URL(source.modelsUrl).pathname;
  env.useBrowserCache = false; // the service worker keeps what this origin serves
  env.useWasmCache = false;
  env.logLevel = LogLevel.ERROR;
  env.fetch =
    source.backend === 'wasm' && source.dtype === 'q4' && isRoomy()
      ? unpacking(source.files.fetch)
      : source.files.fetch;

  const options = { local_files_only: true, device: source.backend, dtype: source.dtype };
  const [config, preprocessor, model, tokenizer] = await Promise.all([
    source.files.json('config.json'),
    source.files.json('preprocessor_config.json'),
    AutoModelForImageTextToText.from_pretrained(source.id, options) as unknown as Promise<LooseModel>,
    AutoTokenizer.from_pretrained(source.id, { local_files_only: true }) as unknown as Promise<LooseTokenizer>,
  ]).catch((error: unknown) => {
    if (error instanceof AppError) throw error;
    if (isAllocation(error)) {
      throw new AppError('out-of-memory', `There is not enough memory here for “${source.id}”.`, { cause: error });
    }
    throw new AppError('model-load', `The model "${source.id}" could not be loaded.`, { cause: error });
  });

  const misfit = checkDecoder(decoderOf(model).inputMetadata);
  if (misfit !== undefined) throw new AppError('model-load', `The model "${source.id}" does not fit: ${misfit}`);
  const { kv, kvDtype } = readKv(decoderOf(model));
  const parsed = parse(ModelConfig, config, 'config.json');
  const prep = parse(PreprocessorConfig, preprocessor, 'preprocessor_config.json');
  const image: ImageInput = {
    sizePx: prep.max_image_size,
    mean: prep.image_mean,
    std: prep.image_std,
    filter: filterOf(prep.resample),
    tokens: imageTokens(parsed),
    tokenId: parsed.image_token_id,
  };
  const width = parsed.text_config.hidden_size;
  const onCpu = source.backend === 'wasm' && kvDtype === 'float32';
  const heap = onCpu ? openHeapDecoder(decoderOf(model), kv, width) : undefined;
  return {
    kv,
    kvDtype,
    rope: ropeSpecFromConfig(config),
    maxTokens: parsed.text_config.max_position_embeddings,
    width,
    image,
    ...tokenizerMethods(tokenizer),
    ...networkMethods(model, width, image),
    ...(heap ?? cacheMethods(kv, kvDtype)),
  };
}

/** [Note: Four bits on WASM]. The decoder alone: a picture is many tokens at once, for which unpacking counts for little. */
function unpacking(read: ModelFiles['fetch']): ModelFiles['fetch'] {
  return async (input) => {
    const response = await read(input);
    if (!response.ok || !(input instanceof URL ? input.pathname : input).includes('decoder_model_merged')) {
      return response;
    }
    const packed = new Uint8Array(await response.arrayBuffer());
    // Loaded for such a model only: those who stay on mini never get it.
    const [{ unpackQ4 }, { copied, streamed }] = await Promise.all([import('./unpack-q4'), import('./onnx-wire')]);
    const plain = unpackQ4(packed) ?? copied(packed);
    return new Response(streamed(plain), { headers: { 'content-length': `${plain.length}` } });
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
): Pick<VlmModel, 'embedTokens' | 'embedImage' | 'forward' | 'generate'> {
  const keepsLogits = decoderOf(model).inputNames.includes('num_logits_to_keep');
  let ones = new BigInt64Array(0); // the mask of every run is a view of it: a mask a token would grow with the answer
  const maskOf = (total: number): BigInt64Array => {
    if (ones.length < total) ones = new BigInt64Array(Math.max(256, 2 * total)).fill(1n);
    return ones.subarray(0, total);
  };
  return {
    async embedTokens(ids) {
      const input = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
      return floatsOf(await running(model.encode_text({ input_ids: input })));
    },
    async embedImage(planes) {
      const { sizePx, tokens } = image;
      const features = await running(
        model.encode_image({
          pixel_values: new Tensor('float32', planes, [1, 1, 3, sizePx, sizePx]),
          pixel_attention_mask: new Tensor('bool', new Uint8Array(sizePx * sizePx).fill(1), [1, 1, sizePx, sizePx]),
        }),
      );
      const rows = floatsOf(features); // (1, tokens, width)
      if (rows.length !== tokens * width) {
        throw new AppError('model-load', `The vision encoder gives ${rows.length / width} tokens, not ${tokens}.`);
      }
      return rows;
    },
    async forward(embeddings, tokens, past) {
      if (!('tensors' in past)) throw new AppError('internal', 'A cache of another runtime.');
      const total = past.tokens + tokens;
      const outputs = await running(
        model.forward({
          inputs_embeds: new Tensor('float32', embeddings, [1, tokens, width]),
          attention_mask: new Tensor('int64', maskOf(total), [1, total]),
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
      const all = floatsOf(logits); // (1, 1 or tokens, vocab); a slice of many would keep them all alive
      return { logits: all.length === vocab ? all : all.slice(-vocab), cache: { tokens: total, tensors } };
    },
    async generate(ids, count) {
      let firstTokenAt = 0;
      let puts = 0; // the first is the prompt
      const output = await running(
        model.generate({
          input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
          attention_mask: new Tensor('int64', maskOf(ids.length), [1, ids.length]),
          max_new_tokens: count,
          min_new_tokens: count,
          do_sample: false,
          streamer: {
            put() {
              if (puts++ === 1) firstTokenAt = performance.now();
            },
            end: () => undefined,
          },
        }),
      );
      const whole = Array.from(output.data as BigInt64Array, Number); // (1, prompt + count)
      return { ids: whole.slice(ids.length), firstTokenAt };
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
