// Stage 5, retrieve: which concepts, facts and patches bear on the question; nobody when none does.

import { bearingFacts, isPartly, likeliestFacts, put, RECALL_FLOOR, untoldOf, type Put } from '../bearing';
import type { PhotoMatch } from '../match';
import type { Recall } from '../recall';
import { findCategories, findNames, unknownNames, type NameMatch } from '../names';
import { asksForLooks, asksOrigin, asksWho, kindFit, wantedKind } from '../question-kind';
import type { TextIndex, TextMatch } from '../text-index';
import type { Concept, ConceptId, Cue, Fact, FactId, Hit, HitReason, Patch } from '../types';
import { asksOfEach, isShared } from '../shared-question';
import { askedAbout, beginsLeaning, hasPronoun, isElliptical, leansOnPerson, sameAgain } from '../leaning';
import { wrongHits } from '../wrong-hits';
import { meantBy, type Judged, type Sought } from '../unnamed';
import { contentStems, wordsOf } from '../words';

/** Memory as retrieval sees it; `index` is built over the same concepts and facts. */
export interface MemoryView {
  readonly concepts: readonly Concept[];
  readonly facts: readonly Fact[];
  readonly patches: readonly Patch[];
  readonly index: TextIndex;
  /** Which facts a question asks for whatever its words; without it facts are found by their words alone. */
  readonly recall?: Recall | undefined;
}

export interface RetrieveOptions {
  readonly factsPerConcept: number;
  readonly factsInAll: number;
  readonly leastFacts: number; // linked for a named concept even when only fewer share a word with the question
  readonly concepts: number;
  readonly patchesPerConcept: number;
  /** Whether a fact must bear on the question, by recall's odds; else as many as may be are linked, likeliest first, and the model is to choose. */
  readonly bears: boolean;
  /** Concepts put among those found that have no part in the question, as errors of retrieval would: `wrongHits`. Measurements only. */
  readonly wrong?: { readonly share: number; readonly seed: number };
}

/**
 * Six facts a concept and twelve in all: what mini is trained to read at once (training/mini/generator.py). Where no match is sure all
 * six are linked, since the right one may share no word with the question: in an invented memory of 45 concepts the right fact
 * is linked in 0.97 of the questions so, in 0.89 with four and three (training's held-out wordings, 412 questions).
 */
export const RETRIEVE_DEFAULTS: RetrieveOptions = {
  factsPerConcept: 6,
  factsInAll: 12,
  leastFacts: 6,
  concepts: 4,
  patchesPerConcept: 1,
  bears: true,
};

export interface Retrieved {
  readonly hits: readonly Hit[]; // concepts first, then their facts and patches
  readonly cues: readonly Cue[]; // empty without a photo
  readonly strangers: readonly string[]; // names in the question that nobody has
  readonly sure: readonly FactId[]; // facts that answer it, one a concept at most: see [Note: Recall]
  readonly ranked: readonly FactId[]; // facts that recall judged, likeliest first, whether linked or not
  readonly nearest: FactId | undefined; // the likeliest of them, if it is worth showing
  readonly untold: readonly ConceptId[]; // of those asked about together, whom no fact answers for, where one does for another
  readonly partly: boolean; // of several things asked of one, some have no answer
  readonly leans: boolean; // on the exchange before it: "she", "and Tom?"
  readonly note: string; // for the trace
}

// Every second topic word at least must be found when no concept is named: "Where does zorro sleep?" shares only "sleep"
// with a fact (1 of 2), "Who sleeps on the blue sofa?" all three. Tried: 0.5 lets the stranger through.
const COVERAGE = 0.6;
const COVERAGE_WHO = 0.5; // "Who plays the clarinet?" names nobody by intent, so half will do: "practises the clarinet"
// A fact that shares half of the question's topic and holds the kind of thing it wants needs no company: each fact more is one
// more that mini can take for the answer. On its held-out rows 1.7 facts are linked so, and 96 % of the answers are among them.
const SURE = 0.5;
const NEAR_BEST = 0.35; // facts scored under this share of the best are about something else

const RECALL_NEAREST = -6; // likelier facts are worth showing beside "I don't know"
const UNNAMED_NEAREST = -2; // of anybody's facts, where nobody is named: the right ones of crowd-dev.json are all above

const NEVER = new AbortController().signal;

/**
 * `matches`: what the photo shows (core/match.ts), undefined without a photo. `previous`: concepts of the last turn, for "she"
 * and "and how old?"; `asked`: the question of that turn, whose topic "and Tom?" takes over.
 */
