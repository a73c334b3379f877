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
const ask = (question: string, previous: string[] = [], matches?: PhotoMatch[]): Promise<Retrieved> =>
  retrieve(question, memory, matches, previous as ConceptId[]);
const named = (found: Retrieved): string[] =>
  found.hits.flatMap((hit) => (hit.kind === 'concept' ? [hit.conceptId] : []));
const factsOf = (found: Retrieved): string[] => found.hits.flatMap((hit) => (hit.kind === 'fact' ? [hit.factId] : []));

describe('one word of a longer name', () => {
  const more: MemoryView = {
    ...memory,
    concepts: [
      ...concepts,
      concept('ottilie', 'Aunt Ottilie', 'person'),
      concept('rasheed', 'Uncle Rasheed', 'person'),
      concept('kyoto', 'the Kyoto trip', 'trip'),
      concept('lake', 'the cabin at Lake Juva', 'place'),
      concept('lake-2', 'the Lake Garda house', 'place'),
    ],
  };
  const whom = async (question: string): Promise<string[]> => named(await retrieve(question, more, undefined, []));
  it.each([
    ['what must i leave out for ottilie', ['ottilie']],
    ["when is rasheed's birthday", ['rasheed']],
    ['what did the kyoto seats cost', ['kyoto']],
    ['how far is juva', ['lake']],
    ['how is the lake', []], // of two
    ['what does my aunt drink', []], // a title is nobody's name
    ["what is dad's name", []], // an owner is not what he owns
  ])('%s', async (question, expected) => expect(await whom(question)).toEqual(expected));
});

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
  ])('%s', async (question, expected) => {
    const found = await ask(question);
    expect(named(found).sort()).toEqual([...expected].sort());
    expect(found.hits[0]?.by).toBe('name');
  });

  it.each([
    'Where does Zorro sleep?',
    'Where does zorro sleep?',
    'What is Max allergic to?',
    "Where is Hannah's violin?",
    'How old is Boris?',
  ])('nobody for a stranger: %s', async (question) => expect((await ask(question)).hits).toEqual([]));

  it('keeps to whom it knows when a stranger stands beside', async () => {
    expect(named(await ask('Does Bo like Zorro?'))).toEqual(['bo']);
  });

  it('does not take a word of a fact for a stranger', async () => {
    expect(named(await ask('Who lives in Lisbon?'))).toEqual(['zoe']);
  });
});

describe('categories', () => {
  it.each([
    ['Where does my dog sleep?', ['bo']],
    ['What does our cat hate?', ['penelope']],
    ['Where is my mug?', ['mug', 'blue-mug']], // two of them: both, by their cards
    ['Which of my mugs holds more?', ['mug', 'blue-mug']],
    ['What do dogs eat?', []], // dogs in general
  ])('%s', async (question, expected) => expect(named(await ask(question))).toEqual(expected));

  it('leave "this dog" to the photo', async () => {
    expect(named(await ask('Where does this dog sleep?', [], []))).toEqual([]);
    expect(named(await ask('Where does my dog sleep?', [], []))).toEqual(['bo']);
  });
});

describe('facts', () => {
  it('links those that bear on the question, best first', async () => {
    expect(factsOf(await ask('Where does Bo sleep?'))[0]).toBe('bo-0');
    expect(factsOf(await ask('What is Bo allergic to?'))[0]).toBe('bo-1');
    expect(factsOf(await ask('When was Bo born?'))[0]).toBe('bo-3');
  });

  it('links some that share no word, the kind that is asked for first', async () => {
    const found = await ask('Which town does Bo come from?');
    expect(factsOf(found)).toContain('bo-2');
    expect(factsOf(await ask('Tell me about Bo.')).length).toBe(RETRIEVE_DEFAULTS.factsPerConcept);
  });

  it('never links a whole biography', async () => {
    for (const question of ['Tell me about Bo.', 'Where does Bo sleep?', 'Bo and Penelope and Zoë?']) {
      const found = await ask(question);
      expect(factsOf(found).length).toBeLessThanOrEqual(RETRIEVE_DEFAULTS.factsInAll);
      expect(factsOf(found).filter((id) => id.startsWith('bo-')).length).toBeLessThanOrEqual(
        RETRIEVE_DEFAULTS.factsPerConcept,
      );
    }
  });

  it('finds whom a fact is about when nobody is named', async () => {
    const found = await ask('Who sleeps on the blue sofa?');
    expect(named(found)).toEqual(['bo']);
    expect(factsOf(found)).toEqual(['bo-0']);
    expect(found.hits[0]?.by).toBe('text');
    expect(named(await ask('Who was scared of the vacuum cleaner?'))).toEqual(['penelope']);
  });

  it('finds nothing for a question about something else', async () => {
    expect((await ask('What is the capital of France?')).hits).toEqual([]);
    expect((await ask('')).hits).toEqual([]);
  });
});

