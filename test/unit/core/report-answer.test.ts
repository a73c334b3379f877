import { expect, it } from 'vitest';
import { parseCue } from '../../../src/core/cues';
import { answerFromCue } from '../../../src/core/report-answer';
import type { ConceptId } from '../../../src/core/types';

const bo = { conceptId: 'bo' as ConceptId, name: 'Bo', category: 'dog' };
const there = parseCue(bo, { present: true, where: { absolute: 'on the left' } });
const somewhere = parseCue(bo, { present: true });
const gone = parseCue(bo, { present: false });

it.each([
  ['Is Bo in the picture?', 'Yes, Bo is on the left.', 'No, I do not see Bo.'],
  ['do you see Bo here', 'Yes, Bo is on the left.', 'No, I do not see Bo.'],
  ['Is Bo there?', 'Yes, Bo is on the left.', 'No, I do not see Bo.'],
  ['Where in this photo is Bo?', 'Bo is on the left.', 'I do not see Bo in the picture.'],
  ['Where is Bo in the picture?', 'Bo is on the left.', 'I do not see Bo in the picture.'],
])('%s', (question, yes, no) => {
  expect(answerFromCue(question, there)).toBe(yes);
  expect(answerFromCue(question, gone)).toBe(no);
});

it.each([
  'Is Bo on the left of the picture?',
  'Where does Bo sleep?',
  'What colour is Bo?',
  'Is Bo tired?',
  'Who is this?',
])('leaves %s to others', (question) => {
  expect(answerFromCue(question, there)).toBeUndefined();
});

it('claims no place that did not stand the check', () => {
  expect(answerFromCue('Is Bo in the picture?', somewhere)).toBe('Yes, Bo is in the picture.');
  expect(answerFromCue('Where in the picture is Bo?', somewhere)).toBeUndefined();
});
