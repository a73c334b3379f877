// Asks the real app every question of a suite, with and without memory, and counts what it gets right.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { startOn, UsageError, withApp } from './app';
import type { App } from './app';
import { checkFolder, printBuilt, readFolder } from './build-suite';
import { enrolAll, progress, readPhoto } from './enrol-suite';
import type { Answered, Turn } from './page';
import { printReport, summarise } from './report';
import type { Asked, Report } from './report';
import { isRight } from '../src/core/grade';
import { firstOption } from './score';
import { expectedOf, readSuite, SuiteError, turnsOf } from './suite';
import type { Suite, SuiteQuestion } from './suite';

const USAGE =
  'Usage: npm run eval -- SUITE.json | --build FOLDER [--model mini] [--backend wasm|webgpu] [--json OUT] [--min KIND=0.9 …] [--verbose]';

/** Of the shuffles behind the first-option baseline. */
const SEED = 20_261_122;

/** Exit codes: 0 done, 1 a `--min` missed, 2 malformed suite or arguments. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readArguments(args);
    if (options.build !== undefined) return await build(options.build, options);
    const suite = readSuite(options.suite);
    const report = await withApp(options, (app) => evaluate(app, suite, options));
    printReport(report, options.verbose);
    writeJson(options.json, report.json);
    return checkMinima(report.json.kinds, options.minima);
  } catch (cause) {
    if (!(cause instanceof SuiteError || cause instanceof UsageError)) throw cause;
    console.error(cause.message);
    return 2;
  }
}

/** A suite made of the folder by the app's own check-up: core/check-up.ts. */
async function build(folder: string, options: Options): Promise<number> {
  const concepts = readFolder(folder);
  const report = await withApp(options, (app) => checkFolder(app, concepts, options.backend));
  printBuilt(report);
  writeJson(options.json, report);
  const kinds = Object.entries(report.kinds).map(([kind, { n, right }]) => [kind, { accuracy: right / n }] as const);
  return checkMinima(Object.fromEntries(kinds), options.minima);
}

function writeJson(path: string | undefined, value: unknown): void {
  if (path === undefined) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

interface Options {
  readonly suite: string; // '' with --build
  readonly build: string | undefined; // a folder
  readonly model: string;
  readonly backend: 'wasm' | 'webgpu';
  readonly json: string | undefined;
  readonly minima: ReadonlyMap<string, number>;
  readonly verbose: boolean;
}

function readArguments(args: readonly string[]): Options {
  const parsed = parseOrExplain(args);
  const { values, positionals } = parsed;
  const [suite, ...more] = positionals;
  const { build } = values;
  if ((suite === undefined) === (build === undefined) || more.length > 0) throw new UsageError(USAGE);
  const { backend } = values;
  if (backend !== 'wasm' && backend !== 'webgpu') throw new UsageError(`--backend is wasm or webgpu.\n${USAGE}`);
  const minima = new Map<string, number>();
  for (const minimum of values.min) {
    const [, kind, value] = /^(.+)=(\d*\.?\d+)$/.exec(minimum) ?? [];
    if (kind === undefined || Number(value) > 1)
      throw new UsageError(`--min ${minimum}: write it as fact=0.9.\n${USAGE}`);
    minima.set(kind, Number(value));
  }
  return {
    suite: suite ?? '',
    build,
    model: values.model,
    backend,
    json: values.json,
    minima,
    verbose: values.verbose,
  };
}

function parseOrExplain(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        build: { type: 'string' },
        model: { type: 'string', default: 'mini' },
        backend: { type: 'string', default: 'wasm' },
        json: { type: 'string' },
        min: { type: 'string', multiple: true, default: [] },
        verbose: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`);
  }
}

async function evaluate(app: App, suite: Suite, options: Options): Promise<Report> {
  const page = await app.openPage();
  const { status } = await startOn(page, app.model, options.backend);
  console.log(`${status.model} on ${status.device}${app.softwareGpu ? ' (software: its times mean nothing)' : ''}`);

  const ids = await enrolAll(page, suite);
  const memory = await page.evaluate(() => window.jarvisBench.memory());
  for (const failed of memory.failedPhotos) console.log(`  not enrolled: ${failed}`);

  const asked: Asked[] = [];
  for (const question of suite.questions) {
    asked.push(await askTwice(page, question, suite, ids));
    progress(`asked ${asked.length} of ${suite.questions.length}`);
  }
  progress('');
  return summarise(asked, { model: status.model, backend: status.backend, bytes: memory.bytes });
}

async function askTwice(page: Page, question: SuiteQuestion, suite: Suite, ids: Map<string, string>): Promise<Asked> {
  const expected = expectedOf(question, suite.concepts);
  const turns = turnsOf(question, suite.questions).map(({ text, photo }) => ({
    text,
    photo: photo === undefined ? undefined : readPhoto(photo),
  }));
  const answered = await ask(page, turns, false);
  const without = await ask(page, turns, true);
  const found = answered.conceptIds.flatMap((id) => ids.get(id) ?? []);
  const sameKind = suite.questions.filter(({ kind }) => kind === question.kind).map(({ answer }) => answer);
  return {
    question,
    got: answered.text,
    gotWithout: without.text,
    right: isRight(answered.text, expected),
    rightWithout: isRight(without.text, expected),
    rightFirst: isRight(firstOption(question, sameKind, SEED), expected),
    recall: question.concepts && recallOf(question.concepts, found),
    ttftMs: answered.ttftMs,
  };
}

/** A question that fails is a wrong answer, not the end of the run: the engine restarts its workers. */
async function ask(page: Page, turns: readonly Turn[], noMemory: boolean): Promise<Answered> {
  try {
    return await page.evaluate((request) => window.jarvisBench.ask(request.turns, request.noMemory), {
      turns,
      noMemory,
    });
  } catch (cause) {
    if (page.isClosed()) throw cause;
    const problem = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    return { text: `(no answer: ${problem})`, ttftMs: undefined, conceptIds: [] };
  }
}

function recallOf(wanted: readonly string[], found: readonly string[]): number | undefined {
  if (wanted.length === 0) return undefined;
  return wanted.filter((id) => found.includes(id)).length / wanted.length;
}

function checkMinima(
  kinds: Readonly<Record<string, { readonly accuracy: number }>>,
  minima: ReadonlyMap<string, number>,
): number {
  let code = 0;
  for (const [kind, minimum] of minima) {
    const accuracy = kinds[kind]?.accuracy;
    if (accuracy !== undefined && accuracy >= minimum) continue;
    console.log(
      accuracy === undefined
        ? `The suite has no kind "${kind}".`
        : `${kind}: ${accuracy.toFixed(3)} is below ${minimum}.`,
    );
    code = 1;
  }
  return code;
}
