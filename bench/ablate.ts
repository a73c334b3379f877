// What retrieval and budget are worth: the same questions with some of what is linked wrong, without the check, with less of everything.

import type { Probe } from '../src/core/acts';

/** The answers of one setting, in the suite's order. */
export interface Ablated {
  readonly name: string;
  readonly answers: readonly { readonly answerable: boolean; readonly right: boolean }[];
}

const SEED = 20_261_129;
const WRONG = [0.1, 0.3, 0.5];

const percent = (share: number): string => `${Math.round(share * 100)} % of what is linked wrong`;

/** `bears`: facts are linked only if recall finds that they bear on the question. One thing is changed at a time, but for wrong hits. */
export const SETTINGS: readonly { readonly name: string; readonly probe: Probe }[] = [
  { name: 'as it is', probe: {} },
  ...WRONG.map((share) => ({ name: percent(share), probe: { retrieve: { wrong: { share, seed: SEED } } } })),
  { name: 'no check', probe: { retrieve: { bears: false } } },
  ...WRONG.map((share) => ({
    name: `no check, ${percent(share)}`,
    probe: { retrieve: { bears: false, wrong: { share, seed: SEED } } },
  })),
  ...[1, 2].map((k) => ({ name: `${k} facts a concept`, probe: { retrieve: { factsPerConcept: k } } })),
  ...[1, 2].map((k) => ({
    name: `${k} facts a concept, no check`,
    probe: { retrieve: { factsPerConcept: k, bears: false } },
  })),
  ...[1, 2].map((k) => ({ name: `${k} concepts`, probe: { retrieve: { concepts: k } } })),
  ...[0, 2, 4].map((k) => ({ name: `${k} patches a concept`, probe: { retrieve: { patchesPerConcept: k } } })),
  ...[32, 64, 96, 128, 192].map((memoryTokens) => ({
    name: `${memoryTokens} tokens of memory`,
    probe: { memoryTokens },
  })),
];

export interface AblatedFigures {
  readonly name: string;
  readonly all: number;
  readonly answerable: number;
  readonly absent: number | null; // null: no question of the suite is unanswerable
}

export function figuresOf({ name, answers }: Ablated): AblatedFigures {
  const share = (of: Ablated['answers']): number => of.filter(({ right }) => right).length / of.length;
  const absent = answers.filter(({ answerable }) => !answerable);
  return {
    name,
    all: share(answers),
    answerable: share(answers.filter(({ answerable }) => answerable)),
    absent: absent.length === 0 ? null : share(absent),
  };
}

export function lineOf(row: Ablated): string {
  const { name, all, answerable, absent } = figuresOf(row);
  const cells = [all, answerable, absent].map((share) => (share === null ? '-' : share.toFixed(3)).padStart(10));
  return `${name.padEnd(44)}${cells.join('')}`;
}

/** The table for a page of docs, with how many of the questions there are. */
export function printAblation(rows: readonly Ablated[]): void {
  const [first] = rows;
  const absent = first?.answers.filter(({ answerable }) => !answerable).length ?? 0;
  const n = first?.answers.length ?? 0;
  console.log(`\n| | all (${n}) | answerable (${n - absent}) | unanswerable (${absent}) |\n| --- | --- | --- | --- |`);
  for (const row of rows.map(figuresOf)) {
    const cells = [row.all, row.answerable, row.absent].map((share) => (share === null ? '' : share.toFixed(3)));
    console.log(`| ${row.name} | ${cells.join(' | ')} |`);
  }
}
