// Wrong hits on purpose: as many as were asked for, none of those that were found, the same every time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConceptId } from '../../../src/core/types';
import { wrongHits } from '../../../src/core/wrong-hits';

const concepts = Array.from({ length: 40 }, (_, i) => `c${i}` as ConceptId);

describe('wrongHits', () => {
  it('are never among those found, and the same for the same question and seed', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.subarray(concepts, { maxLength: 4 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (question, found, share) => {
          const wrong = wrongHits(question, found, concepts, { share, seed: 7 });
          expect(new Set([...found, ...wrong]).size).toBe(found.length + wrong.length);
          expect(wrongHits(question, found, concepts, { share, seed: 7 })).toEqual(wrong);
        },
      ),
    );
  });

  it.each([0.1, 0.3, 0.5])('are a share of %d of all that is linked', (share) => {
    const found = concepts.slice(0, 2);
    const counts = Array.from(
      { length: 2000 },
      (_, i) => wrongHits(`question ${i}`, found, concepts, { share, seed: 1 }).length,
    );
    const wrong = counts.reduce((sum, count) => sum + count, 0);
    expect(wrong / (wrong + 2 * counts.length)).toBeCloseTo(share, 1);
  });

  it('of a smaller share are among those of a larger one', () => {
    const few = wrongHits('Where?', ['c0' as ConceptId], concepts, { share: 0.3, seed: 3 });
    const many = wrongHits('Where?', ['c0' as ConceptId], concepts, { share: 0.7, seed: 3 });
    expect(many).toEqual(expect.arrayContaining(few));
    expect(many.length).toBeGreaterThan(few.length);
  });
});
