// Errors of retrieval made on purpose, to measure what an answer suffers when some of what is linked has no part in it.

import { createRng, seedOf, shuffle } from './random';
import type { ConceptId } from './types';

/**
 * Of `concepts`, some that were not found, so many that they are `share` (0..1, not 1) of all that is linked on average; where nothing was
 * found, as for one. What is over whole ones is rounded by chance: at 0.1 one question about one concept in nine gets one. Each share has those
 * of the smaller ones too. The same for the same question and seed.
 */
export function wrongHits(
  question: string,
  found: readonly ConceptId[],
  concepts: readonly ConceptId[],
  { share, seed }: { readonly share: number; readonly seed: number },
): ConceptId[] {
  const own = (seed ^ seedOf(question)) >>> 0;
  const wanted = (Math.max(1, found.length) * share) / (1 - share);
  const count = Math.floor(wanted) + Number(createRng(own)() < wanted % 1);
  const others = concepts.filter((id) => !found.includes(id));
  return shuffle(others, own).slice(0, count);
}
