// What an answer rests on: texts of linked blocks for reflection, and the sources shown under it.

import { sourceId } from '../core/stages/encode';
import type { LinkedText } from '../core/stages/reflect';
import type { Retrieved } from '../core/stages/retrieve';
import type { BlockSource, ConceptId, SourceRef } from '../core/types';
import { contentStems } from '../core/words';
import type { MemoryState } from './context';

/** The words of linked cards and facts; patches have none. */
export function linkedTexts(state: MemoryState, sources: readonly BlockSource[]): LinkedText[] {
  return sources.flatMap((source) => {
    const ref = refOf(state, source);
    if (ref === undefined || ref.kind === 'patch') return [];
    const { conceptId, name, text } = ref;
    return [{ id: sourceId(source), conceptId, name, text }];
  });
}

/**
 * Linked sources with those that carry the answer first. When some do, facts and cards that do not are left out: a source that
 * says nothing about the answer misleads. Patches stay: they are what was looked at.
 */
export function sourcesOf(
  state: MemoryState,
  sources: readonly BlockSource[],
  support: readonly string[],
  found: Retrieved,
): SourceRef[] {
  const rank = new Map(support.map((id, index) => [id, index]));
  const kept = sources.filter((source) => source.kind === 'patch' || rank.size === 0 || rank.has(sourceId(source)));
  const order = (source: BlockSource): number => rank.get(sourceId(source)) ?? support.length;
  kept.sort((a, b) => order(a) - order(b));
  const refs = kept.map((source) => refOf(state, source)).filter((ref) => ref !== undefined);
  return [...refs, ...matchedPhotos(state, found, refs)];
}

/** The stored photo by which a concept was recognised, with its best patch, unless it is a source already. */
function matchedPhotos(state: MemoryState, found: Retrieved, refs: readonly SourceRef[]): SourceRef[] {
  return found.hits.flatMap((hit) => {
    if (hit.kind !== 'concept' || hit.photoId === undefined) return [];
    if (refs.some((ref) => ref.kind === 'patch' && ref.photoId === hit.photoId)) return [];
    const patch = state.patches.filter((other) => other.photoId === hit.photoId).sort((a, b) => b.score - a.score)[0];
    if (patch === undefined) return [];
    const ref = refOf(state, { kind: 'patch', conceptId: hit.conceptId, photoId: patch.photoId, patchId: patch.id });
    return ref === undefined ? [] : [ref];
  });
}

/** The fact that comes nearest to an unanswered question: recall's likeliest or a hit first, else any that shares a word. */
export function nearestFact(
  state: MemoryState,
  question: string,
  found: Retrieved,
  noMemory: boolean,
): string | undefined {
  if (noMemory) return undefined;
  const hit = found.hits.filter((other) => other.kind === 'fact').sort((a, b) => b.score - a.score)[0];
  const match = found.strangers.length > 0 ? undefined : state.index.search(contentStems(question))[0];
  const factId = found.nearest ?? hit?.factId ?? match?.factId;
  const fact = state.facts.find((other) => other.id === factId);
  return fact === undefined ? undefined : `${nameOf(state, fact.conceptId)}: ${fact.text}`;
}

function refOf(state: MemoryState, source: BlockSource): SourceRef | undefined {
  const { conceptId } = source;
  const name = nameOf(state, conceptId);
  switch (source.kind) {
    case 'card': {
      const card = state.concepts.find((concept) => concept.id === conceptId)?.card;
      if (card === undefined) return undefined;
      const marks = card.fingerprints.map(({ part, descriptor }) => ` ${part}: ${descriptor};`).join('');
      return { kind: 'card', conceptId, name, text: `${card.category}. ${card.caption}${marks}` };
    }
    case 'fact': {
      const fact = state.facts.find((other) => other.id === source.factId);
      return fact === undefined ? undefined : { kind: 'fact', conceptId, name, factId: fact.id, text: fact.text };
    }
    case 'patch': {
      const patch = state.patches.find((other) => other.id === source.patchId);
      if (patch === undefined) return undefined;
      return { kind: 'patch', conceptId, name, photoId: patch.photoId, patchId: patch.id, box: patch.box };
    }
    default:
      return source satisfies never;
  }
}

function nameOf(state: MemoryState, id: ConceptId): string {
  return state.concepts.find((concept) => concept.id === id)?.name ?? '';
}
