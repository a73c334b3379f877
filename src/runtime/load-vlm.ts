// From "which model, which backend" to a tested VlmPort: choose the device, load, self-test.
import * as v from 'valibot';
import { AppError, isAppError } from '../core/errors';
import { DEFAULT_REST, type RestDtype } from '../core/kv-block';
import { KV_FORMAT } from '../core/kv-format';
import { DTYPE_SUFFIX, MODEL_DTYPES, type ModelDtype, parseModelChoice } from '../core/model-choice';
import { PROMPT_VERSION } from '../core/prompt';
import type { Backend } from '../core/types';
import { chooseDevice, type Device } from './device';
import { openLook, type See } from './look';
import { openModelFiles, type OnProgress, type ReadFile } from './model-files';
import { isBareException, isOutOfMemory } from './faults';
import { configureOrt } from './ort';
import { MAX_LOGIT_DIFFERENCE, selfTest, type SelfTest, type Thoroughness } from './self-test';
import { createVlm, type Vlm } from './vlm';
import { loadVlmModel } from './vlm-model';

export interface LoadedVlm {
  readonly vlm: Vlm;
  readonly device: Device;
  readonly selfTest: SelfTest;
}

export interface LoadOptions {
  readonly readFile?: ReadFile | undefined; // of a model that this origin does not serve
  readonly test?: Thoroughness;
  readonly see?: See | undefined; // undefined: the model answers what it sees in words alone
}

/** What `python -m training.realsize` writes into the config of a model that was never trained. */
const RandomWeights = v.object({ jarvis: v.object({ label: v.string() }) });

/** What a block depends on: a change of any of these makes every stored block stale. */
function fingerprinted(dtype: ModelDtype): string[] {
  const networks = ['embed_tokens', 'vision_encoder', 'decoder_model_merged'];
  const onnx = networks.map((name) => `onnx/${name}${DTYPE_SUFFIX[dtype]}.onnx`);
  return ['config.json', 'preprocessor_config.json', 'tokenizer.json', ...onnx];
}

/** The dtype a config asks for; the embedded tier is computed in float32 on every backend (its weights rest as float16). */
const OwnDtype = v.object({ 'transformers.js_config': v.object({ dtype: v.picklist(MODEL_DTYPES) }) });

/**
 * Throws AppError 'model-load', 'unsupported-rope' or 'out-of-memory'; 'gpu-lost' when the choice was ours and WebGPU let us down,
 * by not loading the model, having no room for it, not running it, or running it wrongly. There is no falling back in this thread: transformers.js
 * chains all loads on one promise and all runs on another, and one failure fails all that follow. The page starts a new
 * worker on WASM (src/client/workers.ts).
 */
export async function loadVlm(
  id: string,
  requested: 'auto' | Backend,
  baseUrl: string,
  onProgress: OnProgress,
  rest: RestDtype = DEFAULT_REST,
  options: LoadOptions = {},
): Promise<LoadedVlm> {
  const device = await chooseDevice(requested);
  configureOrt(device, baseUrl);
  try {
    return await loadOn(device, id, baseUrl, onProgress, rest, options);
  } catch (error) {
    const noMemory = isOutOfMemory(error) || (device.backend === 'wasm' && isBareException(error));
    if (noMemory && (device.backend === 'wasm' || requested === 'webgpu')) {
      throw new AppError('out-of-memory', `There is not enough memory here for “${id}”.`, { cause: error });
    }
    if (device.backend === 'wasm' || requested === 'webgpu') throw error;
    // Also where its memory is too small: the machine's own may hold what the card's does not.
    const why = noMemory
      ? `Its memory is too small for “${id}”.`
      : isAppError(error)
        ? error.message
        : 'It could not run the model.';
    throw new AppError('gpu-lost', `${device.name} is not used: ${why}`, { cause: error });
  }
}

async function loadOn(
  device: Device,
  id: string,
  baseUrl: string,
  onProgress: OnProgress,
  rest: RestDtype,
  { readFile, test = 'pictures', see }: LoadOptions,
): Promise<LoadedVlm> {
  const { folder, dtype: wanted } = parseModelChoice(id);
  const modelsUrl = new URL('models/', baseUrl).href;
  const files = openModelFiles(new URL(`${folder}/`, modelsUrl).href, onProgress, readFile);
  const own = v.safeParse(OwnDtype, await files.json('config.json'));
  const dtype = wanted ?? (own.success ? own.output['transformers.js_config'].dtype : 'fp32');
  // transformers.js checks this for fp16 alone (4.3.1).
  if (device.backend === 'webgpu' && dtype.endsWith('16') && !device.halfFloats) {
    throw new AppError('model-load', `${device.name} has no 16-bit floats, which "${id}" in ${dtype} needs.`);
  }
  const model = await loadVlmModel({ id: folder, modelsUrl, files, backend: device.backend, dtype });
  const identity = {
    id,
    fingerprint: files.fingerprint(fingerprinted(dtype), [dtype, PROMPT_VERSION, KV_FORMAT, rest]),
    backend: device.backend,
    device: device.name,
    rest,
  };
  const vlm = await createVlm(model, identity, see && (await openLook(files, see)));
  const random = v.is(RandomWeights, await files.json('config.json')); // sees nothing, and says so in its config
  const tested = await selfTest(vlm, random && test === 'thorough' ? 'pictures' : test);
  if (!(tested.maxLogitDifference <= MAX_LOGIT_DIFFERENCE[model.kvDtype])) {
    throw new AppError(
      'model-load',
      `The model computes wrongly here (linked memory differs by ${tested.maxLogitDifference.toPrecision(2)}).`,
    );
  }
  if (tested.colours === 0) {
    throw new AppError(
      'model-load',
      'The model does not see here: it takes red, green and blue pictures for one another.',
    );
  }
  return { vlm, device, selfTest: tested };
}
