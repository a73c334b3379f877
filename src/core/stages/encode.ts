// Stage 3, encode: which blocks a concept needs, and the card made from what the VLM says and what was measured. Pure planning.

import { COLOUR_NAMES, type ColourName } from '../colour';
import { cropPixels, squareBox } from '../image';
import { cardSegment, DONT_KNOW, factSegment, patchSegment } from '../prompt';
import type { BlockSource, Box, Card, Concept, Fact, Fingerprinted, Patch, Photo, Pixels, Segment } from '../types';
import { fold, literal, wordsOf } from '../words';

/** One block to be: text is ready; a patch still needs its crop, since pixels are read only when the block is missing. */
export type PlannedBlock =
  | { readonly kind: 'text'; readonly source: BlockSource; readonly segment: Segment }
  | { readonly kind: 'patch'; readonly source: BlockSource & { readonly kind: 'patch' }; readonly crop: Box };

/**
 * [Note: Visual blocks] What a patch becomes: a *crop* encoded by itself at full resolution (Jarvis), or its *rows* of the K/V of the whole
 * photo (token-level, after Ego): fewer tokens, but less detail, and they have seen what was left out.
 */
export type VisualKind = 'crop' | 'rows';

/** From the table of docs/kv-memory.md. Blocks do not know how they were made: another choice needs another KV_FORMAT. */
export const VISUAL: VisualKind = 'crop';

export function visualSegment(kind: VisualKind, name: string, photo: Pixels, box: Box): Segment {
  return kind === 'crop' ? patchSegment(name, cropPixels(photo, box)) : patchSegment(name, photo, box);
}

const CROP_MARGIN = 0.08; // of the longer side: context for the model, as in Jarvis's crops

/** The blocks of a concept in a fixed order: card, facts as given, patches by photo and score. */
export function planBlocks(
  concept: Concept,
  facts: readonly Fact[],
  patches: readonly Patch[],
  photos: readonly Photo[],
): PlannedBlock[] {
  const plan: PlannedBlock[] = [];
  const conceptId = concept.id;
  if (concept.card !== undefined) {
    plan.push({ kind: 'text', source: { kind: 'card', conceptId }, segment: cardSegment(concept.card) });
  }
  for (const fact of facts) {
    const source = { kind: 'fact', conceptId, factId: fact.id } as const;
    plan.push({ kind: 'text', source, segment: factSegment(concept.name, fact.text) });
  }
  const sizes = new Map(photos.map((photo) => [photo.id, photo]));
  for (const patch of patches) {
    const photo = sizes.get(patch.photoId);
    if (photo === undefined) continue;
    const source = { kind: 'patch', conceptId, photoId: patch.photoId, patchId: patch.id } as const;
    plan.push({ kind: 'patch', source, crop: squareBox(patch.box, photo, CROP_MARGIN) });
  }
  return plan;
}

/** One name per source, to find its block without running the model. */
export function sourceId(source: BlockSource): string {
  switch (source.kind) {
    case 'card':
      return `card/${source.conceptId}`;
    case 'fact':
      return `fact/${source.factId}`;
    case 'patch':
      return `patch/${source.patchId}`;
    default:
      return source satisfies never;
  }
}

/**
 * The card of a concept from the VLM's answers to `prompt.category` and `prompt.describe` and from measured colours. Measured
 * colours win over described ones: mini names shapes better than shades.
 */
export function makeCard(
  name: string,
  answers: { readonly category: string; readonly description: string },
  colours: readonly { readonly name: ColourName; readonly share: number }[],
  told: string | undefined = categoryOfName(name),
): Card {
  const seen = parseCategory(answers.category);
  const category = told ?? seen ?? 'thing';
  const main = colours.filter(({ share }) => share >= 0.25).slice(0, 2); // a quarter: less is trim, shade or leak
  // A model that takes the corgi for a rocket describes a rocket: then only what was measured is said.
  const mistaken = told !== undefined && seen?.endsWith(told) !== true;
  const described = mistaken || isUnsaid(answers.description) ? '' : firstSentence(answers.description);
  const shades = main.map((colour) => colour.name).join(' and ');
  const caption = described !== '' ? described : sentence(`${article(shades || category)} ${shades} ${category}`);
  const fingerprints: Fingerprinted[] = [];
  if (shades !== '') fingerprints.push({ part: 'colour', descriptor: shades });
  for (const mark of describedParts(described)) if (fingerprints.length < 4) fingerprints.push(mark);
  return { name, category, caption, fingerprints, edited: false };
}

