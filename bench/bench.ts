// Times, each against its alternative in the same run: `npm run bench -- NAME`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError, withApp } from './app';
import type { App } from './app';
import { benchEnrol } from './enrol';
import { benchExact } from './exact';
import { concepts, type Figure, figureOf, find, lineOf, type Measured, REAL_SIZE } from './figures';
import { firstTokenFigures } from './first-token';
import type { MeasureRequest } from './measure.worker';
import { benchMine, mineFolders } from './mine';
import { benchRetrieve } from './retrieve';
import { benchSearch } from './search';
import { benchRecognise, recogniseFolders } from './recognise';
import { benchVisual } from './visual';

const NAMES = {
  'first-token': async (app, backend, { runs }) => firstTokenFigures(await measure(app, backend, 'first-token', runs)),
  link: benchLink,
  read: benchRead,
  decode: benchDecode,
  enrol: benchEnrol,
  recognise: benchRecognise,
  search: benchSearch,
  retrieve: (app, _, { suite, verbose }) => benchRetrieve(app, suite, verbose),
  mine: (app, _, { suite }) => benchMine(app, suite),
  exact: (app, backend, options) => benchExact(app, { backend, ...options }),
  visual: (app, backend, options) => benchVisual(app, { backend, ...options }),
} satisfies Record<string, (app: App, backend: Backend, options: Options) => Promise<Measured>>;

interface Options {
  readonly runs: number;
  /** Of `exact`, `visual`, `retrieve` and, a folder, `mine`. */
  readonly suite: string | undefined;
  readonly limit: number | undefined; // questions
  readonly verbose: boolean;
}

type Backend = 'wasm' | 'webgpu';

const RUNS = 7;
const SIZES = [1, 4, 16]; // concepts, as in measure.worker.ts
const USAGE = `Usage: npm run bench -- ${Object.keys(NAMES).join('|')} [--model DIR] [--dtype fp32|q4] [--backend wasm|webgpu] [--runs N] [--json OUT]
  exact, visual: [--suite SUITE.json] [--limit QUESTIONS]; retrieve: [--suite SUITE.json] [--verbose]; mine: [--suite FOLDER with siblings.json]`;

/** Exit codes: 0 done, 1 nothing to time on, 2 arguments. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { name, model, dtype, backend, json, ...options } = readArguments(args);
    const folders = name === 'recognise' ? recogniseFolders() : name === 'mine' ? mineFolders(options.suite) : {};
    return await withApp({ model, dtype, backend, folders }, async (app) => {
      if (app.softwareGpu) {
        console.error('WebGPU is computed by the CPU here: its times would mean nothing, so none were taken.');
        return 1;
      }
      const { device, figures } = await NAMES[name](app, backend, options);
      const said = app.label === undefined ? app.model : `${app.model} (${app.label})`;
      console.log(`${name} on ${device}, backend ${backend}, model ${said}`);
      for (const figure of figures) console.log(`  ${lineOf(figure)}`);
      if (json !== undefined) {
        mkdirSync(dirname(json), { recursive: true });
        const plain = figures.map(({ name, value, unit }) => ({ name, value, unit }));
        writeFileSync(json, `${JSON.stringify({ name, model: said, backend, device, figures: plain }, null, 2)}\n`);
      }
      return 0;
    });
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    console.error(cause.message);
    return 2;
  }
}

function readArguments(args: readonly string[]) {
  const { values, positionals } = parseOrExplain(args);
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UsageError(USAGE);
  if (!isName(name)) throw new UsageError(`There is no benchmark "${name}".\n${USAGE}`);
  const { backend } = values;
  if (backend !== 'wasm' && backend !== 'webgpu') throw new UsageError(`--backend is wasm or webgpu.\n${USAGE}`);
  const limit = values.limit === undefined ? undefined : Number(values.limit);
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw new UsageError(`--limit ${values.limit}?\n${USAGE}`);
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError(`--runs is a whole number from 1.\n${USAGE}`);
  const model = values.model ?? (name === 'recognise' || name === 'mine' ? 'patch' : 'mini');
  return {
    name,
    model,
    dtype: values.dtype,
    backend,
    runs,
    json: values.json,
    suite: values.suite,
    limit,
    verbose: values.verbose,
  } as const;
}

function parseOrExplain(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        model: { type: 'string' },
        dtype: { type: 'string' },
        backend: { type: 'string', default: 'wasm' },
        runs: { type: 'string', default: `${RUNS}` },
        json: { type: 'string' },
        suite: { type: 'string' },
        limit: { type: 'string' },
        verbose: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`);
  }
}

function isName(name: string): name is keyof typeof NAMES {
  return name in NAMES;
}

/** Speeds of linked cache, float32 as the model takes it, beside copying as much. */
async function benchLink(app: App, backend: Backend, { runs }: Options): Promise<Measured> {
  const { device, samples } = await measure(app, backend, 'link', runs);
  const speed = (what: string, size: number): Figure => figureOf(find(samples, `${what} ${size}`));
  const only = (what: string, size: number): number => find(samples, `${what} ${size}`).values[0] ?? 0;
  const forms = ['float16', 'int8'];
  const ratios = (link: string, copy: string, words: string): Figure[] =>
    SIZES.flatMap((size) =>
      forms.map((form) => ({
        name: `${words}, ${form}, ${concepts(size)}`,
        value: speed(`${link} ${form}`, size).value / speed(copy, size).value,
        unit: '×',
      })),
    );
  return {
    device,
    figures: [
      ...ratios('link', 'machine', "link / the machine's memcpy"),
      ...ratios('link', 'memcpy', 'link / memcpy of as much'),
      ...ratios('question', 'memcpy', "link into the model's own memory / memcpy of as much"),
      { ...speed('machine', 16), name: "the machine's memcpy, 64 MB" },
      ...SIZES.flatMap((size) => [
        { ...speed('memcpy', size), name: `memcpy, ${concepts(size)}, ${(only('bytes', size) / 1e6).toFixed(2)} MB` },
        ...forms.map((form) => ({
          ...speed(`link ${form}`, size),
          name: `link, ${form}, ${concepts(size)}, ${only('tokens', size)} tokens from ${(only(`rest ${form}`, size) / 1e6).toFixed(2)} MB`,
        })),
        { ...speed('oracle int8', size), name: `link in scalar TypeScript, int8, ${concepts(size)}` },
        { ...speed('check int8', size), name: `parsing and checksum, int8, ${concepts(size)}, of what is linked` },
      ]),
    ],
  };
}

