// The small network beside a VLM that answers questions of three numbers about a picture: [Note: Look] in core/look.ts.
import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import * as v from 'valibot';
import { AppError } from '../core/errors';
import type { LookFinding, LookWords } from '../core/look';
import type { Pixels } from '../core/types';
import type { LookPort } from '../pipeline/ports';
import type { ModelFiles } from './model-files';
import { runError } from './faults';
import { toPlanes } from './pixels';
import type { VlmModel } from './vlm-model';

const Words = v.array(v.string());
const Called = v.record(v.string(), Words);
const Look = v.object({
  colours: Words,
  categories: Words,
  parts: Words,
  called: Called,
  partCalled: Called,
  partCalledOf: v.array(v.object({ category: v.string(), part: v.string(), called: Words })),
  partsOf: Called,
});

/** undefined for a model without one. Throws AppError 'model-load' when a file is damaged or missing. */
export async function openLook(files: ModelFiles, model: VlmModel): Promise<LookPort | undefined> {
  const read = v.safeParse(Look, await files.json('look.json'));
  if (!read.success) return undefined;
  const words: LookWords = read.output;
  const bytes = await files.bytes('onnx/look.onnx');
  // On the CPU everywhere: two small layers, which a graphics card would only wait for.
  const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 }).catch(
    (error: unknown) => {
      throw new AppError('model-load', "The model's look could not be loaded.", { cause: error });
    },
  );
  const seen = new WeakMap<Pixels, Float32Array>(); // a description asks twice of one picture
  return {
    words,
    async at(pixels, queries, signal) {
      signal.throwIfAborted();
      const { sizePx, tokens } = model.image;
      const features = // (tokens, width)
        seen.get(pixels) ?? (await model.embedImage(toPlanes(pixels, sizePx, sizePx, model.image)));
      seen.set(pixels, features);
      signal.throwIfAborted();
      const asked = queries.flatMap(({ task, category, part }) => [task, category, part]).map(BigInt);
      const outputs = await session
        .run({
          image_features: new Tensor('float32', features, [1, tokens, model.width]),
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
