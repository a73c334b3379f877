import { describe, expect, it } from 'vitest';
import type { Judged } from '../../../bench/slc';
import { ASKS_ALL, replayRules, RULES } from '../../../bench/slc-rules';
import type { SuiteQuestion } from '../../../bench/suite';
import { absentCue, parseCue, type PhotoCue } from '../../../src/core/cues';
import { reflectCues, SLC_RULE, type Claim, type ReflectOptions } from '../../../src/core/stages/reflect-cues';
import type { ConceptId } from '../../../src/core/types';

const candidate = (id: string) => ({ conceptId: id as ConceptId, name: id, category: 'dog' });
const present = (id: string, confidence: number): PhotoCue =>
  parseCue(candidate(id), {
    present: true,
    where: { absolute: 'on the left', relative: 'above the lamp' },
    confidence,
  });
const CUES = [present('bo', 0.9), present('mia', 0.4), absentCue(candidate('rex'), 0.1)];
const TRUE = ['bo', 'rex'];

/** Says no to every place, and yes to a thing that is there. */
const verifier = ({ conceptId, field }: Claim): Promise<number> =>
  Promise.resolve(field === 'presence' && TRUE.includes(conceptId) ? 0.95 : 0.3);

async function judgedBy(rule: ReflectOptions): Promise<Judged> {
  const { cues, fates, calls } = await reflectCues(CUES, verifier, rule);
  const question: SuiteQuestion = {
    id: 'q',
    kind: 'there',
    text: 'Is Bo there?',
    answer: 'yes',
    scene: TRUE.map((concept) => ({ concept, kind: 'dog', box: [0, 0, 0.4, 0.4] })),
  };
  return {
    question,
    right: true,
    present: cues.flatMap((cue) => (cue.present ? [cue.conceptId] : [])),
    idOf: (id) => id,
    collaboration: {
      by: 'small', model: 'mini', to: undefined, cues: CUES, calls, tokensIn: 0, tokensOut: 0, counted: true, ms: 9,
      fates: fates.map((fate) => ({ ...fate, ms: 10 })), answered: false, fault: undefined,
    }, // prettier-ignore
  };
}

describe('rules from one run', () => {
  it('are what each rule would have made of the photo itself', async () => {
    const { before, rows } = await replayRules([await judgedBy(ASKS_ALL)]);
    expect(before).toMatchObject({ precision: 0.5, recall: 0.5 });
    expect(rows).toHaveLength(8);
    for (const { rule, cues, callsPerQuestion, msPerQuestion } of rows) {
      const own = await reflectCues(CUES, verifier, rule);
      const stands = own.cues.flatMap((cue) => (cue.present ? [cue.conceptId as string] : []));
      const right = stands.filter((id) => TRUE.includes(id)).length;
      expect(cues.precision, JSON.stringify(rule)).toBeCloseTo(stands.length === 0 ? 1 : right / stands.length);
      expect(cues.recall).toBeCloseTo(right / TRUE.length);
      expect(callsPerQuestion).toBe(own.calls);
      expect(msPerQuestion).toBe(10 * own.calls);
    }
    const recalls = new Set(rows.map(({ cues }) => cues.recall));
    expect(recalls.size).toBeGreaterThan(1); // the switches do differ here
  });

  it('names every combination once', () => {
    expect(new Set(RULES.map((rule) => JSON.stringify(rule))).size).toBe(8);
    expect(RULES).toContainEqual(SLC_RULE);
  });

  it('refuse a run that asked too little', async () => {
    await expect(replayRules([await judgedBy(SLC_RULE)])).rejects.toThrow('was not asked');
  });
});
