// Concepts of an exact number of memory tokens, words only: what is prefilled or linked is then the same for every model, and
// full prefill is spared the vision encoder, which would flatter linking.

import { cardSegment, factSegment } from '../src/core/prompt';
import type { Segment } from '../src/core/types';
import type { VlmModel } from '../src/runtime/vlm-model';
import { segmentIds } from '../src/runtime/prefill';
import type { BenchConcept } from './content';

/** 16 concepts make 1,024 memory tokens, the size that issue 4 is judged at. */
export const TOKENS_A_CONCEPT = 64;

/** The concept with a card and one note that together are exactly `TOKENS_A_CONCEPT` tokens for this model. */
export function sizedConcept(model: VlmModel, made: BenchConcept): BenchConcept {
  const { concept, facts } = made;
  const [fact] = facts;
  if (!concept.card || !fact) throw new Error('a bench concept without a card or a fact');
  const card = cardSegment({ ...concept.card, caption: `${concept.name} stands on a light floor.`, fingerprints: [] });
  const left = TOKENS_A_CONCEPT - tokensOf(model, card);
  const text = exactText(
    model,
    facts.map((one) => one.text),
    (words) => factSegment(concept.name, words),
    left,
  );
  const conceptId = concept.id;
  return {
    ...made,
    facts: [{ ...fact, text }],
    blocks: [
      { source: { kind: 'card', conceptId }, segment: card },
      { source: { kind: 'fact', conceptId, factId: fact.id }, segment: factSegment(concept.name, text) },
    ],
  };
}

/** The facts' words over and over until they fill `tokens`; the last gap is closed with "a", one token everywhere. */
function exactText(
  model: VlmModel,
  facts: readonly string[],
  segmentOf: (words: string) => Segment,
  tokens: number,
): string {
  const words = facts.join(' ').split(/\s+/);
  let text = words[0] ?? 'It';
  for (let i = 1; tokensOf(model, segmentOf(text)) < tokens; i++) {
    const longer = `${text} ${words[i % words.length] ?? 'a'}`;
    text = tokensOf(model, segmentOf(longer)) <= tokens ? longer : `${text} a`;
  }
  const got = tokensOf(model, segmentOf(text));
  if (got !== tokens) throw new Error(`a note of ${got} tokens where ${tokens} were wanted`);
  return text;
}

function tokensOf(model: VlmModel, segment: Segment): number {
  return segmentIds(model, segment).length;
}
