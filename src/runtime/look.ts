// The small network that answers questions of three numbers about a picture from what the patch encoder makes of it: [Note: Look] in core/look.ts.
import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import * as v from 'valibot';
import { AppError } from '../core/errors';
import type { LookFinding, LookWords } from '../core/look';
import type { PatchFeatures, Pixels } from '../core/types';
import type { EncoderPort, LookPort } from '../pipeline/ports';
import type { ModelFiles } from './model-files';
import { runError } from './faults';
import { toPlanes } from './pixels';

/** What the embedded patch encoder makes of a picture. */
export type See = EncoderPort['encode'];

const Words = v.array(v.string());
const Called = v.record(v.string(), Words);
const Look = v.object({
  side: v.number(), // px of the square that is looked at
  colours: Words,
  categories: Words,
  parts: Words,
  called: Called,
  partCalled: Called,
  partCalledOf: v.array(v.object({ category: v.string(), part: v.string(), called: Words })),
  partsOf: Called,
});

/** Colours from 0 to 1. */
const PLAIN = { mean: [0, 0, 0], std: [1, 1, 1], filter: 'bicubic' } as const;

/** undefined for a model without one. Throws AppError 'model-load' when a file is damaged or missing. */
export async function openLook(files: ModelFiles, see: See): Promise<LookPort | undefined> {
  const read = v.safeParse(Look, await files.json('look.json'));
  if (!read.success) return undefined;
  const { side, ...words }: { side: number } & LookWords = read.output;
  const bytes = await files.bytes('onnx/look.onnx');
  // On the CPU everywhere: two small layers, which a graphics card would only wait for.
  const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 }).catch(
    (error: unknown) => {
      throw new AppError('model-load', "The model's look could not be loaded.", { cause: error });
    },
  );
  const seen = new WeakMap<Pixels, { features: PatchFeatures; planes: Float32Array }>(); // a description asks twice of one picture
  return {
    words,
    async at(pixels, queries, signal) {
      signal.throwIfAborted();
      const picture = seen.get(pixels) ?? {
        features: await see(pixels, signal),
        planes: toPlanes(pixels, side, side, PLAIN), // (3, side, side)
      };
      seen.set(pixels, picture);
      signal.throwIfAborted();
      const { grid, gridW, gridH, dim, global, globalDim } = picture.features;
      const asked = queries.flatMap(({ task, category, part }) => [task, category, part]).map(BigInt);
      const outputs = await session
        .run({
          grid: new Tensor('float32', grid, [1, gridH * gridW, dim]),
          global: new Tensor('float32', global, [1, globalDim]),
          pixels: new Tensor('float32', picture.planes, [1, 3, side, side]),
          queries: new Tensor('int64', BigInt64Array.from(asked), [1, queries.length, 3]),
        })
        .catch((error: unknown) => {
          throw runError(error);
        });
      const rows = (name: string): number[][] => rowsOf(outputs[name], queries.length);
      const [colours, kinds, places] = [rows('colours'), rows('kinds'), rows('places')];
      return queries.map((_, i): LookFinding => {
        const [present = 0, x0 = 0, y0 = 0, x1 = 0, y1 = 0] = places[i] ?? [];
        return { colours: colours[i] ?? [], kinds: kinds[i] ?? [], present, box: { x0, y0, x1, y1 } };
      });
    },
  };
}

/** (1, count, n) as rows. */
function rowsOf(tensor: Tensor | undefined, count: number): number[][] {
  if (!tensor || !(tensor.data instanceof Float32Array)) {
    throw new AppError('model-load', "The model's look does not give what it should.");
  }
  const numbers = tensor.data;
  const width = numbers.length / count;
  return Array.from({ length: count }, (_, i) => [...numbers.subarray(i * width, (i + 1) * width)]);
}
