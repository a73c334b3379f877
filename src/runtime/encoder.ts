// EncoderPort: the patch encoder on ONNX Runtime. It runs in its own worker, so the runtime is its own too, and
// transformers.js is not needed for one network.
import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import * as v from 'valibot';
import { AppError } from '../core/errors';
import { widen } from '../core/tensor';
import type { Backend, PatchFeatures, Pixels } from '../core/types';
import type { EncoderPort } from '../pipeline/ports';
import { chooseDevice, type Device } from './device';
import { openModelFiles, type ModelFiles } from './model-files';
import { configureOrt, runError } from './ort';
import { toPlanes } from './pixels';

const Finite = v.pipe(v.number(), v.finite());
const EncoderConfig = v.object({
  image_size: v.optional(v.number(), 224),
  image_mean: v.optional(v.array(Finite), [0.485, 0.456, 0.406]), // ImageNet
  image_std: v.optional(v.array(Finite), [0.229, 0.224, 0.225]),
});
const CalibrationFile = v.object({ globalWeight: Finite, slope: Finite, bias: Finite, threshold: Finite });

export interface LoadedEncoder {
  readonly encoder: EncoderPort;
  readonly device: Device;
}

/** Throws AppError 'model-load'. */
export async function loadEncoder(id: string, requested: 'auto' | Backend, baseUrl: string): Promise<LoadedEncoder> {
  const device = await chooseDevice(requested);
  configureOrt(device, baseUrl);
  const files = openModelFiles(new URL(`models/${id}/`, baseUrl).href, () => undefined);
  const [config, calibration, backgroundBytes, session] = await Promise.all([
    readParsed(files, 'config.json', EncoderConfig),
    readParsed(files, 'calibration.json', CalibrationFile),
    files.bytes('background.bin'),
    files.bytes('model.onnx').then((bytes) => createSession(bytes, device.backend)),
  ]);
  const info = {
    id,
    fingerprint: files.fingerprint(['config.json', 'model.onnx'], []),
    backend: device.backend,
  };

  // One run at a time: a session cannot be entered twice.
  let last: Promise<unknown> = Promise.resolve();
  const encode: EncoderPort['encode'] = (pixels, signal) => {
    const next = last.then(() => run(pixels, signal));
    last = next.catch(() => undefined);
    return next;
  };
  async function run(pixels: Pixels, signal: AbortSignal): Promise<PatchFeatures> {
    signal.throwIfAborted();
    const side = config.image_size;
    // Squashed, not padded: the grid then covers the whole photo and a cell's place needs no undoing. Training does the same.
    const planes = toPlanes(pixels, side, side, config.image_mean, config.image_std);
    const outputs = await session
      .run({ [session.inputNames[0] ?? 'pixel_values']: new Tensor('float32', planes, [1, 3, side, side]) })
      .catch((error: unknown) => {
        throw runError(error);
      });
    const grid = outputs['grid']; // (1, gridH, gridW, dim)
    const global = outputs['global']; // (1, globalDim)
    const [, gridH, gridW, dim] = grid?.dims ?? [];
    const globalDim = global?.dims[1];
    if (!grid || !global || !gridH || !gridW || !dim || !globalDim) {
      throw new AppError('model-load', 'The patch encoder does not give what it should: `grid` and `global`.');
    }
    return { gridW, gridH, dim, grid: floats(grid.data), globalDim, global: floats(global.data) };
  }

  const { dim } = await encode(warmUpPixels(), new AbortController().signal);
  return { device, encoder: { info, background: parseBackground(backgroundBytes, dim), calibration, encode } };
}

async function createSession(bytes: ArrayBuffer, backend: Backend): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, { executionProviders: [backend], logSeverityLevel: 3 });
  } catch (error) {
    throw new AppError('model-load', 'The patch encoder could not be loaded.', { cause: error });
  }
}

async function readParsed<S extends v.GenericSchema>(
  files: ModelFiles,
  name: string,
  schema: S,
): Promise<v.InferOutput<S>> {
  const result = v.safeParse(schema, await files.json(name));
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new AppError(
    'model-load',
    `${name} of the patch encoder is not as expected: ${v.getDotPath(issue) ?? ''} ${issue.message}`,
  );
}

/** Plain little-endian float32 (rows, dim), no header. */
function parseBackground(bytes: ArrayBuffer, dim: number): EncoderPort['background'] {
  const rows = bytes.byteLength / 4 / dim;
  if (!Number.isInteger(rows)) {
    throw new AppError('model-load', `background.bin of the patch encoder does not hold rows of ${dim} numbers.`);
  }
  return { rows, dim, data: new Float32Array(bytes) };
}

/** Loading ends with one run: it finds a model that cannot run, and the first photo does not pay for warming up. */
function warmUpPixels(): Pixels {
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
