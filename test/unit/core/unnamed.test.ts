// Questions that name nobody: found by what is asked, by description, or not at all.
import { describe, expect, it } from 'vitest';
import type { Recall } from '../../../src/core/recall';
import { buildTextIndex } from '../../../src/core/text-index';
import type { Concept, ConceptId, Fact, FactId } from '../../../src/core/types';
import { meantBy, type Meant } from '../../../src/core/unnamed';
import { contentStems } from '../../../src/core/words';

const told = {
  Zsazsa: ["Renske's dachshund, thinks she is a queen", 'eats at 6 sharp, one cup', 'back trouble, so no stairs'],
  Gruff: ['wirehaired mutt, ours since 2019', 'lamb kibble only', 'bit the postman'],
  Router: ['password is fennel-otter-9', 'lives behind the telly'],
};
const concepts = Object.keys(told).map((name): Concept => ({
  id: name as ConceptId,
  name,
  aliases: [],
  card: undefined,
  createdAt: 0,
  updatedAt: 0,
}));
const facts = Object.entries(told).flatMap(([name, texts]) =>
  texts.map((text, at): Fact => ({
    id: `${name}/${at + 1}` as FactId,
    conceptId: name as ConceptId,
    text,
    createdAt: 0,
  })),
);
const memory = { concepts, facts, index: buildTextIndex(concepts, facts) };
const never = new AbortController().signal;

/** Thinks that the facts with any of the words answer, and are the nearest in meaning. */
function knowing(words: readonly string[], odds: number, asked: string[][] = []): Recall {
  const likely = (fact: string): boolean => words.some((word) => fact.includes(word));
  return {
    odds: (_, texts) => {
      asked.push([...texts]);
      return Promise.resolve(texts.map((text) => (likely(text) ? odds : -8)));
    },
    nearest: (_, texts, most) =>
      Promise.resolve(
        texts
          .map((text, at) => ({ at, likely: likely(text) }))
          .sort((a, b) => Number(b.likely) - Number(a.likely))
          .slice(0, Math.min(most, 2))
          .map(({ at }) => at),
      ),
    prepare: () => Promise.resolve(),
  };
}
const ask = async (question: string, recall: Recall): Promise<readonly Meant[]> =>
  (await meantBy(question, contentStems(question), memory, recall, never)).meant;
const first = (meant: readonly Meant[]): string | undefined => meant[0]?.judged[0]?.fact.id;

describe('meantBy', () => {
  it('finds the one fact that is asked for, though no word is shared', async () => {
    const meant = await ask('how do i get online', knowing(['password'], 2.5));
    expect(meant.map(({ conceptId }) => conceptId)).toEqual(['Router']);
    expect(first(meant)).toBe('Router/1');
  });

  it('judges all facts of whom the words describe', async () => {
    const asked: string[][] = [];
    const meant = await ask("when is renske's dachshund fed", knowing(['6 sharp', 'kibble'], 0.5, asked));
    expect(asked.flat()).toContain('eats at 6 sharp, one cup');
    expect(meant.map(({ conceptId }) => conceptId)).toEqual(['Zsazsa']); // Gruff's kibble is as likely, but nobody described him
    expect(first(meant)).toBe('Zsazsa/2');
  });

  it('gives several where several are as likely', async () => {
    const meant = await ask('whats on the menu tonight', knowing(['kibble', 'one cup'], 3));
    expect(meant.map(({ conceptId }) => conceptId).sort()).toEqual(['Gruff', 'Zsazsa']);
  });

  it('means nobody where nothing answers, and with no memory', async () => {
    expect(await ask('how tall is the tower', knowing([], 0))).toEqual([]);
    const doubtful = await meantBy('who bit the postman', ['bit', 'postman'], memory, knowing(['postman'], -7), never);
    expect(doubtful.meant).toEqual([]); // the words alone do not answer
    expect(doubtful.judged[0]?.fact.id).toBe('Gruff/3'); // but it is the closest
    const none = { concepts: [], facts: [], index: buildTextIndex([], []) };
    expect(await meantBy('who bit the postman', ['bit'], none, knowing(['postman'], 3), never)).toEqual({
      meant: [],
      judged: [],
    });
  });
});