/**
 * What the user's own words call it, which beats what a small model sees: "my corgi" among the aliases, "my dog Rex sleeps …" or "Rex is
 * my dog." in a fact, or the head word of a name that describes ("Dad's red mug"). Undefined when they do not say.
 */
export function categoryOfWords(
  name: string,
  aliases: readonly string[],
  facts: readonly string[],
): string | undefined {
  const own = /^(?:my|our|the) (\p{Ll}+)$/u;
  const spoken = literal(name.toLowerCase());
  const named = new RegExp(`\\b(?:my|our) (\\p{L}+) ${spoken}(?!\\p{L})`, 'u');
  const stated = new RegExp(`^${spoken} is (?:my|our) (\\p{L}+(?: \\p{L}+)?)[.!]?$`, 'u');
  for (const alias of aliases) {
    const noun = own.exec(alias.trim())?.[1];
    if (noun !== undefined) return noun;
  }
  const ofName = categoryOfName(name);
  if (ofName !== undefined) return ofName;
  for (const fact of facts) {
    const told = fact.trim().toLowerCase();
    const noun = (named.exec(told) ?? stated.exec(told))?.[1];
    if (noun !== undefined && !/^(?:old|little|dear|best|new|other|own|late|younger|older|favou?rite)\b/.test(noun)) {
      return noun;
    }
  }
  return undefined;
}

/** A card without a photo: what words alone say. */
export function cardOfName(name: string, told: string | undefined = categoryOfName(name)): Card {
  const category = told ?? 'thing';
  return { name, category, caption: '', fingerprints: [], edited: false };
}

/** "It is a coffee mug." → "coffee mug"; undefined when the model does not say. At most three words. */
export function parseCategory(answer: string): string | undefined {
  if (isUnsaid(answer)) return undefined;
  const bare = fold(firstSentence(answer))
    .replace(/[.!?]+$/, '')
    .replace(/^(?:this|that|it|the photo|here)(?:'s| is| shows)?\s+/, '')
    .replace(/^(?:a|an|the|some)\s+/, '')
    .replace(/\s+(?:with|on|in|at|of|that|which)\s.*$/, '');
  const words = bare.split(/\s+/).filter((word) => word !== '' && !(COLOUR_NAMES as readonly string[]).includes(word));
  const kept = words.slice(-3).join(' ');
  return /^[\p{L}][\p{L}\p{N} -]*$/u.test(kept) ? kept : undefined;
}

/** The head word of a name that is a description: "Dad's red mug" → "mug"; a proper name gives undefined. */
export function categoryOfName(name: string): string | undefined {
  const last = wordsOf(name).at(-1);
  if (last === undefined || last.raw !== last.raw.toLowerCase() || !/^\p{L}+$/u.test(last.raw)) return undefined;
  return last.folded;
}

/** "… with a white handle and a red lid" → handle: white, lid: red. Only colours count: they are what can be checked. */
function describedParts(text: string): Fingerprinted[] {
  const marks: Fingerprinted[] = [];
  for (const match of fold(text).matchAll(/\b(?:with|and|has|,)\s+(?:a|an|the|its)?\s*(\w+)\s+(\w+)/g)) {
    const [, descriptor = '', part = ''] = match;
    if ((COLOUR_NAMES as readonly string[]).includes(descriptor) && !['and', 'or', 'colour', 'color'].includes(part)) {
      marks.push({ part, descriptor });
    }
  }
  return marks;
}

function isUnsaid(answer: string): boolean {
  const bare = fold(answer).trim();
  return bare === '' || bare.startsWith(fold(DONT_KNOW).replace(/\.$/, ''));
}

function firstSentence(text: string): string {
  return sentence(/^[^.!?\n]*/.exec(text.trim())?.[0] ?? '');
}

function sentence(text: string): string {
  const tidy = text.replace(/\s+/g, ' ').trim();
  return tidy === '' ? '' : `${tidy.charAt(0).toUpperCase()}${tidy.slice(1)}.`;
}

function article(noun: string): string {
  return /^[aeiou]/i.test(noun) ? 'an' : 'a';
}