describe('recall', () => {
  // Knows one thing, that "nap" asks for "sleeps", and doubts another.
  const recall: Recall = {
    odds: (question, facts) =>
      Promise.resolve(
        facts.map((fact) => {
          if (fact.includes('allergic')) return -0.8; // doubtful, whatever is asked
          return question.includes('nap') && fact.includes('sleeps') ? 3 : -9;
        }),
      ),
    nearest: () => Promise.resolve([]),
    prepare: () => Promise.resolve(),
  };
  const found = (question: string): Promise<Retrieved> => retrieve(question, { ...memory, recall }, undefined, []);
  const by = async (question: string): Promise<string[]> => factsOf(await found(question));

  it('links the fact that is asked for in other words, alone', async () =>
    expect(await by('Where does Bo nap?')).toEqual(['bo-0']));
  it('is sure of it, and of nothing else', async () => {
    expect((await found('Where does Bo nap?')).sure).toEqual(['bo-0']);
    expect((await found('How much does Bo weigh?')).sure).toEqual([]);
    expect((await ask('Where does Bo sleep?')).sure).toEqual([]); // without recall mini alone judges
  });

  it('is asked where something is from, whose words are all function words', async () => {
    const origin: Recall = {
      ...recall,
      odds: (question, texts) =>
        Promise.resolve(texts.map((fact) => (/from\?$/.test(question) && fact.includes('Utrecht') ? 3 : -9))),
    };
    const asked = await retrieve('Where is Bo from?', { ...memory, recall: origin }, undefined, []);
    expect(factsOf(asked)).toEqual(['bo-2']);
    expect(asked.sure).toEqual(['bo-2']);
  });

  it('is asked about each of several concepts without its name, and of places without a topic', async () => {
    const asked: string[] = [];
    const heard: Recall = {
      odds: (question, facts) => {
        asked.push(question);
        return Promise.resolve(facts.map(() => -9));
      },
      nearest: () => Promise.resolve([]),
      prepare: () => Promise.resolve(),
    };
    const hear = (question: string): Promise<Retrieved> =>
      retrieve(question, { ...memory, recall: heard }, undefined, []);
    await hear('Where do Bo and Penelope nap?');
    expect(asked.splice(0).sort()).toEqual(['Where does it nap?', 'Where does it nap?']);
    await hear('Where is Bo and when does Penelope eat?');
    expect(asked.splice(0).sort()).toEqual(['Where is it', 'when does it eat?']);
    await retrieve(
      'and Penelope?',
      { ...memory, recall: heard },
      undefined,
      ['bo' as ConceptId],
      RETRIEVE_DEFAULTS,
      "What's bo's fear?",
    );
    expect(asked.splice(0)).toEqual(["What's its fear?"]);
    await hear('Tell me about Bo.');
    expect(asked).toEqual([]);
  });

  it("names none of anybody's facts where nobody is named and none is likely", async () => {
    const hears = (odds: number): Promise<Retrieved> =>
      retrieve(
        'how tall is the tower',
        {
          ...memory,
          recall: {
            ...recall,
            odds: (_, texts) => Promise.resolve(texts.map(() => odds)),
            nearest: () => Promise.resolve([0, 1]),
          },
        },
        undefined,
        [],
      );
    expect(await hears(-4)).toMatchObject({ hits: [], nearest: undefined, ranked: ['bo-0', 'bo-1'] });
    expect((await hears(-1)).nearest).toBe('bo-0');
  });

  it('names the likeliest fact though it is not likely enough', async () => {
    expect((await found('How much does Bo weigh?')).nearest).toBe('bo-1');
    expect((await found('How much does Zoë weigh?')).nearest).toBeUndefined(); // all at -9
  });

  it('links no fact when none is asked for', async () => expect(await by('How much does Bo weigh?')).toEqual([]));
  describe('with wrong hits', () => {
    const wrong = { share: 0.5, seed: 1 }; // one wrong concept for each that was found
    const with_ = (options: Partial<typeof RETRIEVE_DEFAULTS>): Promise<Retrieved> =>
      retrieve('Where does Bo nap?', { ...memory, recall }, undefined, [], { ...RETRIEVE_DEFAULTS, ...options });

    it('links none of their facts that does not bear on the question', async () => {
      const found = await with_({ wrong });
      expect(named(found)).toHaveLength(2);
      expect(factsOf(found)).toEqual(['bo-0']);
    });

    it('links them without the check, and is sure of nothing', async () => {
      const found = await with_({ wrong, bears: false });
      const [, intruder] = named(found);
      expect(factsOf(found).some((id) => id.startsWith(`${intruder}-`))).toBe(true);
      expect(factsOf(found)[0]).toBe('bo-0'); // still likeliest first
      expect(found.sure).toEqual([]);
    });
  });

  it('leaves a question about everything everything', async () => expect((await by('Bo?')).length).toBe(6));
});

