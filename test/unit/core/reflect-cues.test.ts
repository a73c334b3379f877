import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { absentCue, type PhotoCue } from '../../../src/core/cues';
import { claimsOf, isYes, reflectCues, SLC_RULE, type Claim } from '../../../src/core/stages/reflect-cues';
import type { ConceptId } from '../../../src/core/types';

const candidate = { conceptId: 'bo' as ConceptId, name: 'Bo', category: 'dog' };
const bo: PhotoCue = {
  ...candidate,
  present: true,
  where: {
    absolute: 'in the upper left',
    relative: 'next to the lamp',
    box: { x: 0, y: 0, w: 0.4, h: 0.4 },
    place: { across: 'left', along: 'top' },
    beside: { relation: 'next to', other: 'lamp' },
  },
  attributes: ['brown'],
  confidence: 0.8,
};

const answering =
  (answers: Partial<Record<Claim['field'], number>>) =>
  ({ field }: Claim): Promise<number | undefined> =>
    Promise.resolve(answers[field]);

describe("SLC's rule", () => {
  it('asks of kinds and places, never of names', () => {
    expect(claimsOf([bo], SLC_RULE).map(({ question }) => question)).toEqual([
      'Is there a dog in the upper left of the picture?',
      'Is there a dog next to the lamp?',
    ]);
  });

  it('keeps what is answered yes', async () => {
    const { cues, fates, calls } = await reflectCues([bo], answering({ absolute: 1, relative: 1 }), SLC_RULE);
    expect(cues).toEqual([bo]);
    expect(fates.map(({ fate }) => fate)).toEqual(['kept', 'kept']);
    expect(calls).toBe(2);
  });

  it('erases the field that is denied, with all that says the same', async () => {
    const { cues, fates } = await reflectCues([bo], answering({ absolute: 0, relative: 1 }), SLC_RULE);
    expect(cues[0]?.present).toBe(true);
    expect(cues[0]?.where).toEqual({ relative: 'next to the lamp', beside: { relation: 'next to', other: 'lamp' } });
    expect(fates.map(({ fate }) => fate)).toEqual(['field erased', 'kept']);
  });

  it('erases the cue by two no, with everything it said', async () => {
    const { cues, fates } = await reflectCues([bo], answering({ absolute: 0, relative: 0 }), SLC_RULE);
    expect(cues[0]).toMatchObject({ present: false, where: {}, attributes: [] });
    expect(fates.map(({ fate }) => fate)).toEqual(['erased', 'erased']);
  });

  it('lets a cue of one place hang on it, and one of none on whether it is there', async () => {
    const placed = { ...bo, where: { absolute: 'on the left' } };
    expect((await reflectCues([placed], answering({ absolute: 0 }), SLC_RULE)).cues[0]?.present).toBe(false);
    const bare = { ...bo, where: {} };
    expect((await reflectCues([bare], answering({ presence: 1 }), SLC_RULE)).cues[0]?.present).toBe(true);
    expect((await reflectCues([bare], answering({ presence: 0 }), SLC_RULE)).cues[0]?.present).toBe(false);
  });

  it('concludes nothing from what could not be asked', async () => {
    const { cues, fates, calls } = await reflectCues([bo], answering({}), SLC_RULE);
    expect(cues).toEqual([bo]);
    expect(fates.map(({ fate }) => fate)).toEqual(['not asked', 'not asked']);
    expect(calls).toBe(0);
  });

  it('never asks about an absent cue', async () => {
    const gone = absentCue(candidate, 0.4);
    const asked: Claim[] = [];
    const ask = (claim: Claim): Promise<number> => Promise.resolve(asked.push(claim));
    expect((await reflectCues([gone], ask, SLC_RULE)).cues).toEqual([gone]);
    expect(asked).toEqual([]);
  });
});

describe('the switches', () => {
  it('asks absent cues again', async () => {
    const gone = absentCue(candidate, 0.4);
    const again = { ...SLC_RULE, reaskAbsent: true };
    const { cues, fates } = await reflectCues([gone], answering({ presence: 1 }), again);
    expect(cues[0]).toMatchObject({ present: true, where: {} });
    expect(fates[0]?.fate).toBe('found');
    expect((await reflectCues([gone], answering({ presence: 0 }), again)).fates[0]?.fate).toBe('still absent');
  });

  it('weighs a mild no against a sure cue', async () => {
    const weigh = { ...SLC_RULE, weigh: true };
    const sure = { ...bo, confidence: 0.99 };
    const mild = answering({ absolute: 0.4, relative: 0.45 });
    expect((await reflectCues([sure], mild, weigh)).cues[0]?.present).toBe(true);
    expect((await reflectCues([sure], mild, SLC_RULE)).cues[0]?.present).toBe(false);
    const firm = answering({ absolute: 0.02, relative: 0.02 });
    expect((await reflectCues([sure], firm, weigh)).cues[0]?.present).toBe(false);
  });

  it('asks a last question before two wrong places become an absence', async () => {
    const last = { ...SLC_RULE, lastQuestion: true };
    const there = await reflectCues([bo], answering({ absolute: 0, relative: 0, presence: 1 }), last);
    expect(there.cues[0]).toMatchObject({ present: true, where: {} });
    expect(there.fates.map(({ fate }) => fate)).toEqual(['field erased', 'field erased', 'kept']);
    const gone = await reflectCues([bo], answering({ absolute: 0, relative: 0, presence: 0 }), last);
    expect(gone.cues[0]?.present).toBe(false);
  });
});

it('with the truth as verifier, no false cue stays and no true one goes', async () => {
  const cue = fc.record({
    there: fc.boolean(),
    absolute: fc.option(fc.boolean(), { nil: undefined }), // whether the place it names is right; undefined: it names none
    relative: fc.option(fc.boolean(), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(cue, { maxLength: 6 }), fc.boolean(), async (truths, weigh) => {
      const cues = truths.map((truth, i): PhotoCue => ({
        ...bo,
        conceptId: String(i) as ConceptId,
        where: {
          ...(truth.absolute !== undefined && { absolute: 'on the left' }),
          ...(truth.relative !== undefined && { relative: 'next to the lamp' }),
        },
        confidence: 0.6,
      }));
      const ask = ({ conceptId, field }: Claim): Promise<number> => {
        const truth = truths[Number(conceptId)];
        const right = field === 'presence' ? true : truth?.[field] === true;
        return Promise.resolve(truth?.there === true && right ? 1 : 0);
      };
      const reflected = await reflectCues(cues, ask, { reaskAbsent: false, weigh, lastQuestion: true });
      expect(reflected.cues.map(({ present }) => present)).toEqual(truths.map(({ there }) => there));
    }),
  );
});

it('what is not a yes is a no', () => {
  expect(['Yes.', 'yes, it is', ' Yes'].map(isYes)).toEqual([true, true, true]);
  expect(['No.', '', 'Maybe yes', "I don't know."].map(isYes)).toEqual([false, false, false, false]);
});
