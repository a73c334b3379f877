// Which facts a question asks for that names nobody: "how old is my sister's dog", "who can mend the roof".

import type { Recall } from './recall';
import type { TextIndex, TextMatch } from './text-index';
import type { Concept, ConceptId, Fact } from './types';
import { contentStems } from './words';

/** A fact with the log odds that it answers the question; `score`, by which facts are ranked, adds what else speaks for its concept. */
export interface Judged {
  readonly fact: Fact;
  readonly odds: number;
  readonly score: number;
}

/** A concept that the question may be about, with what it asks of it. */
export interface Meant {
  readonly conceptId: ConceptId;
  readonly score: number;
  readonly judged: readonly Judged[]; // best first, never empty
}

// [Note: Unnamed] A question that names nobody says whom it means in two ways: by what is asked ("the wifi password": one fact alone is like
// it) and by describing ("my sister's dog": words of other facts of the concept). So recall judges the facts that are nearest to the question in
// meaning, those that share words with it, and those of the concepts whose facts together hold most of its words; a concept's score is its best
// fact's log odds and DESCRIBED times the share of the question's words that stand with the concept. A word counts by how few concepts have it.
// Read off the development half of a written crowd of 100 concepts (bench/suites/crowd-dev.json): 3 instead of 5 loses a twentieth of the right facts
// among the first three; a floor of 1 instead of 2 links 0.08 more of the right facts and lets 0.36 more of the unanswerable questions through.
const DESCRIBED = 5;
/** Nobody is meant below. */
const MEANT_FLOOR = 2;
/** A concept scored this much less than the best was not meant. */
const MEANT_MARGIN = 1;
const MOST_CONCEPTS = 3;

const NEAREST = 8; // facts by meaning
const BY_WORDS = 4; // facts by words
const DESCRIBED_MOST = 2; // concepts all of whose facts are judged
const JUDGED_MOST = 20; // each may have to be read first

interface Known {
  readonly concepts: readonly Concept[];
  readonly facts: readonly Fact[];
  readonly index: TextIndex;
}

/** What a question that names nobody may be about. */
export interface Sought {
  readonly meant: readonly Meant[]; // best first; none where nothing in memory answers
  readonly judged: readonly Judged[]; // of everybody, best first
}

/** Cost: two runs of recall, and one more a fact that was not read yet. */
export async function meantBy(
  question: string,
  stems: readonly string[],
  { concepts, facts, index }: Known,
  recall: Recall,
  signal: AbortSignal,
): Promise<Sought> {
  const matches = index.search(stems);
  const described = descriptions(stems, matches, concepts);
  const near = await recall.nearest(
    question,
    facts.map(({ text }) => text),
    NEAREST,
    signal,
  );
  const byConcept = [...described].sort((a, b) => b[1] - a[1]).slice(0, DESCRIBED_MOST);
  const ids = new Set([
    ...near.map((at) => facts[at]?.id),
    ...matches.flatMap(({ factId }) => factId ?? []).slice(0, BY_WORDS),
  ]);
  const wholly = new Set(byConcept.map(([id]) => id));
  const candidates = [
    ...facts.filter(({ id }) => ids.has(id)),
    ...facts.filter(({ id, conceptId }) => !ids.has(id) && wholly.has(conceptId)),
  ].slice(0, JUDGED_MOST);
  if (candidates.length === 0) return { meant: [], judged: [] };
  const odds = await recall.odds(
    question,
    candidates.map(({ text }) => text),
    signal,
  );
  const meant = new Map<ConceptId, Judged[]>();
  candidates.forEach((fact, at) => {
    const judged = odds[at] ?? -Infinity;
    const score = judged + DESCRIBED * (described.get(fact.conceptId) ?? 0);
    meant.set(fact.conceptId, [...(meant.get(fact.conceptId) ?? []), { fact, odds: judged, score }]);
  });
  const ranked = [...meant].map(([conceptId, judged]): Meant => {
    judged.sort((a, b) => b.score - a.score);
    return { conceptId, score: judged[0]?.score ?? -Infinity, judged };
  });
  ranked.sort((a, b) => b.score - a.score);
  const least = Math.max(MEANT_FLOOR, (ranked[0]?.score ?? 0) - MEANT_MARGIN);
  return {
    meant: ranked.filter(({ score }) => score >= least).slice(0, MOST_CONCEPTS),
    judged: ranked.flatMap(({ judged }) => judged).sort((a, b) => b.score - a.score),
  };
}

/** Of each concept, how much of what the question says stands in its name, card and facts together, 0..1. */
function descriptions(
  stems: readonly string[],
  matches: readonly TextMatch[],
  concepts: readonly Concept[],
): Map<ConceptId, number> {
  const held = new Map<ConceptId, Set<string>>();
  const holds = (id: ConceptId, stem: string): void => {
    const own = held.get(id) ?? new Set();
    held.set(id, own.add(stem));
  };
  for (const match of matches) for (const stem of match.stems) holds(match.conceptId, stem);
  for (const { id, name, aliases } of concepts) {
    const words = new Set([name, ...aliases].flatMap(contentStems));
    for (const stem of stems) if (words.has(stem)) holds(id, stem);
  }
  const rarity = new Map(
    stems.map((stem) => {
      const having = [...held.values()].filter((own) => own.has(stem)).length;
      return [stem, Math.log(1 + concepts.length / Math.max(1, having))];
    }),
  );
  const all = stems.reduce((sum, stem) => sum + (rarity.get(stem) ?? 0), 0);
  return new Map(
    [...held].map(([id, own]) => [
      id,
      [...own].reduce((sum, stem) => sum + (rarity.get(stem) ?? 0), 0) / Math.max(all, 1e-9),
    ]),
  );
}
