// BM25 over facts and cards: MiniSearch with our own words (folded, stemmed, without function words).

import MiniSearch from 'minisearch';
import type { Concept, ConceptId, Fact, FactId } from './types';
import { synonymsOf } from './synonyms';
import { contentStems, foldedWords, stem } from './words';

export interface TextMatch {
  readonly conceptId: ConceptId;
  readonly factId: FactId | undefined; // undefined: the card
  readonly score: number; // BM25+
  readonly stems: readonly string[]; // which of the question's stems matched
}

export interface TextIndex {
  /** Documents that share a stem with the question, best first; `within` limits the concepts. */
  search(stems: readonly string[], within?: ReadonlySet<ConceptId>): TextMatch[];
  /** Whether a folded word stands in any fact or card: then it is a value, not a stranger's name. */
  knows(folded: string): boolean;
}

// The very word says more than one like it. 0.5 lets two synonyms equal one word; 0.3 was not tried.
const SYNONYM_WEIGHT = 0.5;

/** Search terms, synonyms among them, each with the stems of the question it stands for. */
function askedTerms(stems: readonly string[]): Map<string, Set<string>> {
  const terms = new Map<string, Set<string>>();
  for (const root of stems) {
    for (const term of [root, ...synonymsOf(root)]) terms.set(term, (terms.get(term) ?? new Set()).add(root));
  }
  return terms;
}

interface Entry {
  readonly id: number;
  readonly conceptId: ConceptId;
  readonly factId: FactId | undefined;
  readonly text: string;
}

/** Index of a whole memory; 1,000 facts take 50 ms of processor time. */
export function buildTextIndex(concepts: readonly Concept[], facts: readonly Fact[]): TextIndex {
  const entries: Entry[] = [];
  for (const fact of facts) {
    entries.push({ id: entries.length, conceptId: fact.conceptId, factId: fact.id, text: fact.text });
  }
  for (const { id: conceptId, card } of concepts) {
    if (card === undefined) continue;
    const marks = card.fingerprints.map(({ part, descriptor }) => `${part} ${descriptor}`).join(' ');
    entries.push({
      id: entries.length,
      conceptId,
      factId: undefined,
      text: `${card.category} ${card.caption} ${marks}`,
    });
  }
  const words = new Set(entries.flatMap(({ text }) => foldedWords(text)));
  const index = new MiniSearch<Entry>({
    fields: ['text'],
    tokenize: contentStems,
    processTerm: (term) => term,
  });
  index.addAll(entries);
  return {
    search(stems, within) {
      if (stems.length === 0) return [];
      const asked = askedTerms(stems);
      const results = index.search([...asked.keys()].join(' '), {
        // Stems are joined and split again at blanks only: they were stemmed once already.
        tokenize: (joined) => joined.split(' '),
        boostTerm: (term) => (stems.includes(term) ? 1 : SYNONYM_WEIGHT),
        // One edit from six letters on: a typo in a fact should not hide it.
        fuzzy: (term) => (term.length >= 6 ? 1 : false),
        ...(within === undefined
          ? {}
          : {
              filter: ({ id }) => {
                const entry = entries[id as number];
                return entry !== undefined && within.has(entry.conceptId);
              },
            }),
      });
      return results.flatMap(({ id, score, queryTerms }) => {
        const entry = entries[id as number];
        if (entry === undefined) return [];
        return [
          {
            conceptId: entry.conceptId,
            factId: entry.factId,
            score,
            stems: [...new Set(queryTerms.flatMap((term) => [...(asked.get(term) ?? [])]))],
          },
        ];
      });
    },
    knows: (folded) => words.has(folded) || words.has(stem(folded)),
  };
}
