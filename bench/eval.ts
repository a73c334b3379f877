// Asks the real app every question of a suite, with and without memory, and counts what it gets right.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import type { Probe } from '../src/core/acts';
import { type Ablated, figuresOf, lineOf, printAblation, SETTINGS } from './ablate';
import { startOn, UsageError, withApp } from './app';
import type { App } from './app';
import { checkFolder, printBuilt, readFolder } from './build-suite';
import { enrolAll, progress, readPhoto } from './enrol-suite';
import type { Answered, Turn } from './page';
import { printReport, summarise } from './report';
import type { Asked, Report } from './report';
import { ROOT } from '../scripts/setup.mjs';
import { isRight } from '../src/core/grade';
import { LARGE_DEFAULTS, type LargeSettings } from '../src/core/large';
import type { ReflectOptions } from '../src/core/stages/reflect-cues';
import { firstOption } from './score';
import { ASKS_ALL, printRules, replayRules } from './slc-rules';
import { printSlc, slcFigures, type Judged, type SlcMode } from './slc';
import { findServingPython, serveModel } from './transformers-serve';
import { expectedOf, readSuite, SuiteError, turnsOf } from './suite';
import type { Suite, SuiteQuestion } from './suite';

const USAGE =
  'Usage: npm run eval -- SUITE.json | --build FOLDER [--model mini] [--backend wasm|webgpu] [--json OUT] [--min KIND=0.9 …] [--verbose] [--ablate] [--slc off|small|large] [--rule reask,weigh,last|paper|all] [--endpoint URL --endpoint-model NAME] [--models FOLDER]';

/** Of the shuffles behind the first-option baseline. */
const SEED = 20_261_122;

/** Exit codes: 0 done, 1 a `--min` missed, 2 malformed suite or arguments. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readArguments(args);
    if (options.build !== undefined) return await build(options.build, options);
    const suite = readSuite(options.suite);
    if (options.ablate) {
      const rows = await withApp(options, (app) => ablate(app, suite, options));
      printAblation(rows);
      writeJson(options.json, { suite: options.suite, rows: rows.map(figuresOf) });
      return 0;
    }
    const { report, judged } = await withLarge(options, (endpoint) =>
      withApp(options, (app) => evaluate(app, suite, { ...options, endpoint })),
    );
    printReport(report, options.verbose);
    const slc = options.slc && (await slcFigures(options.slc, options.rule, judged));
    if (slc) printSlc(slc);
    const rules = options.slc && options.allRules ? await replayRules(judged) : undefined;
    if (rules) printRules(rules);
    writeJson(options.json, { ...report.json, ...(slc && { slc }), ...(rules && { rules }) });
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

/** With the server that is named, or one of our own that serves `mini`, where a large model is wanted. */
async function withLarge<T>(options: Options, use: (endpoint: Options['endpoint']) => Promise<T>): Promise<T> {
  if (options.slc !== 'large' || options.endpoint !== undefined) return use(options.endpoint);
  const python = findServingPython();
  if (python === undefined) {
    throw new UsageError(
      "--slc large needs a server: name one with --endpoint, or install transformers' own (pip install 'transformers[serving]' torch; JARVIS_PYTHON says which Python).",
    );
  }
  const server = await serveModel(python, resolve(ROOT, 'public/models/mini'));
  try {
    return await use(server);
  } finally {
    await server.close();
  }
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
  readonly ablate: boolean;
  readonly slc: SlcMode | undefined;
  readonly rule: ReflectOptions;
  readonly allRules: boolean; // every combination of switches, from the answers of one run
  readonly endpoint: { readonly baseUrl: string; readonly model: string } | undefined;
  readonly folders: Readonly<Record<string, string>>; // of models that stand in for the app's of the same name
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
    ablate: values.ablate,
    slc: readMode(values.slc),
    rule: values.rule === 'all' ? ASKS_ALL : readRule(values.rule),
    allRules: values.rule === 'all',
    endpoint:
      values.endpoint === undefined ? undefined : { baseUrl: values.endpoint, model: values['endpoint-model'] ?? '' },
    folders: values.models === undefined ? {} : standIns(resolve(values.models)),
  };
}

/** `recall` and `mini` of the folder, as training/ exports them unrounded, under the paths of those that ship. */
function standIns(folder: string): Record<string, string> {
  try {
    const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return Object.fromEntries(names.map(({ name }) => [`models/${name}/`, resolve(folder, name)]));
  } catch (cause) {
    throw new UsageError(`--models ${folder}: there is no such folder.\n${USAGE}`, { cause });
  }
}

function readMode(mode: string | undefined): SlcMode | undefined {
  if (mode === undefined || mode === 'off' || mode === 'small' || mode === 'large') return mode;
  throw new UsageError(`--slc is off, small or large.\n${USAGE}`);
}

