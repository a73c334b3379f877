// Reflection: what it keeps, what it erases, what it calls unknown; and SLC's rule.
import { describe, expect, it } from 'vitest';
import { DONT_KNOW } from '../../../src/core/prompt';
import { quoted, reflect, type ReflectInput } from '../../../src/core/stages/reflect';
import type { Concept, ConceptId, Cue } from '../../../src/core/types';

const concept = (id: string, name: string): Concept => ({
  id: id as ConceptId,
  name,
  aliases: [],
  card: undefined,
  createdAt: 1,
  updatedAt: 1,
});
const concepts = [concept('bo', 'Bo'), concept('mia', 'Mia'), concept('mug', "Dad's mug")];
const linkedOf = (conceptId: string, ...texts: string[]): ReflectInput['linked'] =>
  texts.map((text, i) => ({
    id: `fact/${conceptId}-${i}`,
    conceptId: conceptId as ConceptId,
    name: concepts.find(({ id }) => id === conceptId)?.name ?? '',
    text,
  }));
const bo = linkedOf(
  'bo',
  'my dog Bo sleeps on the blue sofa',
  'He is allergic to chicken.',
  'We got Bo in Utrecht in 2019.',
);
const mia = linkedOf('mia', 'Mia sleeps in the laundry basket.');
const judge = (question: string, draft: string, more: Partial<ReflectInput> = {}): ReturnType<typeof reflect> =>
  reflect({ question, draft, linked: bo, concepts, cues: [], hasPhoto: false, hasPatches: false, ...more });
const boShown: Cue = { conceptId: 'bo' as ConceptId, present: true, place: undefined, probability: 0.9 };

describe('keeps', () => {
  it.each([
    ['Where does Bo sleep?', 'Bo sleeps on the blue sofa.'],
    ['Where does Bo sleep?', 'Your dog Bo slept on the blue sofa.'],
    ['Where does my dog sleep?', 'On the blue sofa.'],
    ['What is Bo allergic to?', 'Bo is allergic to chicken.'],
    ['Does Bo have an allergy?', 'Yes, he is allergic to chicken.'],
    ['Where did we get Bo?', 'You got Bo in Utrecht.'],
    ['When did we get Bo?', 'You got Bo in 2019.'],
    ['What frightens Bo?', 'Bo is allergic to chicken.'], // supported; whether it answers is the model's to judge
  ])('%s %s', (question, draft) => {
    expect(judge(question, draft)).toMatchObject({ verdict: { kind: 'kept' }, text: draft });
  });

  it('both halves of an answer about two', () => {
    const draft = 'Bo sleeps on the blue sofa and Mia sleeps in the laundry basket.';
    expect(judge('Where do Bo and Mia sleep?', draft, { linked: [...bo, ...mia] }).verdict.kind).toBe('kept');
  });

  it('the name of who is in the photo, and plain words for what is seen', () => {
    const photo = { cues: [boShown], hasPhoto: true };
    expect(judge('Who is this?', 'This is Bo.', photo).verdict.kind).toBe('kept');
    expect(judge('What colour is the collar here?', 'The collar is red.', photo).verdict.kind).toBe('kept');
    const bare = { linked: [], hasPhoto: true, concepts: [] };
    expect(judge('What is this?', 'A green umbrella.', bare).verdict.kind).toBe('kept');
  });

  it('looks that a linked patch shows', () => {
    expect(judge('What colour is the collar of Bo?', 'The collar is red.').verdict.kind).toBe('erased');
    const verdict = judge('What colour is the collar of Bo?', 'The collar is red.', { hasPatches: true }).verdict;
    expect(verdict.kind).toBe('kept');
  });

  it('a name that only a linked fact speaks of', () => {
    const linked = linkedOf('bo', 'Bo is afraid of Mia.');
    expect(judge('What is Bo afraid of?', 'Bo is afraid of Mia.', { linked }).verdict.kind).toBe('kept');
  });

  it('puts the source that carries the answer first', () => {
    expect(judge('What is Bo allergic to?', 'Bo is allergic to chicken.').support[0]).toBe('fact/bo-1');
    expect(judge('Where does Bo sleep?', 'On the blue sofa.').support).toEqual(['fact/bo-0']);
  });
});

