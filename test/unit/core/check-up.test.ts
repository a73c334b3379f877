// The builder of check-up questions and what is made of their answers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildCheckUp, CHECK_UP_DEFAULTS, type CheckUpConcept } from '../../../src/core/check-up';
import { isAnswerRight, reportOf, type CheckUpAnswer } from '../../../src/core/check-up-report';
import type { ConceptId, PatchId, PhotoId } from '../../../src/core/types';

function concept(name: string, photos: number, marks: Record<string, string> = {}): CheckUpConcept {
  const id = name.toLowerCase() as ConceptId;
  const fingerprints = Object.entries(marks).map(([part, descriptor]) => ({ part, descriptor }));
  return {
    id,
    name,
    card: { name, category: 'dog', caption: '', fingerprints, edited: false },
    photos: Array.from({ length: photos }, (_, at) => ({
      id: `${id}-${at}` as PhotoId,
      patches: [`${id}-${at}-ear` as PatchId],
    })),
  };
}

const bo = concept('Bo', 3, { collar: 'red', colour: 'brown' });
const rex = concept('Rex', 2, { collar: 'blue', tag: 'gold' });
const mug = concept('Mug', 1, { handle: 'white' });
const memory = [bo, rex, mug];
/** Bo and Rex are alike, the mug is like nobody. */
const likeness = (a: ConceptId, b: ConceptId): number => (a === mug.id || b === mug.id ? 0.1 : 0.9);
const questions = buildCheckUp(memory, likeness);
const about = (id: ConceptId, kind: string) => questions.filter((q) => q.conceptId === id && q.kind === kind);

describe('buildCheckUp', () => {
  it('hides the photo that is asked about', () => {
    expect(about(bo.id, 'recognise')).toHaveLength(2);
    for (const question of questions) {
      if (question.kind === 'recognise' || question.kind === 'sibling')
        expect(question.hidden.photos).toEqual([question.photoId]);
    }
  });

  it('asks two alike apart, and takes distractors from the nearest first', () => {
    for (const question of about(bo.id, 'sibling')) expect([...question.options].sort()).toEqual(['Bo', 'Rex']);
  });

  it('asks for a patch among those of siblings, each on a hidden photo', () => {
    const [question] = about(bo.id, 'patch');
    expect(question?.options.map((id) => id.split('-')[0]).sort()).toEqual(['bo', 'rex']); // the mug's only photo stays
    for (const patch of question?.options ?? []) {
      expect(question?.hidden.photos.some((photo) => patch.startsWith(photo))).toBe(true);
    }
  });

  it('asks what the card says, against what siblings say of the same part', () => {
    const collar = about(bo.id, 'attribute').find(({ text }) => text.includes('collar'));
    expect(collar?.text).toBe("What colour is Bo's collar?");
    expect(collar?.answer).toBe('red');
    expect(collar?.options).toContain('blue');
  });

  it('asks what nobody can know: a photo whose thing is hidden, and a part that only a sibling has', () => {
    const absent = about(bo.id, 'absent');
    expect(absent.map(({ answer }) => answer)).toEqual([null, null]);
    expect(absent.some(({ hidden }) => hidden.concepts.includes(bo.id))).toBe(true);
    expect(absent.some(({ text }) => text === "What colour is Bo's tag?")).toBe(true);
  });

  it('does not ask to recognise a thing by its only photo', () => {
    expect(about(mug.id, 'recognise')).toEqual([]);
  });

  it('is empty for an empty memory and for a single photo', () => {
    expect(buildCheckUp([], likeness)).toEqual([]);
    expect(buildCheckUp([concept('Alone', 1)], likeness)).toEqual([]);
  });

  it('is the same for the same seed, and puts the answer in every place', () => {
    expect(buildCheckUp(memory, likeness)).toEqual(questions);
    const firsts = fc.sample(fc.integer({ min: 0, max: 1e9 }), { numRuns: 60, seed: 1 }).map((seed) => {
      const asked = buildCheckUp(memory, likeness, { ...CHECK_UP_DEFAULTS, seed });
      const one = asked.find((q) => q.kind === 'recognise' && q.conceptId === bo.id);
      return one?.kind === 'recognise' ? one.options.indexOf('Bo') : -1;
    });
    expect([...new Set(firsts)].sort()).toEqual([0, 1, 2]);
  });

  it('gives every question an id of its own and its answer among its options', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 6 }),
        fc.integer({ min: 0, max: 1e9 }),
        (photos, seed) => {
          const things = photos.map((n, at) =>
            concept(`Thing${at}`, n, { lid: ['red', 'blue', 'green'][at % 3] ?? '' }),
          );
          const built = buildCheckUp(things, () => 0.5, { ...CHECK_UP_DEFAULTS, seed });
          expect(new Set(built.map(({ id }) => id)).size).toBe(built.length);
          for (const { options, answer } of built) {
            if (answer !== null) expect(options as readonly string[]).toContain(answer);
            expect(new Set(options).size).toBe(options.length);
          }
        },
      ),
    );
  });
});

describe('reportOf', () => {
  const answered = (said: (name: string, kind: string) => string): CheckUpAnswer[] =>
    questions.map((question) => ({
      question,
      got:
        question.kind === 'patch'
          ? question.answer
          : said(memory.find(({ id }) => id === question.conceptId)?.name ?? '', question.kind),
      gotWithout: "I don't know.",
    }));

  it('counts right answers beside no memory and the first option', () => {
    const { all, kinds } = reportOf(
      answered((name) => `This is ${name}.`),
      memory,
    );
    expect(all.n).toBe(questions.length);
    expect(kinds.recognise).toMatchObject({ n: 4, right: 4, rightWithout: 0 });
    expect(kinds.absent).toMatchObject({ right: 0, rightWithout: kinds.absent?.n });
  });

  it('says what is taken for what, and which photo would help', () => {
    const wrong = answered((name, kind) => (kind === 'sibling' && name === 'Bo' ? 'This is Rex.' : `This is ${name}.`));
    const { confusions, help, concepts } = reportOf(wrong, memory);
    expect(confusions[0]).toMatchObject({ conceptId: 'bo', takenFor: 'rex', times: 2 });
    expect(help[0]).toMatchObject({ conceptId: 'bo', why: 'taken-for-another', takenFor: 'rex' });
    expect(help[0]?.photoId).toMatch(/^bo-/);
    expect(help.at(-1)).toMatchObject({ conceptId: 'mug', why: 'one-photo' });
    expect(concepts.at(-1)?.right).toBeLessThanOrEqual(concepts.at(-1)?.n ?? 0);
  });

  it('takes another name in the answer as wrong, offered or not', () => {
    const [question] = about(bo.id, 'sibling');
    if (question === undefined) throw new Error('no question');
    expect(isAnswerRight(question, 'This is Bo.', memory)).toBe(true);
    expect(isAnswerRight(question, 'This is Bo and the Mug.', memory)).toBe(false);
    expect(isAnswerRight(question, "I don't know. Closest I have: Bo", memory)).toBe(false);
  });
});
