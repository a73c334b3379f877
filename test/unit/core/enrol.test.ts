// What enrolment accepts, tidies and refuses, in sentences.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkAliases,
  checkName,
  checkPhotoFile,
  ENROL_LIMITS,
  pixelHash,
  splitFacts,
} from '../../../src/core/stages/enrol';
import type { ConceptId } from '../../../src/core/types';
import { BLUE, picture, RED } from '../../support/fake-models';

const bo = { id: 'bo' as ConceptId, name: 'Bo', aliases: ['Bobo', 'Zoé'] };
const code = (value: string): unknown => expect.objectContaining({ code: value });

describe('names', () => {
  it('are tidied', () => expect(checkName('  Dad’s   red mug ', [])).toBe('Dad’s red mug'));

  it.each([
    ['', 'bad-input'],
    [' … ', 'bad-input'],
    ['x'.repeat(81), 'bad-input'],
    ['BO', 'duplicate'],
    ['bobo', 'duplicate'],
    ['Zoe', 'duplicate'],
  ])('"%s" is %s', (name, expected) => expect(() => checkName(name, [bo])).toThrow(code(expected)));

  it('may stay as they are when a concept is edited', () => expect(checkName('bo', [bo], bo.id)).toBe('bo'));

  it('as aliases come once, without the name itself', () => {
    expect(checkAliases(['Maxi', 'MAXI', ' ', 'max'], 'Max', [bo])).toEqual(['Maxi']);
    expect(() => checkAliases(['Bo'], 'Max', [bo])).toThrow(code('duplicate'));
    expect(() =>
      checkAliases(
        Array.from({ length: 13 }, (_, i) => `n${i}`),
        'Max',
        [],
      ),
    ).toThrow(code('bad-input'));
  });
});

describe('facts', () => {
  it('are lines, without list marks, empties and doubles', () => {
    const text = '- Bo snores.\r\n\n• Bo eats cheese\n2) He is 3.\nbo snores';
    expect(splitFacts([text, 'New one'], ['new one.'])).toEqual(['Bo snores.', 'Bo eats cheese', 'He is 3.']);
  });

  it('keep numbers that are not list marks', () =>
    expect(splitFacts(['3.5 kg is his weight'])).toEqual(['3.5 kg is his weight']));

  it('are refused when too long or too many', () => {
    expect(() => splitFacts(['x'.repeat(ENROL_LIMITS.factLength + 1)])).toThrow(code('bad-input'));
    expect(() => splitFacts(Array.from({ length: 201 }, (_, i) => `fact ${i}`))).toThrow(code('bad-input'));
  });

  it('never come out twice, long, empty or on two lines', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 60 }), { maxLength: 12 }), (lines) => {
        const facts = splitFacts(lines);
        expect(new Set(facts.map((fact) => fact.toLowerCase())).size).toBe(facts.length);
        for (const fact of facts) expect(fact).toMatch(/^\S(?:[^\n\r]*\S)?$/u);
        expect(splitFacts(facts).length).toBeLessThanOrEqual(facts.length);
      }),
      { seed: 12 },
    );
  });
});

describe('photos', () => {
  it('are weighed before they are decoded', () => {
    expect(() => checkPhotoFile('a.jpg', 0)).toThrow(code('bad-image'));
    expect(() => checkPhotoFile('a.jpg', ENROL_LIMITS.photoBytes + 1)).toThrow(code('too-large'));
    expect(() => checkPhotoFile('a.jpg', 1)).not.toThrow();
  });

  it('are known again by their pixels', () => {
    const photo = picture([{ x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb: RED }]);
    const noisy = {
      ...photo,
      data: photo.data.map((value, i) => (i % 4 === 3 ? value : value + (value % 8 < 7 ? 1 : 0))),
    };
    expect(pixelHash({ ...photo, data: photo.data.slice() })).toBe(pixelHash(photo));
    expect(pixelHash(noisy)).toBe(pixelHash(photo));
    expect(pixelHash(picture([{ x: 0.3, y: 0.2, w: 0.5, h: 0.5, rgb: RED }]))).not.toBe(pixelHash(photo));
    expect(pixelHash(picture([]))).not.toBe(pixelHash(picture([{ x: 0, y: 0, w: 1, h: 1, rgb: BLUE }])));
  });
});