export async function retrieve(
  question: string,
  memory: MemoryView,
  matches: readonly PhotoMatch[] | undefined,
  previous: readonly ConceptId[],
  options: RetrieveOptions = RETRIEVE_DEFAULTS,
  asked = '',
  signal = NEVER,
): Promise<Retrieved> {
  const named = [...findNames(question, memory.concepts)];
  named.sort((a, b) => Math.min(...a.words) - Math.min(...b.words)); // answered in the question's order
  const strangers = unknownNames(question, named, memory.index);
  const shown = (matches ?? []).filter((match) => match.present);
  const chosen = new Map<ConceptId, { score: number; by: HitReason; match?: PhotoMatch }>();
  const add = (id: ConceptId, score: number, by: HitReason, match?: PhotoMatch): void => {
    const known = chosen.get(id);
    if (known === undefined) chosen.set(id, { score, by, ...(match === undefined ? {} : { match }) });
    else if (match !== undefined && known.match === undefined) chosen.set(id, { ...known, match });
  };

  for (const name of named) add(name.conceptId, name.score, 'name');
  for (const match of shown) add(match.conceptId, match.probability, 'photo', match);
  if (named.length === 0 && strangers.length === 0) {
    for (const { conceptId, score } of findCategories(question, memory.concepts, matches !== undefined)) {
      add(conceptId, score, 'name');
    }
  }
  const own = topicOf(question, named);
  // "and Tom?", "and the one for Tom's bike?", not "Where is Tom?"
  const leavesOpen = named.length > 0 && (!asksSomething({ text: question, stems: own }) || sameAgain(question));
  const taken = leavesOpen ? topicOf(asked, findNames(asked, memory.concepts)) : [];
  const stems = [...own, ...taken];
  let found: TextMatch[] = [];
  let sought: Sought = { meant: [], judged: [] };
  const nobody = (): boolean => chosen.size === 0;
  if (nobody() && strangers.length === 0 && matches === undefined) {
    if (hasPronoun(question)) for (const id of meant(previous, memory)) add(id, 0.6, 'carry-over');
    // "Where does she live?" with nobody to mean by it is a question about a stranger.
    if (nobody() && !leansOnPerson(question)) {
      if (memory.recall !== undefined) sought = await meantBy(question, stems, memory, memory.recall, signal);
      for (const { conceptId, score } of sought.meant) add(conceptId, score, 'text');
      if (sought.meant.length === 0) {
        found = covering(memory.index.search(stems), stems, asksWho(question) ? COVERAGE_WHO : COVERAGE);
        for (const match of found) add(match.conceptId, match.score, 'text');
      }
    }
    if (nobody() && isElliptical(question, stems, memory.index, previous)) {
      for (const id of previous) add(id, 0.5, 'carry-over');
    }
  }

  const live = new Set(memory.concepts.map((concept) => concept.id));
  const concepts = [...chosen].filter(([id]) => live.has(id)).slice(0, options.concepts);
  if (options.wrong !== undefined) {
    const found = concepts.map(([id]) => id);
    for (const id of wrongHits(question, found, [...live], options.wrong))
      concepts.push([id, { score: 0.5, by: 'name' }]);
  }
  const hits: Hit[] = concepts.map(([conceptId, { score, by, match }]) => ({
    kind: 'concept',
    conceptId,
    score,
    by,
    ...(match === undefined ? {} : { place: match.place, photoId: match.photoId }),
  }));
  const [whom] = memory.concepts.filter(({ id }) => named.some(({ conceptId }) => conceptId === id));
  const topic = { text: taken.length > 0 ? askedAbout(asked, whom, memory.concepts) : question, stems };
  const told = await factHits(question, topic, memory, concepts, { found, sought }, options, signal);
  hits.push(...told.hits);
  hits.push(...patchHits(question, memory, concepts, matches !== undefined, options));
  const leans = asked !== '' && (taken.length > 0 || hasPronoun(question) || beginsLeaning(question));
  return {
    hits,
    cues: cuesOf(matches, chosen),
    strangers,
    sure: told.sure,
    ranked: told.ranked,
    nearest: told.nearest,
    untold: told.untold,
    partly: told.partly,
    leans,
    note: noteOf(hits, strangers, matches),
  };
}

/** Whom a pronoun means: the last turn's concepts, or the only one there is. */
function meant(previous: readonly ConceptId[], { concepts }: MemoryView): readonly ConceptId[] {
  if (previous.length > 0) return previous;
  return concepts.length === 1 ? concepts.map((concept) => concept.id) : [];
}

