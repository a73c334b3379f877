// Small–large collaboration in numbers: precision and recall of a photo's cues before and after reflection, by the truth and by the model
// that was asked, and whether special questions are answered from the photo where the verifier was right.

import type { CollaborationTrace } from '../src/core/large';
import type { PhotoCue } from '../src/core/cues';
import { reflectCues, SLC_RULE, type Claim, type ReflectOptions } from '../src/core/stages/reflect-cues';
import type { Box } from '../src/core/types';
import { isAt, isRelated } from '../src/core/whereabouts';
import type { SuiteQuestion } from './suite';

export type SlcMode = 'off' | 'small' | 'large';

/** A question with what was believed of its photo, by the suite's ids. */
export interface Judged {
  readonly question: SuiteQuestion;
  readonly right: boolean;
  /** Concepts that stood in the end. */
  readonly present: readonly string[];
  readonly collaboration: CollaborationTrace | undefined;
  readonly idOf: (conceptId: string) => string;
}

export interface CueFigures {
  readonly n: number; // photos asked about
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface SlcFigures {
  readonly mode: SlcMode;
  readonly rule: ReflectOptions;
  readonly cues: Readonly<Record<string, CueFigures>>; // 'before', 'after', 'truth, the paper’s rule', …
  readonly fates: Readonly<Record<string, number>>;
  readonly verifier: { readonly claims: number; readonly right: number } | null;
  readonly special: {
    readonly n: number;
    readonly right: number;
    readonly nVerified: number;
    readonly rightVerified: number;
  };
  readonly callsPerQuestion: number;
  readonly tokensPerQuestion: number;
  readonly msPerQuestion: number; // median, of the collaboration alone
  readonly faults: Readonly<Record<string, number>>;
  /** Every claim with what was answered and what is so. */
  readonly claims: readonly {
    readonly id: string;
    readonly concept: string;
    readonly question: string;
    readonly field: string;
    readonly confidence: number;
    readonly yes: number | null;
    readonly truth: boolean;
    readonly there: boolean;
    readonly fate: string;
  }[];
}

export async function slcFigures(mode: SlcMode, rule: ReflectOptions, judged: readonly Judged[]): Promise<SlcFigures> {
  const seen = judged.filter(({ question }) => question.scene !== undefined);
  const helped = seen.filter(({ collaboration }) => collaboration !== undefined);
  const cues: Record<string, CueFigures> = {};
  if (mode === 'off') cues['retrieval'] = figuresOf(seen.map((one) => [one, one.present]));
  else {
    cues['before'] = figuresOf(helped.map((one) => [one, presentIn(one, one.collaboration?.cues ?? [])]));
    const rules = { 'by the truth, the paper’s rule': SLC_RULE, 'by the truth, this rule': rule };
    for (const [name, options] of Object.entries(rules)) {
      const after = await Promise.all(
        helped.map(async (one): Promise<[Judged, string[]]> => {
          const ask = (claim: Claim): Promise<number> => Promise.resolve(isTrue(one, claim) ? 1 : 0);
          return [one, presentIn(one, (await reflectCues(one.collaboration?.cues ?? [], ask, options)).cues)];
        }),
      );
      cues[name] = figuresOf(after);
    }
    cues[`by ${mode === 'small' ? 'the small model' : 'the large model'}, this rule`] = figuresOf(
      helped.map((one) => [one, one.present]),
    );
  }
  const fates: Record<string, number> = {};
  const faults: Record<string, number> = {};
  let [claims, right] = [0, 0];
  for (const one of helped) {
    const fault = one.collaboration?.fault;
    if (fault !== undefined) faults[fault] = (faults[fault] ?? 0) + 1;
    for (const { claim, yes, fate } of one.collaboration?.fates ?? []) {
      fates[fate] = (fates[fate] ?? 0) + 1;
      if (yes === undefined) continue;
      claims++;
      right += Number(yes >= 0.5 === isTrue(one, claim));
    }
  }
  const special = seen.filter(({ question }) => question.kind === 'special');
  const verified = special.filter(isVerified);
  const mean = (of: (trace: CollaborationTrace) => number): number =>
    helped.reduce((sum, { collaboration }) => sum + (collaboration ? of(collaboration) : 0), 0) /
    Math.max(1, helped.length);
  const times = helped.map(({ collaboration }) => collaboration?.ms ?? 0).sort((a, b) => a - b);
  return {
    mode,
    rule,
    cues,
    fates,
    verifier: claims === 0 ? null : { claims, right: right / claims },
    special: {
      n: special.length,
      right: share(special),
      nVerified: verified.length,
      rightVerified: share(verified),
    },
    callsPerQuestion: mean(({ calls }) => calls),
    tokensPerQuestion: mean(({ tokensIn, tokensOut }) => tokensIn + tokensOut),
    msPerQuestion: times[Math.floor(times.length / 2)] ?? 0,
    faults,
    claims: helped.flatMap((one) =>
      (one.collaboration?.fates ?? []).map(({ claim, yes, fate }) => ({
        id: one.question.id,
        concept: one.idOf(claim.conceptId),
        question: claim.question,
        field: claim.field,
        confidence: one.collaboration?.cues.find(({ conceptId }) => conceptId === claim.conceptId)?.confidence ?? 0,
        yes: yes ?? null,
        truth: isTrue(one, claim),
        there: (one.question.scene ?? []).some(({ concept }) => concept === one.idOf(claim.conceptId)),
        fate,
      })),
    ),
  };
}

export function printSlc(figures: SlcFigures): void {
  const { mode, rule, cues, fates, verifier, special, faults } = figures;
  const switches = Object.entries(rule).flatMap(([name, on]) => (on ? [name] : []));
  console.log(
    `\nsmall–large collaboration: ${mode}${mode === 'off' ? '' : `, ${switches.length > 0 ? switches.join(' + ') : 'the paper’s rule'}`}`,
  );
  const width = Math.max(...Object.keys(cues).map((name) => name.length));
  console.log(`${'cues'.padEnd(width)}  precision  recall     F1    n`);
  for (const [name, { n, precision, recall, f1 }] of Object.entries(cues)) {
    console.log(
      `${name.padEnd(width)}  ${cell(precision, 9)}  ${cell(recall, 6)}  ${cell(f1, 5)} ${String(n).padStart(4)}`,
    );
  }
  if (verifier) console.log(`verifier right    ${verifier.right.toFixed(3)} of ${verifier.claims} claims`);
  const count = Object.entries(fates).map(([fate, n]) => `${fate} ${n}`);
  if (count.length > 0) console.log(`fates             ${count.join(', ')}`);
  console.log(
    `special answers   ${cell(special.right, 5)} of ${special.n}; where the verifier was right ${cell(special.rightVerified, 5)} of ${special.nVerified}`,
  );
  if (mode === 'off') return;
  console.log(
    `per question      ${figures.callsPerQuestion.toFixed(1)} calls, ${figures.tokensPerQuestion.toFixed(0)} tokens, median ${figures.msPerQuestion.toFixed(0)} ms`,
  );
  for (const [fault, n] of Object.entries(faults)) console.log(`fault ×${n}          ${fault}`);
}

/** Whether what a claim says of the photo is so. */
export function isTrue(
  { question, idOf }: Pick<Judged, 'question' | 'idOf'>,
  { conceptId, field, place, beside }: Claim,
): boolean {
  const scene = question.scene ?? [];
  const own = scene.find(({ concept }) => concept === idOf(conceptId));
  if (own === undefined) return false;
  const box = boxOf(own.box);
  if (field === 'presence') return true;
  if (field === 'absolute') return place !== undefined && isAt(box, place);
  if (beside === undefined) return false;
  return scene.some(
    (other) => other !== own && other.kind === beside.other && isRelated(box, boxOf(other.box), beside.relation),
  );
}

/** Whether every answer about the concept that is asked about was right. */
function isVerified(one: Judged): boolean {
  const [asked] = one.question.concepts ?? [];
  const own = (one.collaboration?.fates ?? []).filter(({ claim }) => one.idOf(claim.conceptId) === asked);
  return (
    own.some(({ yes }) => yes !== undefined) &&
    own.every(({ claim, yes }) => yes === undefined || yes >= 0.5 === isTrue(one, claim))
  );
}

export function presentIn({ idOf }: Judged, cues: readonly PhotoCue[]): string[] {
  return cues.flatMap(({ present, conceptId }) => (present ? [idOf(conceptId)] : []));
}

export function figuresOf(rows: readonly (readonly [Judged, readonly string[]])[]): CueFigures {
  let [hit, said, there] = [0, 0, 0];
  for (const [{ question }, present] of rows) {
    const truth = new Set((question.scene ?? []).flatMap(({ concept }) => concept ?? []));
    there += truth.size;
    said += present.length;
    hit += present.filter((id) => truth.has(id)).length;
  }
  const precision = said === 0 ? 1 : hit / said;
  const recall = there === 0 ? 1 : hit / there;
  return { n: rows.length, precision, recall, f1: hit === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

function share(judged: readonly Judged[]): number {
  return judged.length === 0 ? Number.NaN : judged.filter(({ right }) => right).length / judged.length;
}

function boxOf([x, y, w, h]: readonly [number, number, number, number]): Box {
  return { x, y, w, h };
}

function cell(value: number, width: number): string {
  return (Number.isNaN(value) ? '–' : value.toFixed(3)).padStart(width);
}
