// Stage 1, enrol: checks what the user gave and says in a sentence what is wrong. Duplicates are found, limits are stated.

import { AppError } from '../errors';
import { hashParts } from '../hash';
import { shrinkPixels } from '../image';
import type { ConceptId, Pixels } from '../types';
import { fold } from '../words';

/** Limits of one enrolment. Photos are shrunk before they are stored, so the byte limit guards memory, not disk. */
export const ENROL_LIMITS = {
  nameLength: 80, // fits one line of the page and 40 tokens of the prompt
  factLength: 300, // about 80 tokens: three of them leave room for the turn in mini's context
  aliases: 12,
  factsPerConcept: 200,
  photosPerAct: 60,
  photoBytes: 40 * 1024 * 1024, // a 100-megapixel JPEG; above it decoding may end the tab
  photoEdgePx: 1024, // what is kept: twice the crop a VLM tile looks at
} as const;

/** A concept as far as names go. */
export interface Named {
  readonly id: ConceptId;
  readonly name: string;
  readonly aliases: readonly string[];
}

/** The name tidied. Throws 'bad-input' when empty or too long, 'duplicate' when another concept has it. */
export function checkName(name: string, others: readonly Named[], self?: ConceptId): string {
  const tidy = name.replace(/\s+/g, ' ').trim();
  if (!/[\p{L}\p{N}]/u.test(tidy)) throw new AppError('bad-input', 'Give it a name, so that you can ask about it.');
  if (tidy.length > ENROL_LIMITS.nameLength) {
    throw new AppError('bad-input', `That name is too long. Use at most ${ENROL_LIMITS.nameLength} characters.`);
  }
  const folded = fold(tidy);
  for (const other of others) {
    if (other.id === self) continue;
    if (fold(other.name) === folded) {
      throw new AppError(
        'duplicate',
        `You already have “${other.name}”. Add to it, or choose a name that tells them apart.`,
      );
    }
    if (other.aliases.some((alias) => fold(alias) === folded)) {
      throw new AppError(
        'duplicate',
        `“${other.name}” is already called “${tidy}” too. Choose a name that tells them apart.`,
      );
    }
  }
  return tidy;
}

/** Aliases tidied, without the name itself and without doubles. Throws like `checkName`. */
export function checkAliases(
  aliases: readonly string[],
  name: string,
  others: readonly Named[],
  self?: ConceptId,
): string[] {
  const seen = new Set([fold(name)]);
  const kept: string[] = [];
  for (const alias of aliases) {
    if (alias.trim() === '') continue;
    const tidy = checkName(alias, others, self);
    if (seen.has(fold(tidy))) continue;
    seen.add(fold(tidy));
    kept.push(tidy);
  }
  if (kept.length > ENROL_LIMITS.aliases) {
    throw new AppError('bad-input', `Use at most ${ENROL_LIMITS.aliases} other names.`);
  }
  return kept;
}

/** Facts from lines: trimmed, list marks off, without empties, doubles and those known already. Throws 'bad-input' when one is too long. */
export function splitFacts(lines: readonly string[], known: readonly string[] = []): string[] {
  const seen = new Set(known.map(sameFact));
  const facts: string[] = [];
  for (const line of lines.flatMap((text) => text.split(/\r?\n/))) {
    const fact = line
      .replace(/^\s*(?:[-*•–]|\d+[.)])\s+/, '')
      .replace(/\s+/g, ' ')
      .trim();
    if (!/[\p{L}\p{N}]/u.test(fact)) continue;
    if (fact.length > ENROL_LIMITS.factLength) {
      throw new AppError(
        'bad-input',
        `A fact may have ${ENROL_LIMITS.factLength} characters; this one has ${fact.length}: “${fact.slice(0, 60)}…”. Split it in two.`,
      );
    }
    const key = sameFact(fact);
    if (seen.has(key)) continue;
    seen.add(key);
    facts.push(fact);
  }
  if (facts.length + known.length > ENROL_LIMITS.factsPerConcept) {
    throw new AppError('bad-input', `One thing may have ${ENROL_LIMITS.factsPerConcept} facts.`);
  }
  return facts;
}

/** Throws 'too-large' or 'bad-image' for a file that is not worth decoding. */
export function checkPhotoFile(fileName: string, bytes: number): void {
  if (bytes === 0) throw new AppError('bad-image', `“${fileName}” is empty.`);
  if (bytes > ENROL_LIMITS.photoBytes) {
    throw new AppError(
      'too-large',
      `“${fileName}” has ${Math.round(bytes / 2 ** 20)} MB; ${ENROL_LIMITS.photoBytes / 2 ** 20} MB is the most.`,
    );
  }
}

/**
 * Equal for two photos that look the same at 32 × 32 with 5 bits a channel: the same file dropped twice, or its lossless
 * copy. A difference hash was tried on paper and left: on plain grounds it calls different photos equal.
 */
export function pixelHash(pixels: Pixels): string {
  const small = shrinkPixels(pixels, 32, 32).data;
  const coarse = new Uint8Array(small.length);
  for (let i = 0; i < small.length; i++) coarse[i] = (small[i] as number) >> 3;
  return hashParts([`${pixels.widthPx}x${pixels.heightPx}`, coarse]);
}

function sameFact(text: string): string {
  return fold(text)
    .replace(/[\s.!]+$/, '')
    .replace(/\s+/g, ' ');
}
