// What ships with the patch encoder, parsed: how photos are fed, what backgrounds look like, what scores mean.
import * as v from 'valibot';
import { AppError } from '../core/errors';
import type { MatchCurve } from '../core/match';
import { widen } from '../core/tensor';
import type { Calibration, EncoderPort } from '../pipeline/ports';
import type { ModelFiles } from './model-files';
import { FILTERS, type FilterName } from './pixels';

const Finite = v.pipe(v.number(), v.finite());

const Config = v.object({
  side: v.number(),
  /** 'squeeze': the whole photo to a square, so that the grid covers it and a cell's place needs no undoing. */
  resize: v.literal('squeeze'),
  filter: v.optional(v.picklist(Object.keys(FILTERS) as FilterName[]), 'bicubic'),
  mean: v.array(Finite),
  std: v.array(Finite),
  background: v.object({
    file: v.string(),
    dtype: v.picklist(['float16', 'float32']),
    count: v.number(),
    dim: v.number(),
  }),
  calibration: v.string(),
});

/** One logistic curve score → probability for each number of reference photos, from 1; `threshold` is a score. */
const Curve = v.object({ slope: Finite, offset: Finite, threshold: Finite });
const CalibrationDoc = v.object({
  gridWeight: Finite,
  backgroundSharpness: Finite,
  byReferences: v.record(v.string(), Curve),
});

export interface EncoderFiles {
  readonly sidePx: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly filter: FilterName;
  readonly background: EncoderPort['background'];
  readonly calibration: Calibration;
}

/** Throws AppError 'model-load' with the field that is wrong. */
export async function readEncoderFiles(files: ModelFiles): Promise<EncoderFiles> {
  const config = parse(Config, await files.json('config.json'), 'config.json');
  const [doc, bytes] = await Promise.all([files.json(config.calibration), files.bytes(config.background.file)]);
  return {
    sidePx: config.side,
    mean: config.mean,
    std: config.std,
    filter: config.filter,
    background: parseBackground(bytes, config.background),
    calibration: calibrationOf(parse(CalibrationDoc, doc, config.calibration)),
  };
}

function calibrationOf({
  gridWeight,
  backgroundSharpness,
  byReferences,
}: v.InferOutput<typeof CalibrationDoc>): Calibration {
  const curves = Object.keys(byReferences)
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((references) => {
      const curve = byReferences[references];
      return curve === undefined ? [] : [curveOf(curve)];
    });
  const most = curves.at(-1);
  if (!most) throw new AppError('model-load', 'The calibration of the patch encoder holds no curve.');
  return { globalWeight: 1 - gridWeight, backgroundSharpness, ...most, fewer: curves.slice(0, -1) };
}

function curveOf({ slope, offset, threshold }: v.InferOutput<typeof Curve>): MatchCurve {
  // The document's threshold is a score, the app's a probability.
  return { slope, bias: offset, threshold: 1 / (1 + Math.exp(-(slope * threshold + offset))) };
}

/** Rows of unit length, no header, little-endian. */
function parseBackground(
  bytes: ArrayBuffer,
  { dtype, count, dim }: v.InferOutput<typeof Config>['background'],
): EncoderPort['background'] {
  const size = dtype === 'float16' ? 2 : 4;
  if (bytes.byteLength !== count * dim * size) {
    throw new AppError(
      'model-load',
      `The background bank of the patch encoder does not hold ${count} × ${dim} numbers.`,
    );
  }
  if (dtype === 'float32') return { rows: count, dim, data: new Float32Array(bytes) };
  const data = new Float32Array(count * dim);
  widen(new Uint16Array(bytes), data);
  return { rows: count, dim, data };
}

function parse<S extends v.GenericSchema>(schema: S, value: unknown, file: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new AppError(
    'model-load',
    `${file} of the patch encoder is not as expected: ${v.getDotPath(issue) ?? ''} ${issue.message}`,
  );
}
