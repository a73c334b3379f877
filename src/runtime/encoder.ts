// EncoderPort: the patch encoder on ONNX Runtime. It runs in its own worker, so the runtime is its own too, and
// transformers.js is not needed for one network.
import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { AppError, isAppError } from '../core/errors';
import { widen } from '../core/tensor';
import type { PatchFeatures, Pixels } from '../core/types';
import type { EncoderPort } from '../pipeline/ports';
import { parseModelChoice } from '../core/model-choice';
import { chooseDevice, type Device } from './device';
import { type EncoderFiles, readEncoderFiles } from './encoder-files';
import { openModelFiles, type ReadFile } from './model-files';
import { isBareException, isOutOfMemory, runError } from './faults';
import { configureOrt } from './ort';
import { toPlanes } from './pixels';

/** An encoder of the hub that is on this device. */
export interface KeptEncoder {
  readonly shipped: EncoderFiles;
  readonly readFeatures: (outputs: Readonly<Record<string, Tensor>>) => PatchFeatures;
  readonly network: string; // file name
  readonly hasWeights: boolean; // outside of the graph, in `<network>_data`
  readonly readFile: ReadFile;
}

export interface OpenedEncoder {
  readonly encoder: EncoderPort;
  readonly device: Device;
  /** Makes the session and runs it once; the first `encode` does the same and waits. Throws AppError 'model-load', 'encoder-load' of one of the hub. */
  readonly warmUp: () => Promise<void>;
  /** planes: (3, side, side), normalised. What `encode` does behind resizing. */
  readonly encodePlanes: (planes: Float32Array) => Promise<PatchFeatures>;
}

/**
 * Reads every file, but leaves the network to be built later: a first question needs none of it, and building it takes a
 * core for a second while the VLM is loading. Throws AppError 'model-load'.
 */
export async function openEncoder(id: string, baseUrl: string, kept?: KeptEncoder): Promise<OpenedEncoder> {
  // Always WASM: a photo takes a fraction of a second, vectors made on any machine and day stay comparable to the last
  // bit, and the graphics card is left to the VLM.
  const device = await chooseDevice('wasm');
  configureOrt(device, baseUrl);
  const { folder } = parseModelChoice(id);
  const files = openModelFiles(new URL(`models/${folder}/`, baseUrl).href, () => undefined, kept?.readFile);
  const name = kept?.network ?? 'model.onnx';
  const [shipped, modelBytes, weights] = await Promise.all([
    kept?.shipped ?? readEncoderFiles(files),
    files.bytes(name),
    kept?.hasWeights === true ? files.bytes(`${name}_data`) : undefined,
    files.json('config.json'), // part of the fingerprint
  ]);
  const fingerprint = files.fingerprint(['config.json', name], kept ? ['unit rows'] : []);
  const { sidePx } = shipped;

  let bytes: ArrayBuffer | undefined = modelBytes;
  let external = weights && { path: `${name.split('/').at(-1) ?? name}_data`, data: weights };
  let session: Promise<InferenceSession> | undefined;
  function ready(): Promise<InferenceSession> {
    session ??= createSession(bytes, external, kept ? 'encoder-load' : 'model-load');
    bytes = external = undefined; // the session has its own copy
    return session;
  }

  // One run at a time: a session cannot be entered twice.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const next = last.then(act);
    last = next.catch(() => undefined);
    return next;
  }
  const encode: EncoderPort['encode'] = (pixels, signal) =>
    inTurn(async () => {
      signal.throwIfAborted();
      return run(toPlanes(pixels, sidePx, sidePx, shipped));
    });
  async function run(planes: Float32Array): Promise<PatchFeatures> {
    const network = await ready();
    const input = new Tensor('float32', planes, [1, 3, sidePx, sidePx]);
    const outputs = await network.run({ pixel_values: input }).catch((error: unknown) => {
      const fault = runError(error);
      // The embedded encoder is tried instead of one of the hub, whatever it was.
      throw kept && isAppError(fault) ? new AppError('encoder-load', fault.message, { cause: error }) : fault;
    });
    if (kept) return kept.readFeatures(outputs);
    const grid = outputs['grid']; // (1, gridH, gridW, dim)
    const global = outputs['global']; // (1, globalDim)
    const [, gridH, gridW, dim] = grid?.dims ?? [];
    const globalDim = global?.dims[1];
    if (!grid || !global || !gridH || !gridW || !globalDim || dim !== shipped.background.dim) {
      throw new AppError('model-load', 'The patch encoder does not give what it should: `grid` and `global`.');
    }
    return { gridW, gridH, dim, grid: floats(grid.data), globalDim, global: floats(global.data) };
  }

  return {
    device,
    encodePlanes: (planes) => inTurn(() => run(planes)),
    async warmUp() {
      await encode(grey(), new AbortController().signal);
    },
    encoder: {
      info: { id, fingerprint, backend: device.backend },
      background: shipped.background,
      calibration: shipped.calibration,
      encode,
    },
  };
}

async function createSession(
  bytes: ArrayBuffer | undefined,
  external: { path: string; data: ArrayBuffer } | undefined,
  code: 'model-load' | 'encoder-load',
): Promise<InferenceSession> {
  try {
    if (!bytes) throw new AppError('internal', 'The bytes of the patch encoder are gone.');
    return await InferenceSession.create(bytes, {
      executionProviders: ['wasm'],
      logSeverityLevel: 3,
      ...(external ? { externalData: [{ path: external.path, data: new Uint8Array(external.data) }] } : {}),
    });
  } catch (error) {
    const why = isOutOfMemory(error) || isBareException(error) ? ': there is not enough memory here for it' : '';
    throw new AppError(code, `The patch encoder could not be loaded${why}.`, { cause: error });
  }
}

function grey(): Pixels {
  return { widthPx: 8, heightPx: 8, data: new Uint8ClampedArray(8 * 8 * 4).fill(128) };
}

function floats(data: unknown): Float32Array {
  if (data instanceof Float32Array) return data;
  if (!ArrayBuffer.isView(data))
    throw new AppError('model-load', 'The patch encoder gave a tensor of an unknown type.');
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const result = new Float32Array(bits.length);
  widen(bits, result);
  return result;
}