describe('carry-over', () => {
  it.each(['Where does she live?', 'And the cello?', 'what about her cello', 'When?'])(
    '%s after Zoë',
    async (question) => {
      expect(named(await ask(question, ['zoe']))).toEqual(['zoe']);
    },
  );

  it.each([
    ['Where does Bo sleep?', ['bo']],
    ['Where does Zorro sleep?', []],
    ['where does zorro sleep', []],
    ['What is the capital of France?', []],
  ])('not for %s', async (question, expected) => expect(named(await ask(question, ['zoe']))).toEqual(expected));

  it('means the only concept there is', async () => {
    const [bo] = concepts;
    if (bo === undefined) throw new Error('no concept');
    const found = await retrieve('Where does he sleep?', { ...memory, concepts: [bo] }, undefined, []);
    expect(named(found)).toEqual(['bo']);
  });

  it.each([
    ['and Penelope?', true],
    ['Where does she live?', true],
    ['Where does Penelope sleep?', false],
  ])('knows whether %s leans on the exchange before', async (question, leans) => {
    expect(
      (await retrieve(question, memory, undefined, ['bo' as ConceptId], RETRIEVE_DEFAULTS, 'Where does Bo sleep?'))
        .leans,
    ).toBe(leans);
    expect((await retrieve(question, memory, undefined, [])).leans).toBe(false); // nothing was said before
  });

  it('takes the topic over to another name', async () => {
    const found = await retrieve(
      'and Bo?',
      memory,
      undefined,
      ['zoe' as ConceptId],
      RETRIEVE_DEFAULTS,
      'Where does Penelope sleep?',
    );
    expect(factsOf(found)).toEqual(['bo-0']);
  });

  it('takes no topic over where the question has its own: a place, a time, an amount', async () => {
    const after = (question: string): Promise<Retrieved> =>
      retrieve(question, memory, undefined, ['zoe' as ConceptId], RETRIEVE_DEFAULTS, 'Where does Penelope sleep?');
    expect((await after('and Bo?')).leans).toBe(true);
    expect((await after('Where is Bo?')).leans).toBe(false);
  });

  it('needs a last turn', async () => expect((await ask('Where does she live?')).hits).toEqual([]));
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

  it('brings the concept with its place, facts and best patch', async () => {
    const found = await ask('Where does he sleep?', ['zoe'], [shows('bo', true), shows('mug', false)]);
    expect(found.hits[0]).toMatchObject({ kind: 'concept', conceptId: 'bo', by: 'photo', photoId: 'bo-photo' });
    expect(named(found)).toEqual(['bo']);
    expect(factsOf(found)[0]).toBe('bo-0');
    expect(found.hits.filter((hit) => hit.kind === 'patch')).toMatchObject([{ patchId: 'bo-patch' }]);
    expect(found.cues).toEqual([
      { conceptId: 'bo', present: true, probability: 0.95, place: { x: 0.1, y: 0.2, w: 0.3, h: 0.4 } },
    ]);
  });

  it('of a stranger brings nobody, whoever the last turn was about', async () => {
    expect(await ask('Where does she sleep?', ['zoe'], [shows('bo', false)])).toMatchObject({ hits: [], cues: [] });
  });

  it('says of one asked for by name that it is not there', async () => {
    const found = await ask('Is this Bo?', [], [shows('bo', false)]);
    expect(named(found)).toEqual(['bo']);
    expect(found.cues).toMatchObject([{ conceptId: 'bo', present: false, place: undefined }]);
  });

  it('is not needed for a patch when looks are asked for', async () => {
    expect((await ask('What colour is Bo?')).hits.some((hit) => hit.kind === 'patch')).toBe(true);
    expect((await ask('Where does Bo sleep?')).hits.some((hit) => hit.kind === 'patch')).toBe(false);
  });
});
