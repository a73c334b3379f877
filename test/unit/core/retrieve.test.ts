// Retrieval by text: names in all their forms, strangers, categories, facts, carry-over; and what a photo adds.
import { describe, expect, it } from 'vitest';
import type { PhotoMatch } from '../../../src/core/match';
import type { Recall } from '../../../src/core/recall';
import { retrieve, RETRIEVE_DEFAULTS, type MemoryView, type Retrieved } from '../../../src/core/stages/retrieve';
import { buildTextIndex } from '../../../src/core/text-index';
import type { Concept, ConceptId, Fact, FactId, Patch, PatchId, PhotoId } from '../../../src/core/types';

const concept = (id: string, name: string, category: string, aliases: string[] = []): Concept => ({
  id: id as ConceptId,
  name,
  aliases,
  card: { name, category, caption: '', fingerprints: [], edited: false },
  createdAt: 1,
  updatedAt: 1,
});
const concepts = [
  concept('bo', 'Bo', 'dog', ['Bobo']),
  concept('zoe', 'Zoë', 'person'),
  concept('mug', "Dad's red mug", 'mug'),
  concept('blue-mug', 'the blue mug', 'mug'),
  concept('penelope', 'Penelope', 'cat'),
];
const facts: Fact[] = Object.entries({
  bo: [
    'Bo sleeps on the blue sofa.',
    'He is allergic to chicken.',
    'We got him in Utrecht.',
    'He was born in May.',
    'He likes Penelope.',
    'He snores.',
  ],
  zoe: ['Zoë lives in Lisbon.', 'She plays the cello on Mondays.'],
  mug: ['It was a present from Aunt Rosa.', 'The handle was glued twice.'],
  'blue-mug': ['It holds half a litre.'],
  penelope: ['Penelope hates the vacuum cleaner.', 'She sleeps in the laundry basket.'],
}).flatMap(([id, texts]) =>
  texts.map((text, i) => ({ id: `${id}-${i}` as FactId, conceptId: id as ConceptId, text, createdAt: i })),
);
const patches: Patch[] = ['bo', 'mug'].map((id) => ({
  id: `${id}-patch` as PatchId,
  conceptId: id as ConceptId,
  photoId: `${id}-photo` as PhotoId,
  box: { x: 0, y: 0, w: 1, h: 1 },
  score: 1,
  by: 'miner',
}));
const memory: MemoryView = { concepts, facts, patches, index: buildTextIndex(concepts, facts) };
const ask = (question: string, previous: string[] = [], matches?: PhotoMatch[]): Retrieved =>
  retrieve(question, memory, matches, previous as ConceptId[]);
const named = (found: Retrieved): string[] =>
  found.hits.flatMap((hit) => (hit.kind === 'concept' ? [hit.conceptId] : []));
const factsOf = (found: Retrieved): string[] => found.hits.flatMap((hit) => (hit.kind === 'fact' ? [hit.factId] : []));

describe('names', () => {
  it.each([
    ['Where does Bo sleep?', ['bo']],
    ['where does bo sleep', ['bo']],
    ["What is Bo's favourite food?", ['bo']],
    ['What does bobo eat?', ['bo']],
    ['Where does Zoe live?', ['zoe']],
    ['What does Penolope hate?', ['penelope']],
    ['what does penelpoe hate', ['penelope']],
    ["Who gave me Dad's red mug?", ['mug']],
    ['Where is the red mug?', ['mug']],
    ['What of dad’s mug?', ['mug']],
    ['How big is the blue mug?', ['blue-mug']],
    ['Do Bo and Penelope get along?', ['penelope', 'bo']],
    ['Where do Zoë and Bo live?', ['zoe', 'bo']],
  ])('%s', (question, expected) => {
    const found = ask(question);
    expect(named(found).sort()).toEqual([...expected].sort());
    expect(found.hits[0]?.by).toBe('name');
  });

  it.each([
    'Where does Zorro sleep?',
    'Where does zorro sleep?',
    'What is Max allergic to?',
    "Where is Hannah's violin?",
    'How old is Boris?',
  ])('nobody for a stranger: %s', (question) => expect(ask(question).hits).toEqual([]));

  it('keeps to whom it knows when a stranger stands beside', () => {
    expect(named(ask('Does Bo like Zorro?'))).toEqual(['bo']);
  });

  it('does not take a word of a fact for a stranger', () => {
    expect(named(ask('Who lives in Lisbon?'))).toEqual(['zoe']);
  });
});

