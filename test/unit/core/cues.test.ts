import { describe, expect, it } from 'vitest';
import { parseCue, reportLine, withRelations } from '../../../src/core/cues';
import type { ConceptId } from '../../../src/core/types';

const bo = { conceptId: 'bo' as ConceptId, name: 'Bo', category: 'dog' };
const mug = { conceptId: 'mug' as ConceptId, name: "Dad's mug", category: 'mug' };

describe('a cue is parsed before it is believed', () => {
  it('takes what is well formed, and says the place of its box', () => {
    const cue = parseCue(bo, { present: true, where: { box: { x: 0.1, y: 0.1, w: 0.2, h: 0.2 } }, confidence: 0.9 });
    expect(cue).toMatchObject({ present: true, confidence: 0.9, where: { absolute: 'in the upper left' } });
    expect(cue.problem).toBeUndefined();
  });

  it.each([
    ['nothing', undefined],
    ['a word', 'yes'],
    ['no presence', { where: {} }],
    ['a presence in words', { present: 'yes' }],
    ['a box of NaN', { present: true, where: { box: { x: NaN, y: 0, w: 1, h: 1 } } }],
    ['a box outside the picture', { present: true, where: { box: { x: 3, y: 0, w: 1, h: 1 } } }],
    ['a confidence of 7', { present: true, confidence: 7 }],
    ['an essay for a place', { present: true, where: { absolute: 'x'.repeat(500) } }],
  ])('takes %s for absent, and says what was wrong', (_, said) => {
    const cue = parseCue(bo, said);
    expect(cue).toMatchObject({ present: false, where: {}, attributes: [] });
    expect(cue.problem).toBeTruthy();
  });
});

it('says how a cue lies to the nearest thing of another kind', () => {
  const left = parseCue(bo, { present: true, where: { box: { x: 0, y: 0.4, w: 0.3, h: 0.3 } } });
  const right = parseCue(mug, { present: true, where: { box: { x: 0.6, y: 0.4, w: 0.3, h: 0.3 } } });
  const cues = withRelations([left, right], [{ kind: 'lamp', box: { x: 0.05, y: 0, w: 0.2, h: 0.1 } }]);
  expect(cues.map(({ where }) => where.relative)).toEqual(['below the lamp', 'to the right of the dog']);
});

it('reports only what is left of a cue', () => {
  const cue = parseCue(bo, { present: true, where: { absolute: 'on the left', relative: 'next to the lamp' } });
  expect(reportLine(cue)).toBe('Bo (dog): on the left, next to the lamp.');
  expect(reportLine({ ...cue, where: {} })).toBe('Bo (dog): in the picture.');
  expect(reportLine({ ...cue, present: false })).toBe('Bo (dog): not in the picture.');
});
