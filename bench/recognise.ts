// `npm run bench -- recognise`: the shipped encoder on photos it never saw, beside the teacher it was distilled from.

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from '../scripts/setup.mjs';
import { UsageError } from './app';
import type { App } from './app';
import { figureOf, SHARE } from './figures';
import type { Figure, Measured } from './figures';
import { fitCurve, type ScoredPair } from '../src/core/calibrate';
import type { MatchCurve } from '../src/core/match';
import { UNCALIBRATED } from '../src/runtime/encoder-hub';
import { decide, strangersAuroc, topOne, topOneWithOne } from './open-set';
import type { Scores } from './open-set';

export const PHOTOS = 'photos/dreambooth-dev';
const TEACHER = 'models/mobilenetv2-teacher';
const TEACHER_FILE = 'mobilenetv2_1280.onnx';

/** Rounds of random references, and of random halves; 200 put the standard error of top-1 under 0.002. */
const ROUNDS = 200;
const SEED = 20_261_125;

/** What is served beside the app. Throws UsageError when the evaluation photos are not on this machine. */
export function recogniseFolders(): Record<string, string> {
  return { [`${PHOTOS}/`]: dataFolder(PHOTOS), [`${TEACHER}/`]: dataFolder(TEACHER) };
}

/** Ratios first: the encoder against its teacher on the same photos in the same page. */
export async function benchRecognise(app: App): Promise<Measured> {
  const photos = subjectPhotos(dataFolder(PHOTOS));
  const page = await app.openPage();
  const request = {
    encoder: app.model,
    photos: photos.map(({ path }) => `${PHOTOS}/${path}`),
    teacher: `${TEACHER}/${TEACHER_FILE}`,
  };
  const found = await page.evaluate((wanted) => window.jarvisBench.recognise(wanted), request);
  const labels = photos.map(({ subject }) => subject);
  const own = figuresOf(app.model, { labels, score: Float32Array.from(found.score) });
  const teacherScores = { labels, score: Float32Array.from(found.teacherScore) };
  const teacher = figuresOf('teacher', teacherScores);
  return {
    device: found.device,
    figures: [
      ...own.map(({ name, value }, i) => ({
        name: name.replace(app.model, `${app.model} / teacher`),
        value: value / (teacher[i]?.value ?? 1),
        unit: '×',
      })),
      ...own.flatMap((figure, i) => [figure, ...teacher.slice(i, i + 1)]),
      ...curveFigures(app.model, { labels, score: Float32Array.from(found.score) }, found.shipped),
      ...curveFigures('teacher', teacherScores, undefined),
      figureOf({ name: `${app.model}, a photo to features`, unit: 'ms', values: found.encodeMs }),
      figureOf({ name: `${app.model}, network alone`, unit: 'ms', values: found.networkMs }),
      figureOf({ name: 'teacher, network alone', unit: 'ms', values: found.teacherMs }),
      { name: `of ${new Set(labels).size} things`, value: photos.length, unit: 'photos' },
    ],
  };
}

function figuresOf(who: string, scores: Scores): Figure[] {
  const figure = (name: string, value: number): Figure => ({ name: `${who}, ${name}`, value, unit: SHARE });
  return [
    figure('top-1, one reference photo', topOneWithOne(scores)),
    figure('top-1, three reference photos', topOne(scores, 3, ROUNDS, SEED)),
    figure('strangers AUROC, one reference photo', strangersAuroc(scores, 1, ROUNDS, SEED)),
    figure('strangers AUROC, three reference photos', strangersAuroc(scores, 3, ROUNDS, SEED)),
  ];
}

/** The guess that an encoder of the hub starts with, what one's own photos make of it, and where there is one the measured curve. */
function curveFigures(who: string, scores: Scores, shipped: MatchCurve | undefined): Figure[] {
  const curves: Record<string, (pairs: readonly ScoredPair[]) => MatchCurve> = {
    'guessed curve': () => UNCALIBRATED,
    'guess fitted to memory': (pairs) => fitCurve(pairs, UNCALIBRATED),
    ...(shipped && { 'shipped curve': () => shipped, 'shipped fitted to memory': (pairs) => fitCurve(pairs, shipped) }),
  };
  return Object.entries(curves).flatMap(([name, curveFor]): Figure[] => {
    const { right, strangersIn } = decide(scores, 3, ROUNDS, SEED, curveFor);
    return [
      { name: `${who}, ${name}: known and told rightly`, value: right, unit: SHARE },
      { name: `${who}, ${name}: strangers let in`, value: strangersIn, unit: SHARE },
    ];
  });
}

export function subjectPhotos(folder: string): { subject: string; path: string }[] {
  const subjects = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return subjects
    .map(({ name }) => name)
    .sort()
    .flatMap((subject) =>
      readdirSync(join(folder, subject))
        .filter((file) => /\.jpe?g$/i.test(file))
        .sort()
        .map((file) => ({ subject, path: `${subject}/${file}` })),
    );
}

/** Beside the repository, beside the folder of its worktrees, or in it. */
export function dataFolder(path: string): string {
  const places = ['../shared/data', '../../shared/data', 'shared/data'].map((data) => resolve(ROOT, data, path));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) {
    throw new UsageError(`The photos for this benchmark are not on this machine: there is no ../shared/data/${path}.`);
  }
  return found;
}