/** What the question asks about: content stems without the names in it. */
function topicOf(question: string, named: readonly NameMatch[]): string[] {
  const taken = new Set(named.flatMap((match) => match.words));
  const rest = wordsOf(question)
    .filter((_, at) => !taken.has(at))
    .map((word) => word.raw)
    .join(' ');
  return [...new Set(contentStems(rest))];
}

/** Matches that cover enough of the question, and come near the best. */
function covering(matches: readonly TextMatch[], stems: readonly string[], least: number): TextMatch[] {
  const enough = matches.filter((match) => match.stems.length / Math.max(1, stems.length) >= least);
  const best = enough[0]?.score ?? 0;
  return enough.filter((match) => match.score >= best * NEAR_BEST);
}

type FactHit = Hit & { readonly kind: 'fact' };

/** What a question asks about: its words, or those of the one it leans on, and the stems of its topic. */
interface Topic {
  readonly text: string;
  readonly stems: readonly string[];
}

async function factHits(
  question: string,
  topic: Topic,
  memory: MemoryView,
  concepts: readonly (readonly [ConceptId, { readonly score: number; readonly by: HitReason }])[],
  { found, sought }: { readonly found: readonly TextMatch[]; readonly sought: Sought },
  options: RetrieveOptions,
  signal: AbortSignal,
): Promise<Pick<Retrieved, 'hits' | 'sure' | 'ranked' | 'nearest' | 'untold' | 'partly'>> {
  const chosen = concepts.flatMap(([id]) => memory.concepts.find((concept) => concept.id === id) ?? []);
  const asked = asksOfEach(topic.text, chosen, memory.concepts);
  const lists = new Map<ConceptId, readonly FactHit[]>();
  const puts: Put[] = [];
  for (const [conceptId, { by }] of concepts) {
    const own = memory.facts.filter((fact) => fact.conceptId === conceptId);
    const before = sought.meant.find((one) => one.conceptId === conceptId)?.judged;
    if (memory.recall === undefined || (by === 'text' && before === undefined) || !asksSomething(topic)) {
      lists.set(conceptId, byWords(question, topic.stems, conceptId, own, matchesOf(conceptId, by), by, options));
      continue;
    }
    lists.set(conceptId, []); // in its place until all are judged
    const asks = asked.get(conceptId) ?? [[topic.text]];
    puts.push({ conceptId, ...(await put(memory.recall, asks, own, before, signal)) });
  }
  const bearing = options.bears
    ? bearingFacts(puts, isShared(topic.text, chosen, memory.concepts))
    : likeliestFacts(puts);
  for (const [conceptId, { by }] of concepts) {
    const linked = bearing.get(conceptId);
    if (linked === undefined) continue;
    const shared = new Set(matchesOf(conceptId, by).map(({ factId }) => factId));
    const hitOf = ({ fact, odds }: Judged): FactHit => ({
      kind: 'fact',
      conceptId,
      factId: fact.id,
      score: odds - RECALL_FLOOR,
      by: shared.has(fact.id) ? 'text' : by,
    });
    lists.set(conceptId, linked.facts.map(hitOf));
  }
  // Round robin: with many concepts each keeps its best facts.
  const hits: FactHit[] = [];
  for (let rank = 0; rank < options.factsPerConcept; rank++) {
    for (const list of lists.values()) {
      const hit = list[rank];
      if (hit !== undefined && hits.length < options.factsInAll) hits.push(hit);
    }
  }
  const all = [...sought.judged, ...puts.flatMap(({ judged, described }) => (described ? [] : judged.flat()))];
  all.sort((a, b) => b.score - a.score);
  const likely = [...new Set(all.map(({ fact }) => fact.id))];
  const worth = sought.judged.length > 0 ? UNNAMED_NEAREST : RECALL_NEAREST;
  return {
    hits,
    sure: [...bearing.values()].flatMap((linked) => linked.sure),
    ranked: likely,
    nearest: (all[0]?.odds ?? -Infinity) > worth ? likely[0] : undefined,
    untold: untoldOf(bearing, isShared(topic.text, chosen, memory.concepts)),
    partly: isPartly(bearing),
  };

  function matchesOf(conceptId: ConceptId, by: HitReason): TextMatch[] {
    const matches = by === 'text' ? found : memory.index.search(topic.stems, new Set([conceptId]));
    return matches.filter((match) => match.conceptId === conceptId && match.factId !== undefined);
  }
}