describe('categories', () => {
  it.each([
    ['Where does my dog sleep?', ['bo']],
    ['What does our cat hate?', ['penelope']],
    ['Where is my mug?', ['mug', 'blue-mug']], // two of them: both, by their cards
    ['What do dogs eat?', []], // dogs in general
  ])('%s', (question, expected) => expect(named(ask(question))).toEqual(expected));

  it('leave "this dog" to the photo', () => {
    expect(named(ask('Where does this dog sleep?', [], []))).toEqual([]);
    expect(named(ask('Where does my dog sleep?', [], []))).toEqual(['bo']);
  });
});

describe('facts', () => {
  it('links those that bear on the question, best first', () => {
    expect(factsOf(ask('Where does Bo sleep?'))[0]).toBe('bo-0');
    expect(factsOf(ask('What is Bo allergic to?'))[0]).toBe('bo-1');
    expect(factsOf(ask('When was Bo born?'))[0]).toBe('bo-3');
  });

  it('links some that share no word, the kind that is asked for first', () => {
    const { hits } = ask('Which town does Bo come from?');
    expect(factsOf({ ...ask(''), hits })).toContain('bo-2');
    expect(factsOf(ask('Tell me about Bo.')).length).toBe(RETRIEVE_DEFAULTS.factsPerConcept);
  });

  it('never links a whole biography', () => {
    for (const question of ['Tell me about Bo.', 'Where does Bo sleep?', 'Bo and Penelope and Zoë?']) {
      const found = ask(question);
      expect(factsOf(found).length).toBeLessThanOrEqual(RETRIEVE_DEFAULTS.factsInAll);
      expect(factsOf(found).filter((id) => id.startsWith('bo-')).length).toBeLessThanOrEqual(
        RETRIEVE_DEFAULTS.factsPerConcept,
      );
    }
  });

  it('finds whom a fact is about when nobody is named', () => {
    const found = ask('Who sleeps on the blue sofa?');
    expect(named(found)).toEqual(['bo']);
    expect(factsOf(found)).toEqual(['bo-0']);
    expect(found.hits[0]?.by).toBe('text');
    expect(named(ask('Who was scared of the vacuum cleaner?'))).toEqual(['penelope']);
  });

  it('finds nothing for a question about something else', () => {
    expect(ask('What is the capital of France?').hits).toEqual([]);
    expect(ask('').hits).toEqual([]);
  });
});

describe('recall', () => {
  // Knows one thing, that "nap" asks for "sleeps", and doubts another.
  const recall: Recall = {
    odds: (question, fact) => {
      if (fact.includes('allergic')) return -0.8; // doubtful, whatever is asked
      return question.includes('nap') && fact.includes('sleeps') ? 3 : -9;
    },
  };
  const by = (question: string): string[] => factsOf(retrieve(question, { ...memory, recall }, undefined, []));

  it('links the fact that is asked for in other words, alone', () =>
    expect(by('Where does Bo nap?')).toEqual(['bo-0']));
  it('is sure of it, and of nothing else', () => {
    const sure = (question: string): readonly string[] => retrieve(question, { ...memory, recall }, undefined, []).sure;
    expect(sure('Where does Bo nap?')).toEqual(['bo-0']);
    expect(sure('How much does Bo weigh?')).toEqual([]);
    expect(ask('Where does Bo sleep?').sure).toEqual([]); // without recall mini alone judges
  });

  it('links no fact when none is asked for', () => expect(by('How much does Bo weigh?')).toEqual([]));
  it('leaves a question about everything everything', () => expect(by('Bo?').length).toBe(6));
  it('lets shared words speak too', () => expect(by('What is Bo allergic to?')).toEqual(['bo-1']));
});

