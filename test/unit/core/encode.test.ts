// Cards from what the model says and what was measured; which blocks a concept needs; colours by name.
import { describe, expect, it } from 'vitest';
import { COLOUR_NAMES, colourName, measuredColours } from '../../../src/core/colour';
import { createRng } from '../../../src/core/random';
import {
  cardOfName,
  categoryOfName,
  makeCard,
  categoryOfWords,
  parseCategory,
  planBlocks,
  sourceId,
} from '../../../src/core/stages/encode';
import type { Concept, ConceptId, Fact, FactId, Patch, PatchId, Photo, PhotoId } from '../../../src/core/types';
import { BLUE, picture, RED } from '../../support/fake-models';

// training/render/palette.py, with its jitter: what mini's captions call these colours.
const PALETTE: Record<string, [number, number, number]> = {
  red: [196, 38, 38],
  orange: [236, 124, 28],
  yellow: [242, 202, 48],
  green: [58, 140, 62],
  turquoise: [52, 186, 182],
  blue: [42, 84, 190],
  purple: [122, 60, 164],
  pink: [236, 132, 172],
  brown: [118, 72, 40],
  black: [32, 32, 36],
  white: [240, 238, 232],
  grey: [134, 138, 142],
};

describe('colours', () => {
  it.each(Object.entries(PALETTE))('%s keeps its name under jitter and a little shade', (name, [r, g, b]) => {
    const rng = createRng(1);
    expect(COLOUR_NAMES).toContain(name);
    for (let run = 0; run < 50; run++) {
      const light = name === 'black' || name === 'white' || name === 'grey' ? 1 : 0.92 + 0.12 * rng();
      const shift = (): number => (rng() - 0.5) * 8;
      expect(
        colourName(...([r, g, b].map((c) => Math.min(255, c * light + shift())) as [number, number, number])),
      ).toBe(name);
    }
  });

  it('are measured on the subject only, most first', () => {
    const photo = picture([
      { x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb: RED },
      { x: 0.5, y: 0.5, w: 0.25, h: 0.25, rgb: BLUE },
    ]);
    const subject = Float32Array.from({ length: 64 }, (_, i) => (i % 8 > 1 && i % 8 < 6 && i > 15 && i < 48 ? 1 : 0));
    const found = measuredColours(photo, subject, 8, 8);
    expect(found.map(({ name }) => name)).toEqual(['red', 'blue']);
    expect(found[0]?.share).toBeCloseTo(0.75, 2);
    expect(measuredColours(photo, new Float32Array(64), 8, 8)).toEqual([]);
  });
});

describe('categories', () => {
  it.each([
    ['A mug.', 'mug'],
    ['It is a red coffee mug with a handle.', 'coffee mug'],
    ["This is an umbrella. It's wet.", 'umbrella'],
    ["I don't know.", undefined],
    ['', undefined],
    ['???', undefined],
  ])('"%s" says %s', (answer, expected) => expect(parseCategory(answer)).toBe(expected));

  it.each([
    ["Dad's red mug", 'mug'],
    ['my rain boots', 'boots'],
    ['Bo', undefined],
    ['Captain Quack', undefined],
  ])('the name "%s" says %s', (name, expected) => expect(categoryOfName(name)).toBe(expected));
});

describe('cards', () => {
  const red = [
    { name: 'red', share: 0.7 },
    { name: 'white', share: 0.28 },
    { name: 'grey', share: 0.02 },
  ] as const;

  it('join what is said with what is measured', () => {
    const answers = { category: 'A mug.', description: 'A red mug with a white handle. It is nice.' };
    expect(makeCard('Bo', answers, red)).toEqual({
      name: 'Bo',
      category: 'mug',
      caption: 'A red mug with a white handle.',
      fingerprints: [
        { part: 'colour', descriptor: 'red and white' },
        { part: 'handle', descriptor: 'white' },
      ],
      edited: false,
    });
  });

  it('do with what there is', () => {
    const silent = { category: "I don't know.", description: '' };
    expect(makeCard("Dad's mug", silent, red)).toMatchObject({ category: 'mug', caption: 'A red and white mug.' });
    expect(makeCard('Bo', silent, [])).toMatchObject({ category: 'thing', fingerprints: [] });
    expect(cardOfName('my rain boots')).toMatchObject({ category: 'boots', caption: '', fingerprints: [] });
  });
});

describe('planBlocks', () => {
  const conceptId = 'bo' as ConceptId;
  const concept: Concept = {
    id: conceptId,
    name: 'Bo',
    aliases: [],
    card: cardOfName('Bo'),
    createdAt: 1,
    updatedAt: 1,
  };
  const fact: Fact = { id: 'f' as FactId, conceptId, text: 'Bo snores.', createdAt: 1 };
  const photo: Photo = {
    id: 'p' as PhotoId,
    conceptId,
    widthPx: 200,
    heightPx: 100,
    mime: '',
    bytes: 1,
    pixelHash: '',
    createdAt: 1,
  };
  const box = { x: 0.4, y: 0.4, w: 0.1, h: 0.3 };
  const patch: Patch = { id: 'q' as PatchId, conceptId, photoId: photo.id, box, score: 1, by: 'miner' };

  it('is card, facts, patches, each with its own source', () => {
    const plan = planBlocks(concept, [fact], [patch], [photo]);
    expect(plan.map(({ source }) => sourceId(source))).toEqual(['card/bo', 'fact/f', 'patch/q']);
    expect(plan[1]).toMatchObject({ segment: [{ kind: 'text', text: 'Note about Bo: Bo snores.\n' }] });
  });

  it('crops square in pixels, with a margin, inside the photo', () => {
    const [planned] = planBlocks({ ...concept, card: undefined }, [], [patch], [photo]);
    if (planned?.kind !== 'patch') throw new Error('no patch');
    const { x, y, w, h } = planned.crop;
    expect(w * 200).toBeCloseTo(h * 100, 6);
    expect(h).toBeGreaterThan(box.h);
    expect(Math.min(x, y, 1 - x - w, 1 - y - h)).toBeGreaterThanOrEqual(0);
  });

  it('has no card before there is one, and no patch of a photo that is gone', () => {
    expect(planBlocks({ ...concept, card: undefined }, [], [patch], [])).toEqual([]);
  });
});

describe('what the user calls it', () => {
  it.each([
    ['Bo', ['my corgi'], [], 'corgi'],
    ['Rex', [], ['My dog Rex sleeps in the green basket.'], 'dog'],
    ["Dad's red mug", [], [], 'mug'],
    ['Waffle', [], ['Waffle likes rain.', 'Waffle is my dog.'], 'dog'],
    ['Bolt', [], ['Bolt is our toy robot'], 'toy robot'],
    ['Bo', [], ['Bo is my favourite.', 'Bo is my dog who sleeps a lot.', 'Bobo is my cat.'], undefined],
    ['Bo', ['Bobo'], ['Bo likes my dog Rexi.', 'our old Bo'], undefined],
  ])('%s, %j, %j is a %s', (name, aliases, facts, category) => {
    expect(categoryOfWords(name, aliases, facts)).toBe(category);
  });

  it('beats what a small model takes it for', () => {
    const answers = { category: 'This is a toy rocket.', description: 'A brown toy rocket with brown fins.' };
    const card = makeCard('Bo', answers, [{ name: 'brown', share: 0.6 }], 'corgi');
    expect(card).toMatchObject({ category: 'corgi', caption: 'A brown corgi.' });
    expect(card.fingerprints).toEqual([{ part: 'colour', descriptor: 'brown' }]);
  });
});