/** Facts of one concept by the words they share with the question; where none does, all that fit. */
function byWords(
  question: string,
  stems: readonly string[],
  conceptId: ConceptId,
  own: readonly Fact[],
  matches: readonly TextMatch[],
  by: HitReason,
  options: RetrieveOptions,
): FactHit[] {
  const best = matches[0]?.score ?? 0;
  const scores = new Map(matches.filter((match) => match.score >= best * NEAR_BEST).map((m) => [m.factId, m.score]));
  const matched = own
    .filter((fact) => scores.has(fact.id))
    .sort((a, b) => (scores.get(b.id) ?? 0) - (scores.get(a.id) ?? 0));
  const rest = own.filter((fact) => !scores.has(fact.id));
  rest.sort((a, b) => (kindFit(question, b.text) ?? 0) - (kindFit(question, a.text) ?? 0)); // stable: else as the user wrote them
  // A fact found by its words brings only itself; a named concept brings facts that may say it in other words.
  const top = matched[0];
  const covered = (matches[0]?.stems.length ?? 0) / Math.max(1, stems.length);
  const sure = top !== undefined && covered >= SURE && kindFit(question, top.text) !== 0;
  const least = matched.length === 0 ? options.factsPerConcept : options.leastFacts;
  const wanted = by === 'text' || sure ? matched.length : least;
  const facts = [...matched, ...rest.slice(0, Math.max(0, wanted - matched.length))];
  return facts.slice(0, options.factsPerConcept).map((fact) => ({
    kind: 'fact',
    conceptId,
    factId: fact.id,
    score: scores.get(fact.id) ?? 0,
    by: scores.has(fact.id) ? 'text' : by,
  }));
}

/** Not "Bo?" or "Tell me about Bo": those want all there is. */
function asksSomething({ text, stems }: Topic): boolean {
  return stems.length > 0 || wantedKind(text) !== undefined || asksOrigin(text); // whose words are all function words
}

function patchHits(
  question: string,
  memory: MemoryView,
  concepts: readonly (readonly [
    ConceptId,
    { readonly score: number; readonly by: HitReason; readonly match?: PhotoMatch },
  ])[],
  hasPhoto: boolean,
  options: RetrieveOptions,
): Hit[] {
  const looks = asksForLooks(question);
  return concepts.flatMap(([conceptId, { by, match }]) => {
    // With a photo, the stored patches that made the match are its evidence; without one, looks must be asked for.
    if (!looks && !(hasPhoto && match !== undefined)) return [];
    const own = memory.patches.filter((patch) => patch.conceptId === conceptId);
    const near = match === undefined ? own : own.filter((patch) => patch.photoId === match.photoId);
    const order = [...(near.length > 0 ? near : own)].sort(
      (a, b) => Number(b.by === 'user') - Number(a.by === 'user') || b.score - a.score || a.id.localeCompare(b.id),
    );
    return order.slice(0, options.patchesPerConcept).map(({ photoId, id, score }): Hit => ({
      kind: 'patch',
      conceptId,
      photoId,
      patchId: id,
      score,
      by,
    }));
  });
}

/** What is said about the photo: everyone present, and everyone asked for by name who is not. */
function cuesOf(
  matches: readonly PhotoMatch[] | undefined,
  chosen: ReadonlyMap<ConceptId, { readonly by: HitReason }>,
): Cue[] {
  return (matches ?? [])
    .filter((match) => match.present || chosen.get(match.conceptId)?.by === 'name')
    .map(({ conceptId, present, place, probability }) => ({
      conceptId,
      present,
      place: present ? place : undefined,
      probability,
    }));
}

function noteOf(
  hits: readonly Hit[],
  strangers: readonly string[],
  matches: readonly PhotoMatch[] | undefined,
): string {
  const count = (kind: Hit['kind'], one: string): string[] => {
    const n = hits.filter((hit) => hit.kind === kind).length;
    return n === 0 ? [] : [`${n} ${one}${n === 1 ? '' : kind === 'patch' ? 'es' : 's'}`];
  };
  const parts = [...count('concept', 'concept'), ...count('fact', 'fact'), ...count('patch', 'patch')];
  if (parts.length > 0) return parts.join(', ');
  if (strangers.length > 0) return `nobody called ${strangers.join(', ')}`;
  return matches === undefined ? 'nothing that bears on it' : 'nobody I know in the photo';
}
