// The prompt as segments. All wording lives in prompt.json, which training/ reads too, so the two cannot drift.

import { hashText } from './hash';
import prompt from './prompt.json';
import type { Box, Card, Pixels, PromptPart, Segment } from './types';

/** Changes whenever a word of prompt.json does; part of every model fingerprint. */
export const PROMPT_VERSION = `${prompt.version}-${hashText(JSON.stringify(prompt)).slice(0, 8)}`;

/** What stands around and for the visual tokens of one image. */
export const IMAGE_MARKS: { readonly start: string; readonly token: string; readonly end: string } = prompt.image;
export const END_OF_TURN: string = prompt.endOfTurn;
export const DONT_KNOW: string = prompt.dontKnow;
export const DESCRIBE: string = prompt.describe;
export const CATEGORY: string = prompt.category;

/** Read before all blocks; every block is encoded right after it. */
export function prefixSegment(): Segment {
  return [{ kind: 'text', text: prompt.prefix }];
}

export function cardSegment(card: Card): Segment {
  const fingerprints = card.fingerprints
    .map(({ part, descriptor }) => fill(prompt.fingerprint, { part, descriptor }))
    .join('');
  return text(prompt.card, { name: card.name, category: card.category, caption: card.caption, fingerprints });
}

export function factSegment(name: string, fact: string): Segment {
  return text(prompt.fact, { name, fact });
}

/** Of a crop, or of a whole photo of which the rows under `keep` make the block. */
export function patchSegment(name: string, pixels: Pixels, keep?: Box): Segment {
  return withImage(fill(prompt.patch, { name }), pixels, keep);
}

/** An earlier turn of the same chat, as it was said. */
export interface Exchange {
  readonly question: string;
  readonly answer: string;
}

/**
 * The live turn: a new photo if there is one, the cue about it, the question; ends where the answer begins. `before` is the
 * exchange the question leans on ("and Tom?"), read as one text with it.
 */
export function turnSegment(question: string, cue = '', photo?: Pixels, before?: Exchange): Segment {
  const said =
    before === undefined
      ? ''
      : fill(prompt.turn, { cue: '', question: before.question }).replace('{image}', '') +
        fill(prompt.answer, { text: before.answer });
  const filled = fill(prompt.turn, { cue, question });
  if (photo !== undefined) return withImage(said + filled, photo);
  return [{ kind: 'text', text: said + filled.replace('{image}', '') }];
}

/** An answer as it stands in the cache once it was decoded: what the next turn of a chat comes after. */
export function answerSegment(answer: string): Segment {
  return text(prompt.answer, { text: answer });
}

/** What the small model's cues say of the photo, in the words the large turn was trained on. */
export function cueSentence(names: readonly string[]): string {
  return names.length === 0 ? prompt.cueUnknown : fill(prompt.cueKnown, { names: joinNames(names) });
}

/** "Bo", "Bo and Mia", "Bo, Mia and Rex". */
export function joinNames(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')}${prompt.listAnd}${names.at(-1) ?? ''}`;
}

/**
 * A user's words made safe to stand in a prompt: one line, and none of the model's own marks ("<image>",
 * "<end_of_utterance>"), which would otherwise be read as structure.
 */
export function plainText(words: string): string {
  return words
    .replace(/<(?=[|a-z/])/gi, '< ')
    .replace(/\s+/g, ' ')
    .trim();
}

function text(template: string, values: Readonly<Record<string, string>>): Segment {
  return [{ kind: 'text', text: fill(template, values) }];
}

/** Puts values in their places in one pass: a value that itself holds "{name}" is not filled again. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (place, key: string) => {
    const value = values[key];
    if (value === undefined) return place;
    const edges = /^(\s*)([\s\S]*?)(\s*)$/.exec(value); // cues and fingerprints bring their own spaces
    return `${edges?.[1] ?? ''}${plainText(edges?.[2] ?? '')}${edges?.[3] ?? ''}`;
  });
}

function withImage(filled: string, pixels: Pixels, keep?: Box): Segment {
  const at = filled.indexOf('{image}');
  const parts: PromptPart[] = [
    { kind: 'text', text: filled.slice(0, at) },
    { kind: 'image', pixels, ...(keep && { keep }) },
    { kind: 'text', text: filled.slice(at + '{image}'.length) },
  ];
  return parts.filter((part) => part.kind === 'image' || part.text !== '');
}