describe('erases', () => {
  it.each([
    ['a value nobody gave', 'Where does Bo sleep?', 'Bo sleeps in the garage.', 'garage'],
    ['a half-right value', 'Where does Bo sleep?', 'Bo sleeps on the green sofa.', 'green'],
    ['a number', 'When did we get Bo?', 'You got Bo in 2018.', '2018'],
    ['a yes about nothing', 'Does Bo fly?', 'Yes, Bo flies.', 'Yes, Bo flies.'],
    ['somebody else', 'Where does Bo sleep?', 'Mia sleeps on the blue sofa.', 'Mia'],
    ['a model that got stuck', 'What is this?', 'Bcccccccc', 'Bcccccccc'],
    ['no number where one is asked for', 'How old is Bo?', 'Bo is allergic to chicken.', 'Bo is allergic to chicken.'],
    ['no place where one is asked for', 'Where is Bo?', 'Bo is my dog.', 'Bo is my dog.'],
  ])('%s', (_, question, draft, claim) => {
    expect(judge(question, draft)).toMatchObject({
      verdict: { kind: 'erased', claim },
      text: "I don't know.",
      support: [],
    });
  });

  it('a colour that only the card tells, where no looks were asked for', () => {
    const card = {
      id: 'card/bo',
      conceptId: 'bo' as ConceptId,
      name: 'Bo',
      text: 'Bo corgi. A brown corgi. colour: brown',
    };
    const draft = 'The chip is brown.';
    expect(judge("what is Bo's chip number", draft, { linked: [card] })).toMatchObject({
      verdict: { kind: 'erased', claim: 'brown' },
      text: DONT_KNOW,
    });
    expect(judge('what colour is Bo', 'Bo is brown.', { linked: [card] }).verdict.kind).toBe('kept');
    expect(judge('is Bo brown', 'Yes, Bo is brown.', { linked: [card] }).verdict.kind).toBe('kept');
    expect(judge('what is Bo', 'Bo is a brown corgi.', { linked: [card] }).verdict.kind).toBe('kept');
    const told = { ...card, id: 'fact/bo-9', text: 'the chip reader says brown' };
    expect(judge("what is Bo's chip", draft, { linked: [card, told] }).verdict.kind).toBe('kept');
  });

  it("one concept's fact said of another", () => {
    const draft = 'Bo sleeps in the laundry basket.';
    expect(judge('Where does Bo sleep?', draft, { linked: [...bo, ...mia] }).verdict.kind).toBe('erased');
  });

  it('anything about a stranger', () => {
    const photo = { linked: [], hasPhoto: true };
    expect(judge('Who is this?', 'This is Bo.', photo).verdict.kind).toBe('erased');
    expect(judge('Whose mug is this?', 'It is yours.', photo).verdict.kind).toBe('erased');
    expect(judge('Where does he sleep?', 'He sleeps in a basket.', photo).verdict.kind).toBe('erased');
    expect(judge('Where did I buy this?', 'You bought this.', photo).verdict.kind).toBe('erased');
    expect(judge('Where does Zorro sleep?', 'Zorro sleeps on the blue sofa.', { linked: [] }).verdict.kind).toBe(
      'erased',
    );
  });

  it('a number or a name read off a photo', () => {
    const photo = { cues: [boShown], hasPhoto: true };
    expect(judge('What is this?', 'A Bcccccccc.', photo).verdict.kind).toBe('erased');
    expect(judge('Where does this one sleep?', 'He sleeps in a basket.', photo).verdict.kind).toBe('erased');
    expect(judge('What does it say?', 'It says 4711.', photo).verdict.kind).toBe('erased');
    expect(judge('Who is with Bo?', 'Bo is with Zorro.', photo).verdict.kind).toBe('erased');
  });
});

it.each([
  "I don't know.",
  'I do not know where Bo sleeps.',
  '',
  'i dont know',
  "I'm not sure.",
  'The notes do not say.',
])('calls "%s" unknown', (draft) =>
  expect(judge('Where does Bo sleep?', draft)).toMatchObject({ verdict: { kind: 'unknown' }, text: "I don't know." }),
);

describe('a photo of nobody known', () => {
  const look = (question: string, draft: string): string =>
    judge(question, draft, { linked: [], hasPhoto: true }).verdict.kind;

  it.each([
    ['Do you see a mug on the left?', 'Yes, the mug is on the left.'],
    ['Is there a lamp?', 'No, there is no lamp.'],
    ['What colour is the handle?', 'The handle is blue.'],
  ])('is looked at: %s', (question, draft) => expect(look(question, draft)).toBe('kept'));

  it.each([
    ['Where did I buy this?', 'You bought the mug on the left.'],
    ['Do I like this?', 'Yes, you like the mug.'],
    ['What is this?', 'This is a toy truck.'],
  ])('does not say what only memory can: %s', (question, draft) => expect(look(question, draft)).toBe('erased'));
});

describe('quoted', () => {
  const note = {
    id: 'fact/bo-9',
    conceptId: 'bo' as ConceptId,
    name: 'Bo',
    text: ' so we got him off a farm near Ripon ',
  };
  const erased = {
    verdict: { kind: 'erased', claim: 'Paris', why: 'nothing I remember says so' },
    text: DONT_KNOW,
    support: [],
  } as const;

  const kept = (text: string) => ({ verdict: { kind: 'kept' }, text, support: ['fact/bo-9'] }) as const;
  const words = 'You noted: \u201cso we got him off a farm near Ripon\u201d';

  it('says the note itself where retrieval is sure of one and the draft does not stand', () => {
    expect(quoted(erased, [note], [note])).toEqual({
      verdict: { kind: 'quoted', why: 'nothing I remember says so' },
      text: words,
      support: ['fact/bo-9'],
    });
    const unknown = { verdict: { kind: 'unknown' }, text: DONT_KNOW, support: [] } as const;
    expect(quoted(unknown, [note], [note]).verdict.kind).toBe('quoted');
  });

  it('says the note where the answer leaves out a part of it', () => {
    expect(quoted(kept('Bo is off a farm.'), [note], [])).toMatchObject({ verdict: { kind: 'quoted' }, text: words });
  });

  it('says the note where the answer is of another one that was less likely', () => {
    const other = { ...note, id: 'fact/bo-8', text: 'he hates rain' };
    const strayed = { verdict: { kind: 'kept' }, text: 'Bo hates rain.', support: ['fact/bo-8'] } as const;
    expect(quoted(strayed, [note], [note], [other])).toMatchObject({ verdict: { kind: 'quoted' }, text: words });
  });

  it('leaves an answer that carries the note, or rests on something else', () => {
    const whole = kept('You got him off a farm near Ripon.');
    expect(quoted(whole, [note], [note])).toBe(whole);
    const card = { verdict: { kind: 'kept' }, text: 'Bo is a dog.', support: ['card/bo'] } as const;
    expect(quoted(card, [note], [])).toBe(card);
    expect(quoted(kept('A red mug.'), [], [])).toMatchObject({ text: 'A red mug.' });
  });

  it('leaves doubt where retrieval is in doubt too', () => expect(quoted(erased, [note], [])).toBe(erased));
});