/** Switches of reflection; without the option the app's own. */
function readRule(rule: string | undefined): ReflectOptions {
  const { reaskAbsent, weigh, lastQuestion } = LARGE_DEFAULTS;
  if (rule === undefined) return { reaskAbsent, weigh, lastQuestion };
  const on = rule === 'paper' ? [] : rule.split(',');
  const strange = on.find((name) => !['reask', 'weigh', 'last'].includes(name));
  if (strange !== undefined)
    throw new UsageError(`--rule knows reask, weigh and last, paper and all, not "${strange}".\n${USAGE}`);
  return { reaskAbsent: on.includes('reask'), weigh: on.includes('weigh'), lastQuestion: on.includes('last') };
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
        ablate: { type: 'boolean', default: false },
        slc: { type: 'string' },
        rule: { type: 'string' },
        endpoint: { type: 'string' },
        'endpoint-model': { type: 'string' },
        models: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`);
  }
}

async function evaluate(app: App, suite: Suite, options: Options): Promise<{ report: Report; judged: Judged[] }> {
  const page = await app.openPage();
  const { status } = await startOn(page, app.model, options.backend);
  console.log(`${status.model} on ${status.device}${app.softwareGpu ? ' (software: its times mean nothing)' : ''}`);

  if (options.slc !== undefined)
    await page.evaluate((settings) => window.jarvisBench.setLarge(settings), settingsOf(options));
  const ids = await enrolAll(page, suite);
  const memory = await page.evaluate(() => window.jarvisBench.memory());
  for (const failed of memory.failedPhotos) console.log(`  not enrolled: ${failed}`);

  const asked: Asked[] = [];
  const judged: Judged[] = [];
  for (const question of suite.questions) {
    const [row, answered] = await askTwice(
      page,
      question,
      suite,
      ids,
      options.slc === 'small' || options.slc === 'large',
    );
    asked.push(row);
    const { present, collaboration } = answered;
    const idOf = (conceptId: string): string => ids.get(conceptId) ?? '';
    judged.push({ question, right: row.right, present: present.map(idOf), collaboration, idOf });
    progress(`asked ${asked.length} of ${suite.questions.length}`);
  }
  progress('');
  return { report: summarise(asked, { model: status.model, backend: status.backend, bytes: memory.bytes }), judged };
}

/** Every question under every setting: bench/ablate.ts. */
async function ablate(app: App, suite: Suite, { backend }: Options): Promise<Ablated[]> {
  const page = await app.openPage();
  const { status } = await startOn(page, app.model, backend);
  console.log(`${status.model} on ${status.device}`);
  await enrolAll(page, suite);
  const rows: Ablated[] = [];
  for (const { name, probe } of SETTINGS) {
    const answers: Ablated['answers'][number][] = [];
    for (const question of suite.questions) {
      const { text } = await ask(page, turnsIn(suite, question), false, probe);
      answers.push({
        answerable: question.answer !== null,
        right: isRight(text, expectedOf(question, suite.concepts)),
      });
      progress(`${name}: asked ${answers.length} of ${suite.questions.length}`);
    }
    rows.push({ name, answers });
    progress('');
    console.log(lineOf(rows.at(-1) as Ablated));
  }
  return rows;
}

function settingsOf({ slc, rule, endpoint }: Options): Partial<LargeSettings> {
  if (slc !== 'large') return { answerWith: 'device', checkPhotos: slc === 'small', ...rule };
  const { baseUrl, model } = endpoint ?? { baseUrl: '', model: '' };
  return { answerWith: 'server', checkPhotos: false, baseUrl, model, ...rule };
}

async function askTwice(
  page: Page,
  question: SuiteQuestion,
  suite: Suite,
  ids: Map<string, string>,
  once: boolean, // without memory nobody helps: --slc off says what the small model makes of it
): Promise<[Asked, Answered]> {
  const expected = expectedOf(question, suite.concepts);
  const turns = turnsIn(suite, question);
  const answered = await ask(page, turns, false);
  const without = once ? undefined : await ask(page, turns, true);
  const found = answered.conceptIds.flatMap((id) => ids.get(id) ?? []);
  const sameKind = suite.questions.filter(({ kind }) => kind === question.kind).map(({ answer }) => answer);
  const row = {
    question,
    got: answered.text,
    gotWithout: without?.text,
    right: isRight(answered.text, expected),
    rightWithout: without && isRight(without.text, expected),
    rightFirst: isRight(firstOption(question, sameKind, SEED), expected),
    recall: question.concepts && recallOf(question.concepts, found),
    ttftMs: answered.ttftMs,
  };
  return [row, answered];
}

function turnsIn(suite: Suite, question: SuiteQuestion): Turn[] {
  return turnsOf(question, suite.questions).map(({ text, photo }) => ({
    text,
    photo: photo === undefined ? undefined : readPhoto(photo),
  }));
}

/** A question that fails is a wrong answer, not the end of the run: the engine restarts its workers. */
async function ask(page: Page, turns: readonly Turn[], noMemory: boolean, probe?: Probe): Promise<Answered> {
  const request = { turns, noMemory, probe };
  try {
    return await page.evaluate((given) => window.jarvisBench.ask(given.turns, given.noMemory, given.probe), request);
  } catch (cause) {
    if (page.isClosed()) throw cause;
    const problem = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    return {
      text: `(no answer: ${problem})`,
      ttftMs: undefined,
      conceptIds: [],
      present: [],
      collaboration: undefined,
    };
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
