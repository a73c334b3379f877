import { describe, expect, it } from 'vitest';
import { isTrue, slcFigures, type Judged } from '../../../bench/slc';
import type { SuiteQuestion } from '../../../bench/suite';
import { parseCue } from '../../../src/core/cues';
import type { CollaborationTrace } from '../../../src/core/large';
import { reflectCues, SLC_RULE, type Claim } from '../../../src/core/stages/reflect-cues';
import type { ConceptId } from '../../../src/core/types';

const question: SuiteQuestion = {
  id: 'special-1',
  kind: 'special',
  text: 'What colour is Bo in this picture?',
  answer: 'blue',
  concepts: ['bo'],
  scene: [
    { concept: 'bo', kind: 'dog', box: [0, 0.4, 0.3, 0.3] },
    { kind: 'lamp', box: [0.6, 0.4, 0.3, 0.3] },
  ],
};
const idOf = (conceptId: string): string => conceptId;
const at = (x: number) => ({ where: { box: { x, y: 0.4, w: 0.3, h: 0.3 } }, present: true, confidence: 0.8 });
const bo = parseCue({ conceptId: 'bo' as ConceptId, name: 'Bo', category: 'dog' }, at(0));
const mia = parseCue({ conceptId: 'mia' as ConceptId, name: 'Mia', category: 'cat' }, at(0.6));

const claim = (part: Partial<Claim>): Claim => ({
  conceptId: bo.conceptId,
  name: 'Bo',
  category: 'dog',
  field: 'presence',
  question: '',
  ...part,
});

it('knows what is so of a scene', () => {
  const one = { question, idOf };
  expect(isTrue(one, claim({}))).toBe(true);
  expect(isTrue(one, claim({ conceptId: mia.conceptId }))).toBe(false);
  expect(isTrue(one, claim({ field: 'absolute', place: { across: 'left' } }))).toBe(true);
  expect(isTrue(one, claim({ field: 'absolute', place: { across: 'right' } }))).toBe(false);
  expect(isTrue(one, claim({ field: 'relative', beside: { relation: 'left of', other: 'lamp' } }))).toBe(true);
  expect(isTrue(one, claim({ field: 'relative', beside: { relation: 'left of', other: 'cat' } }))).toBe(false);
});

describe('the figures', () => {
  it('count cues before and after, and answers where the verifier was right', async () => {
    const judge = async (answers: (one: Claim) => number, right: boolean): Promise<Judged> => {
      const cues = [bo, mia];
      const reflected = await reflectCues(cues, (one) => Promise.resolve(answers(one)), SLC_RULE);
      const collaboration: CollaborationTrace = {
        by: 'small', model: 'mini', to: undefined, cues, fates: reflected.fates, calls: reflected.calls,
        tokensIn: 0, tokensOut: 0, counted: true, ms: 4, answered: false, fault: undefined,
      }; // prettier-ignore
      const present = reflected.cues.flatMap((cue) => (cue.present ? [cue.conceptId] : []));
      return { question, right, present, collaboration, idOf };
    };
    const truthful = await judge((one) => (isTrue({ question, idOf }, one) ? 1 : 0), true);
    const contrary = await judge((one) => (isTrue({ question, idOf }, one) ? 0 : 1), false);
    const figures = await slcFigures('small', SLC_RULE, [truthful, contrary]);
    expect(figures.cues['before']).toMatchObject({ precision: 0.5, recall: 1 });
    expect(figures.cues['by the truth, the paper’s rule']).toMatchObject({ precision: 1, recall: 1, f1: 1 });
    expect(figures.cues['by the small model, this rule']).toMatchObject({ precision: 0.5, recall: 0.5 });
    expect(figures.special).toEqual({ n: 2, right: 0.5, nVerified: 1, rightVerified: 1 });
    expect(figures.verifier?.right).toBe(0.5);
  });
});
