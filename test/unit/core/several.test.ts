// What follows from facts about several things, and that nothing is concluded where they cannot be compared.
import { describe, expect, it } from 'vitest';
import { conclusionOf, ofSeveral, type Told } from '../../../src/core/several';

const told = (facts: Readonly<Record<string, string>>): Told[] =>
  Object.entries(facts).map(([name, text]) => ({ name, text }));

describe('a comparison', () => {
  it.each([
    [
      'Who is heavier, Pickle or Zsa Zsa?',
      { Pickle: '3.8 kg last time', 'Zsa Zsa': '5 kilos is fine' },
      'Zsa Zsa is heavier.',
    ],
    ['which is lighter', { Bo: 'weighs 900 g', Max: 'weighs two kilos' }, 'Bo is lighter.'],
    ['Who is older, Bo or Mia?', { Bo: 'He is 7.', Mia: 'She turned nine in May.' }, 'Mia is older.'],
    ['who is younger', { Bo: '8 months old', Mia: 'a year and a half' }, 'Bo is younger.'],
    ['who is older', { Captain: 'was born in 1998', Gherkin: 'from 1961, he had him' }, 'Gherkin is older.'],
    [
      'Which was cheaper, the mug or the lamp?',
      { 'the mug': 'cost £6.50', 'the lamp': 'was £1,200 new' },
      'The mug is cheaper.',
    ],
    ['which is dearer', { ring: 'valued at 2,150', bike: 'paid 140 all in' }, 'The ring is dearer.'],
    [
      'what comes first, the wedding or the trip?',
      { wedding: 'sat 6 june, 1pm', trip: 'fly thurs 9 oct 7.05' },
      'The wedding is earlier.',
    ],
    ['who goes sooner', { Ravi: 'stays till 3 july', Pri: 'moving out end of september' }, 'Ravi is earlier.'],
    ['which starts later', { class: 'weds 6.15 in the hut', training: 'tues 5.30' }, 'The class is later.'],
    ['which is longer', { rope: '2 m long', pole: '150 cm' }, 'The rope is longer.'],
    ['who is the oldest', { A: 'is 4', B: 'is 6', C: 'is 5' }, 'B is the oldest.'],
    ['who is older', { A: 'is 4', B: '4 years old' }, 'Neither is older.'],
    ['Is Bo older than Mia?', { Bo: 'is 7', Mia: 'is 4' }, 'So yes: Bo is older.'],
    ['is bo heavier than mia', { Bo: '3 kg', Mia: '4 kg' }, 'So no: Mia is heavier.'],
  ])('%s %j: %s', (question, facts, conclusion) => expect(conclusionOf(question, told(facts))).toBe(conclusion));

  it.each([
    ['an age and a year of birth', 'who is older', { Bo: 'is 7', Mia: 'born in 2015' }],
    ['pounds and euros', 'which is dearer', { a: 'cost £5', b: 'cost 7 euros' }],
    ['a day with its year and one without', 'which is earlier', { a: '3 may 2026', b: '4 june' }],
    ['one fact without a quantity', 'who is heavier', { Bo: '3 kg', Mia: 'quite fat' }],
    ['one thing alone', 'who is heavier', { Bo: '3 kg' }],
    ['no comparison', 'what do they weigh', { Bo: '3 kg', Mia: '4 kg' }],
  ])('of %s concludes nothing', (_, question, facts) => expect(conclusionOf(question, told(facts))).toBeUndefined());

  it('of two facts about one of them concludes nothing', () => {
    const facts = [...told({ Bo: '3 kg', Mia: '4 kg' }), { name: 'Bo', text: '5 kg' }];
    expect(conclusionOf('who is heavier', facts)).toBeUndefined();
  });

  it('of which one is unknown concludes nothing and says so', () => {
    const facts = told({ Bo: '3 kg', Mia: '4 kg' });
    expect(ofSeveral('You noted that', 'who is heavier', facts, ['the mug', 'my cat'])).toBe(
      "You noted that. I don't know that of the mug and your cat.",
    );
  });
});

describe('an answer about several', () => {
  it('ends as a sentence before what follows from it', () => {
    const facts = told({ Bo: 'is 7', Mia: 'is 4' });
    expect(ofSeveral('Bo is 7 and Mia is 4.', 'who is older', facts, [])).toBe('Bo is 7 and Mia is 4. Bo is older.');
    expect(ofSeveral('“is 7” and “is 4”', 'who is older', facts, [])).toBe('“is 7” and “is 4”. Bo is older.');
  });

  it('says that a part of the question has no answer', () =>
    expect(ofSeveral('“combo 7309”', 'cost and combo', told({ bike: 'combo 7309' }), [], true)).toBe(
      "“combo 7309”. I don't know the rest.",
    ));

  it('is left as it is where nothing follows', () =>
    expect(ofSeveral('“snores”', 'does bo snore', told({ Bo: 'snores' }), [])).toBe('“snores”'));
});