async function benchRead(app: App, backend: Backend, { runs }: Options): Promise<Measured> {
  const { device, samples } = await measure(app, backend, 'read', runs);
  const cases = [REAL_SIZE, app.model].flatMap((shape) => SIZES.map((size) => ({ shape, size })));
  const time = (what: string, shape: string, size: number): Figure =>
    figureOf(find(samples, `${what} ${shape} ${size}`));
  const ways = ['buffers', 'blobs', 'buffers, a transaction each'];
  return {
    device,
    figures: [
      ...cases.map(({ shape, size }) => ({
        name: `Blobs / ArrayBuffers, ${concepts(size)} of ${shape}'s shape`,
        value: time('blobs', shape, size).value / time('buffers', shape, size).value,
        unit: '×',
      })),
      ...cases.flatMap(({ shape, size }) => {
        const megabytes = (find(samples, `bytes ${shape} ${size}`).values[0] ?? 0) / 1e6;
        return ways.map((way) => ({
          ...time(way, shape, size),
          name: `read as ${way}, ${concepts(size)} of ${shape}'s shape, ${megabytes.toFixed(2)} MB`,
        }));
      }),
    ],
  };
}

/** Our loop beside transformers.js's generate(), greedy, the same prompt and as many tokens. */
async function benchDecode(app: App, backend: Backend, { runs }: Options): Promise<Measured> {
  const { device, samples } = await measure(app, backend, 'decode', runs);
  const sizes = [1, 4, 16];
  const of = (kind: string, size: number): Figure => figureOf(find(samples, `${kind} ${size}`));
  const prompt = (size: number): string => `prompt of ${of('prompt', size).value} tokens`;
  const ratio = (name: string, ours: string, theirs: string, size: number): Figure => ({
    name: `${name}, ${prompt(size)}`,
    value: of(theirs, size).value / of(ours, size).value, // of times: speeds the other way round
    unit: '×',
  });
  const speed = (name: string, kind: string, size: number): Figure =>
    speedOf(of(kind, size), `${name}, ${prompt(size)}`);
  return {
    device,
    figures: [
      ...sizes.map((size) => ratio('decode, our loop / generate()', 'decode', 'generate', size)),
      ...sizes.map((size) => ratio('prefill, our loop / generate()', 'prefill', 'generate prefill', size)),
      ...sizes.flatMap((size) => [
        speed('decode, our loop', 'decode', size),
        speed('decode, generate()', 'generate', size),
        speed('prefill, our loop', 'prefill', size),
        speed('prefill, generate()', 'generate prefill', size),
        {
          name: `runs in which both said the same, ${prompt(size)}`,
          value: of('same text', size).value,
          unit: 'share',
        },
      ]),
      ...(await app.peakMemory()),
    ],
  };
}

/** From ms a token to tokens a second. */
function speedOf({ value, spread }: Figure, name: string): Figure {
  return {
    name,
    value: 1000 / value,
    unit: 'tokens/s',
    ...(spread && { spread: [1000 / spread[1], 1000 / spread[0]] }),
  };
}

async function measure(app: App, backend: Backend, name: MeasureRequest['name'], runs: number) {
  const page = await app.openPage();
  const request = { name, model: app.model, backend, runs };
  return page.evaluate((wanted) => window.jarvisBench.measure(wanted), request);
}
