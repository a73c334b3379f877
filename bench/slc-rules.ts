// Every combination of reflection's switches, from one run: its yes/no answers are recorded once and the pure stage is run over them again.

import { reflectCues, type Claim, type ReflectOptions } from '../src/core/stages/reflect-cues';
import { figuresOf, presentIn, type CueFigures, type Judged } from './slc';

/**
 * The rule whose claims are those of all others: every place of a present cue, the thing itself where both are denied, and every absent cue. With
 * `weigh` a cue outlives some denials, so it asks less.
 */
export const ASKS_ALL: ReflectOptions = { weigh: false, lastQuestion: true, reaskAbsent: true };

export const RULES: readonly ReflectOptions[] = [false, true].flatMap((reaskAbsent) =>
  [false, true].flatMap((weigh) => [false, true].map((lastQuestion) => ({ weigh, lastQuestion, reaskAbsent }))),
);

export interface RuleRow {
  readonly rule: ReflectOptions;
  readonly cues: CueFigures; // after the check
  readonly callsPerQuestion: number; // with a photo
  readonly msPerQuestion: number; // median of what its claims took when they were asked
}

/** Throws when a claim was not asked in the run that is replayed: then it was not one of ASKS_ALL. */
export async function replayRules(judged: readonly Judged[]): Promise<{ before: CueFigures; rows: RuleRow[] }> {
  const seen = judged.filter(
    ({ question, collaboration }) => question.scene !== undefined && collaboration !== undefined,
  );
  const before = figuresOf(seen.map((one) => [one, presentIn(one, one.collaboration?.cues ?? [])]));
  const rows: RuleRow[] = [];
  for (const rule of RULES) {
    const after: [Judged, string[]][] = [];
    const times: number[] = [];
    let calls = 0;
    for (const one of seen) {
      const replay = recorded(one);
      const result = await reflectCues(one.collaboration?.cues ?? [], replay.ask, rule);
      after.push([one, presentIn(one, result.cues)]);
      times.push(replay.ms());
      calls += result.calls;
    }
    rows.push({
      rule,
      cues: figuresOf(after),
      callsPerQuestion: calls / Math.max(1, seen.length),
      msPerQuestion: times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0,
    });
  }
  return { before, rows };
}

/** Answers as they were given, and what those that are asked again took then. */
function recorded({ question, collaboration }: Judged): {
  ask: (claim: Claim) => Promise<number | undefined>;
  ms: () => number;
} {
  const idOf = ({ conceptId, field }: Claim): string => `${conceptId} ${field}`;
  const answers = new Map((collaboration?.fates ?? []).map((fate) => [idOf(fate.claim), fate]));
  let spent = 0;
  return {
    ask(claim) {
      const given = answers.get(idOf(claim));
      if (given === undefined) throw new Error(`${question.id}: “${claim.question}” was not asked in the recorded run`);
      spent += given.ms ?? 0;
      return Promise.resolve(given.yes);
    },
    ms: () => spent,
  };
}

export function printRules({ before, rows }: Awaited<ReturnType<typeof replayRules>>): void {
  const number = (value: number): string => value.toFixed(3);
  console.log('\n| check | precision | recall | F1 | calls a question | ms a question |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  console.log(`| none | ${number(before.precision)} | ${number(before.recall)} | ${number(before.f1)} | 0 | 0 |`);
  for (const { rule, cues, callsPerQuestion, msPerQuestion } of rows) {
    const { precision, recall, f1 } = cues;
    console.log(
      `| ${nameOf(rule)} | ${number(precision)} | ${number(recall)} | ${number(f1)} | ${callsPerQuestion.toFixed(2)} | ${msPerQuestion.toFixed(0)} |`,
    );
  }
}

function nameOf({ weigh, lastQuestion, reaskAbsent }: ReflectOptions): string {
  const on = [weigh ? ['weigh'] : [], lastQuestion ? ['last'] : [], reaskAbsent ? ['reask'] : []].flat();
  return on.length === 0 ? 'paper' : on.join(', ');
}