describe('carry-over', () => {
  it.each(['Where does she live?', 'And the cello?', 'what about her cello', 'When?'])('%s after Zoë', (question) => {
    expect(named(ask(question, ['zoe']))).toEqual(['zoe']);
  });

  it.each([
    ['Where does Bo sleep?', ['bo']],
    ['Where does Zorro sleep?', []],
    ['where does zorro sleep', []],
    ['What is the capital of France?', []],
  ])('not for %s', (question, expected) => expect(named(ask(question, ['zoe']))).toEqual(expected));

  it('means the only concept there is', () => {
    const [bo] = concepts;
    if (bo === undefined) throw new Error('no concept');
    const found = retrieve('Where does he sleep?', { ...memory, concepts: [bo] }, undefined, []);
    expect(named(found)).toEqual(['bo']);
  });

  it.each([
    ['and Penelope?', true],
    ['Where does she live?', true],
    ['Where does Penelope sleep?', false],
  ])('knows whether %s leans on the exchange before', (question, leans) => {
    expect(
      retrieve(question, memory, undefined, ['bo' as ConceptId], RETRIEVE_DEFAULTS, 'Where does Bo sleep?').leans,
    ).toBe(leans);
    expect(retrieve(question, memory, undefined, []).leans).toBe(false); // nothing was said before
  });

  it('takes the topic over to another name', () => {
    const found = retrieve(
      'and Bo?',
      memory,
      undefined,
      ['zoe' as ConceptId],
      RETRIEVE_DEFAULTS,
      'Where does Penelope sleep?',
    );
    expect(factsOf(found)).toEqual(['bo-0']);
  });

  it('needs a last turn', () => expect(ask('Where does she live?').hits).toEqual([]));
});

describe('a photo', () => {
  const shows = (id: string, present: boolean): PhotoMatch => ({
    conceptId: id as ConceptId,
    photoId: `${id}-photo` as PhotoId,
    score: 0.9,
    probability: present ? 0.95 : 0.1,
    place: { x: 0.1, y: 0.2, w: 0.3, h: 0.4 },
    present,
  });

  it('brings the concept with its place, facts and best patch', () => {
    const found = ask('Where does he sleep?', ['zoe'], [shows('bo', true), shows('mug', false)]);
    expect(found.hits[0]).toMatchObject({ kind: 'concept', conceptId: 'bo', by: 'photo', photoId: 'bo-photo' });
    expect(named(found)).toEqual(['bo']);
    expect(factsOf(found)[0]).toBe('bo-0');
    expect(found.hits.filter((hit) => hit.kind === 'patch')).toMatchObject([{ patchId: 'bo-patch' }]);
    expect(found.cues).toEqual([
      { conceptId: 'bo', present: true, probability: 0.95, place: { x: 0.1, y: 0.2, w: 0.3, h: 0.4 } },
    ]);
  });

  it('of a stranger brings nobody, whoever the last turn was about', () => {
    expect(ask('Where does she sleep?', ['zoe'], [shows('bo', false)])).toMatchObject({ hits: [], cues: [] });
  });

  it('says of one asked for by name that it is not there', () => {
    const found = ask('Is this Bo?', [], [shows('bo', false)]);
    expect(named(found)).toEqual(['bo']);
    expect(found.cues).toMatchObject([{ conceptId: 'bo', present: false, place: undefined }]);
  });

  it('is not needed for a patch when looks are asked for', () => {
    expect(ask('What colour is Bo?').hits.some((hit) => hit.kind === 'patch')).toBe(true);
    expect(ask('Where does Bo sleep?').hits.some((hit) => hit.kind === 'patch')).toBe(false);
  });
});
