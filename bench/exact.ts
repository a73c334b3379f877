// `npm run bench -- exact`: the tables of docs/kv-memory.md. Enrols a suite in the app, then compares on what it remembered.

import { resolve } from 'node:path';
import { startOn } from './app';
import type { App } from './app';
import { enrolAll } from './enrol-suite';
import { format, type Measured } from './figures';
import { type ExactResult, type ExactRow, WAYS, type Way } from './exact-rows';
import { isRight } from '../src/core/grade';
import { expectedOf, readSuite, type Suite } from './suite';

export interface ExactOptions {
  readonly suite: string | undefined;
  readonly limit: number | undefined; // questions
  readonly backend: 'wasm' | 'webgpu';
}

const HOME = resolve(import.meta.dirname, 'suites/home.json');

export async function benchExact(app: App, { suite: path = HOME, limit, backend }: ExactOptions): Promise<Measured> {
  const suite = readSuite(path);
  const page = await app.openPage();
  const { status } = await startOn(page, app.model, backend);
  await enrolAll(page, suite);
  await page.evaluate(() => window.jarvisBench.stop());
  const questions = suite.questions.filter(({ photo }) => photo === undefined).slice(0, limit);
  const request = { model: app.model, backend, questions: questions.map(({ id, text }) => ({ id, text })) };
  const result = await page.evaluate((wanted) => window.jarvisBench.exact(wanted), request);
  printTables(result, suite);
  return { device: status.device, figures: figuresOf(result, suite) };
}

const SINGLE_KINDS = ['card', 'fact', 'patch'] as const;

function figuresOf({ rows, single, bytes, tokens }: ExactResult, suite: Suite): Measured['figures'] {
  const several = rows.filter(({ blocks }) => blocks > 1);
  return [
    ...SINGLE_KINDS.flatMap((kind) => {
      const found = single.filter((one) => one.kind === kind).map(({ difference }) => difference);
      const name = `one ${kind} linked alone in float32 against full prefill, greatest of ${found.length}`;
      return found.length === 0 ? [] : [{ name, unit: 'logit', value: Math.max(...found) }];
    }),
    ...WAYS.flatMap((way, i) => [
      { name: `agreement with full prefill, ${nameOf(way)}`, unit: '', value: mean(agreement(several, i)) },
      {
        name: `KL from full prefill, ${nameOf(way)}`,
        unit: 'nats',
        value: mean(several.map((row) => row.ways[i]?.kl ?? NaN)),
      },
      { name: `right, ${nameOf(way)}`, unit: '', value: mean(right(rows, suite, (row) => row.ways[i]?.answer)) },
    ]),
    { name: 'right, full prefill', unit: '', value: mean(right(rows, suite, (row) => row.fullAnswer)) },
    ...(['float32', 'float16', 'int8'] as const).map((dtype) => ({
      name: `at rest, ${dtype}, ${((100 * bytes[dtype]) / bytes.float32).toFixed(1)} % of float32`,
      unit: 'bytes/tok',
      value: bytes[dtype] / tokens,
    })),
  ];
}

/** Markdown, to be pasted. */
function printTables({ rows, bytes, tokens }: ExactResult, suite: Suite): void {
  const several = rows.filter(({ blocks }) => blocks > 1);
  const blocks = mean(several.map((row) => row.blocks));
  console.log(
    `${several.length} questions with several blocks, ${format(blocks)} on average; ${rows.length} with any\n`,
  );
  console.log(
    '| r | tokens recomputed | KL from full prefill | same answer | right |\n| --- | --- | --- | --- | --- |',
  );
  for (const [i, { dtype, r }] of WAYS.entries()) {
    if (dtype !== 'float32') continue;
    const recomputed = mean(several.map((row) => (row.ways[i]?.recomputed ?? NaN) / row.tokens));
    const kl = mean(several.map((row) => row.ways[i]?.kl ?? NaN));
    const cells = [r, `${(100 * recomputed).toFixed(0)} %`, format(kl), share(agreement(several, i))];
    console.log(`| ${[...cells, share(right(rows, suite, (row) => row.ways[i]?.answer))].join(' | ')} |`);
  }
  const full = share(right(rows, suite, (row) => row.fullAnswer));
  console.log(`| all (full prefill) | 100 % | 0 | 1.000 | ${full} |\n`);
  console.log(
    '| at rest | bytes a token | of float32 | KL from float32 | same answer as float32 | KL from full prefill | right |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const [i, { dtype, r }] of WAYS.entries()) {
    if (r !== 0) continue;
    const kl = mean(rows.map((row) => row.ways[i]?.klLinked ?? NaN));
    const same = rows.map((row) => row.ways[i]?.answer === row.ways[0]?.answer);
    const size = `${((100 * bytes[dtype]) / bytes.float32).toFixed(1)} %`;
    const cells = [dtype, format(bytes[dtype] / tokens), size, format(kl), share(same)];
    const klFull = format(mean(several.map((row) => row.ways[i]?.kl ?? NaN)));
    console.log(`| ${[...cells, klFull, share(right(rows, suite, (row) => row.ways[i]?.answer))].join(' | ')} |`);
  }
  console.log('');
  for (const [i, way] of WAYS.entries()) {
    if (way.r === 0) rows.forEach((row) => printChange(row, row.ways[i]?.answer, nameOf(way)));
  }
}

/** What storage alone changed. */
function printChange({ id, ways }: ExactRow, answer: string | undefined, form: string): void {
  if (answer !== ways[0]?.answer) console.log(`${form} changed ${id}: ${ways[0]?.answer ?? ''} → ${answer ?? ''}`);
}

function agreement(rows: readonly ExactRow[], way: number): boolean[] {
  return rows.map((row) => row.ways[way]?.answer === row.fullAnswer);
}

/** The model's own words, before reflection and without names written out. */
function right(rows: readonly ExactRow[], suite: Suite, answer: (row: ExactRow) => string | undefined): boolean[] {
  return rows.map((row) => {
    const question = suite.questions.find(({ id }) => id === row.id);
    return question !== undefined && isRight(answer(row) ?? '', expectedOf(question, suite.concepts));
  });
}

function nameOf({ dtype, r }: Way): string {
  return r === 0 ? dtype : `${dtype}, r = ${r}`;
}

function share(values: readonly boolean[]): string {
  return mean(values).toFixed(3);
}

function mean(values: readonly (number | boolean)[]): number {
  return values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length;
}
