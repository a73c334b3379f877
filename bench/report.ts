// From single answers to the table of `npm run eval` and its JSON.

import { saysDontKnow } from '../src/core/grade';
import type { SuiteQuestion } from './suite';

/** One question, asked with and without memory. */
export interface Asked {
  readonly question: SuiteQuestion;
  readonly got: string;
  readonly gotWithout: string | undefined; // undefined: not asked
  readonly right: boolean;
  readonly rightWithout: boolean | undefined;
  readonly rightFirst: boolean;
  /** Of `concepts`, among those whose blocks were linked, whatever the answer made of them. */
  readonly recall: number | undefined;
  readonly ttftMs: number | undefined;
}

export interface Report {
  readonly asked: readonly Asked[];
  readonly json: {
    readonly model: string;
    readonly backend: string;
    readonly kinds: Readonly<Record<string, Kind>>;
    readonly recall: number | null;
    readonly ttftMs: number | null;
    readonly bytes: number;
    readonly answers: readonly { readonly id: string; readonly got: string; readonly right: boolean }[];
  };
}

export interface Kind {
  readonly n: number;
  readonly accuracy: number;
  readonly noMemory: number | null; // null: not asked
  readonly firstOption: number;
  /** Of the questions that have an answer, those answered "I don't know"; null where none has one. */
  readonly falseDontKnow: number | null;
}

export function summarise(
  asked: readonly Asked[],
  { model, backend, bytes }: { model: string; backend: string; bytes: number },
): Report {
  const kinds: Record<string, Kind> = {};
  for (const kind of new Set(asked.map(({ question }) => question.kind))) {
    const ofKind = asked.filter(({ question }) => question.kind === kind);
    const present = ofKind.filter(({ question }) => question.answer !== null);
    kinds[kind] = {
      n: ofKind.length,
      accuracy: share(ofKind, ({ right }) => right),
      noMemory: ofKind.some(({ rightWithout }) => rightWithout === undefined)
        ? null
        : share(ofKind, ({ rightWithout }) => rightWithout === true),
      firstOption: share(ofKind, ({ rightFirst }) => rightFirst),
      falseDontKnow: present.length === 0 ? null : share(present, ({ got }) => saysDontKnow(got)),
    };
  }
  const recalls = asked.flatMap(({ recall }) => recall ?? []);
  return {
    asked,
    json: {
      model,
      backend,
      kinds,
      recall: recalls.length === 0 ? null : recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length,
      ttftMs: median(asked.flatMap(({ ttftMs }) => ttftMs ?? [])) ?? null,
      bytes,
      answers: asked.map(({ question, got, right }) => ({ id: question.id, got, right })),
    },
  };
}

export function printReport({ asked, json }: Report, verbose: boolean): void {
  const width = Math.max(4, ...Object.keys(json.kinds).map((kind) => kind.length));
  console.log(`\n${'kind'.padEnd(width)}  accuracy    n  no memory  first option  false don't know`);
  for (const [kind, { n, accuracy, noMemory, firstOption, falseDontKnow }] of Object.entries(json.kinds)) {
    console.log(
      `${kind.padEnd(width)}  ${cell(accuracy, 8)} ${String(n).padStart(4)}  ${cell(noMemory, 9)}  ${cell(firstOption, 12)}  ${cell(falseDontKnow, 16)}`,
    );
  }
  console.log(`\nmedian time to first token  ${json.ttftMs === null ? 'unknown' : `${json.ttftMs.toFixed(0)} ms`}`);
  console.log(
    `retrieval recall            ${json.recall === null ? 'no question names concepts' : json.recall.toFixed(3)}`,
  );
  console.log(`bytes of memory             ${json.bytes.toLocaleString('en')}`);
  if (verbose) printMistakes(asked);
}

/** So many of each kind show what is going wrong; all of them stand in the JSON. */
const SHOWN = 6;

function printMistakes(asked: readonly Asked[]): void {
  for (const kind of new Set(asked.map(({ question }) => question.kind))) {
    const wrong = asked.filter(({ question, right }) => question.kind === kind && !right);
    if (wrong.length > 0) console.log(`\n${kind}: ${wrong.length} wrong`);
    for (const { question, got } of wrong.slice(0, SHOWN)) {
      const wanted = question.answer === null ? '"I don\'t know"' : JSON.stringify(question.answer);
      console.log(`  ${question.id}  ${question.text}\n      wanted ${wanted}, got ${JSON.stringify(got)}`);
    }
  }
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

function share(asked: readonly Asked[], counts: (one: Asked) => boolean): number {
  return asked.filter(counts).length / asked.length;
}

function cell(value: number | null, width: number): string {
  return (value?.toFixed(3) ?? '–').padStart(width);
}
