// Which facts of the concepts a question is about bear on it, by recall's log odds.

import type { Recall } from './recall';
import type { Ask } from './shared-question';
import type { ConceptId, Fact, FactId } from './types';
import type { Judged } from './unnamed';

// [Note: Recall] Of a concept that is named, shown or meant, recall's log odds choose the facts the question asks for; under RECALL_FLOOR nothing
// is linked. It lies where as much is refused of the unanswerable questions of two writers recall never read, 0.72 (training/notes/dev.txt and
// dev-even.txt, mostly near misses). What is linked is believed over mini's doubt: on those notes mini refused 0.2 of the right facts it
// was handed behind a name and 0.35 behind "she", and 0.1 of the wrong ones, so its doubt says nothing.
export const RECALL_FLOOR = -0.75;
// Where the same is asked of several, or several things of one, what is known of one speaks for the others: a fact may be less sure by
// itself if the best of all are sure enough on average. Read off questions about two concepts of the same notes.
const SHARED_FLOOR = -2.75;
const SHARED_MEAN = -1.25;
const CERTAIN_NOT = -6; // less likely counts as this
const RECALL_MARGIN = 1.5; // a fact this much less likely than the best is a distraction
const RECALL_MOST = 3;

/** What was asked of one concept, as recall judges its facts. */
export interface Put {
  readonly conceptId: ConceptId;
  readonly judged: readonly (readonly Judged[])[]; // for each thing asked, best first
  readonly described: boolean; // its description has spoken for it: core/unnamed.ts
}

/** Facts that bear on a question, of one concept: likeliest first; `sure`: the one that answers each thing asked. */
export interface Bearing {
  readonly facts: readonly Judged[];
  readonly sure: readonly FactId[];
  readonly isWhole: boolean; // each thing asked has one
}

/** `before`: how its facts were judged already. Cost: recall once a wording. */
export async function put(
  recall: Recall,
  asks: readonly Ask[],
  facts: readonly Fact[],
  before: readonly Judged[] | undefined,
  signal: AbortSignal,
): Promise<Omit<Put, 'conceptId'>> {
  if (before !== undefined) return { judged: [before], described: true };
  const judged: (readonly Judged[])[] = [];
  for (const ask of asks) judged.push(await judge(recall, ask, facts, signal));
  return { judged, described: false };
}

/** Best first, each by the wording that suits it best. */
async function judge(recall: Recall, ask: Ask, facts: readonly Fact[], signal: AbortSignal): Promise<Judged[]> {
  const texts = facts.map(({ text }) => text);
  const best = texts.map(() => -Infinity);
  for (const wording of ask) {
    (await recall.odds(wording, texts, signal)).forEach((odds, at) => {
      best[at] = Math.max(best[at] as number, odds);
    });
  }
  const judged = facts.map((fact, at): Judged => ({ fact, odds: best[at] as number, score: best[at] as number }));
  return judged.sort((a, b) => b.score - a.score);
}

/** `shared`: the same is asked of several. */
export function bearingFacts(puts: readonly Put[], shared: boolean): ReadonlyMap<ConceptId, Bearing> {
  const bests = puts.flatMap(({ judged, described }) =>
    described ? [] : judged.map(([first]) => Math.max(first?.odds ?? -Infinity, CERTAIN_NOT)),
  );
  const several = bests.length > 1 && (shared || puts.length === 1);
  const mean = bests.reduce((sum, odds) => sum + odds, 0) / Math.max(1, bests.length);
  const floor = several && mean >= SHARED_MEAN ? SHARED_FLOOR : RECALL_FLOOR;
  return new Map(
    puts.map(({ conceptId, judged, described }) => {
      const linked = judged.map((facts) => {
        const least = Math.max(described ? -Infinity : floor, (facts[0]?.odds ?? 0) - RECALL_MARGIN);
        return facts.filter(({ odds }) => odds >= least).slice(0, RECALL_MOST);
      });
      const sure = idsOf(linked.flatMap((facts) => facts.slice(0, 1)));
      return [conceptId, { facts: inTurn(linked), sure, isWhole: linked.every((facts) => facts.length > 0) }];
    }),
  );
}

/** Without the check: all of them, and sure of none. */
export function likeliestFacts(puts: readonly Put[]): ReadonlyMap<ConceptId, Bearing> {
  return new Map(puts.map(({ conceptId, judged }) => [conceptId, { facts: inTurn(judged), sure: [], isWhole: true }]));
}

/** Of those asked about together, whom no fact answers for, where one does for another. */
export function untoldOf(bearing: ReadonlyMap<ConceptId, Bearing>, shared: boolean): ConceptId[] {
  const told = [...bearing.values()].some(({ sure }) => sure.length > 0);
  return shared && told ? [...bearing].filter(([, { sure }]) => sure.length === 0).map(([id]) => id) : [];
}

/** Whether of several things asked of one concept some are answered and some are not. */
export function isPartly(bearing: ReadonlyMap<ConceptId, Bearing>): boolean {
  return [...bearing.values()].some(({ sure, isWhole }) => sure.length > 0 && !isWhole);
}

/** The best of each list, then the second of each; each fact once. */
function inTurn(lists: readonly (readonly Judged[])[]): Judged[] {
  const out = new Map<FactId, Judged>();
  for (let rank = 0; rank < Math.max(0, ...lists.map(({ length }) => length)); rank++) {
    for (const list of lists) {
      const one = list[rank];
      if (one !== undefined && !out.has(one.fact.id)) out.set(one.fact.id, one);
    }
  }
  return [...out.values()];
}

function idsOf(judged: readonly Judged[]): FactId[] {
  return [...new Set(judged.map(({ fact }) => fact.id))];
}
