// Stage 8, reflect, for cues: SLC's rule (arXiv 2508.07260). What a verifier, asked on the image, denies is not believed.

import { besideWords, type Beside, type PhotoCue } from '../cues';
import { withArticle } from '../look';
import type { Place } from '../whereabouts';
import type { Box, ConceptId } from '../types';
import { foldedWords } from '../words';

export type ClaimField = 'absolute' | 'relative' | 'presence';

/** One yes/no question on the image. It names kinds of things, never whose they are: any model can answer it. */
export interface Claim {
  readonly conceptId: ConceptId;
  readonly name: string; // of the concept, for the trace
  readonly field: ClaimField;
  readonly question: string;
  readonly category: string;
  readonly place?: Place | undefined; // the question as values, for eyes that answer in numbers
  readonly beside?: Beside | undefined;
  readonly box?: Box | undefined; // where the cue saw it
}

/**
 * Asks one question on the image. The probability of yes where the verifier gives one, else 1 or 0; an unsure or empty answer is 0,
 * as in the paper. `undefined`: this verifier cannot be asked that (its eyes have no number for such a thing), so nothing follows.
 */
export type AskYesNo = (claim: Claim) => Promise<number | undefined>;

export interface ReflectOptions {
  /** Ask about absent cues too: a yes makes them present, without a place. The paper never does. */
  readonly reaskAbsent: boolean;
  /** Weigh answers against the cue's own confidence by their log odds, instead of counting yes and no. */
  readonly weigh: boolean;
  /** Before two no's erase a cue, ask whether it is there at all: two wrong places are not yet an absence. The paper never does. */
  readonly lastQuestion: boolean;
}

/** The paper's rule. */
export const SLC_RULE: ReflectOptions = { reaskAbsent: false, weigh: false, lastQuestion: false };

export interface ClaimFate {
  readonly claim: Claim;
  readonly yes: number | undefined; // undefined: it could not be asked
  readonly fate: 'kept' | 'field erased' | 'erased' | 'found' | 'still absent' | 'not asked';
  readonly ms?: number | undefined; // what asking it took, where somebody has measured
}

export interface ReflectedCues {
  readonly cues: readonly PhotoCue[];
  readonly fates: readonly ClaimFate[];
  readonly calls: number;
}

/** Every question that reflection may ask about these cues, in its order. */
export function claimsOf(cues: readonly PhotoCue[], options: ReflectOptions): Claim[] {
  return cues.flatMap((cue) => {
    if (!cue.present) return options.reaskAbsent ? [presenceOf(cue)] : [];
    return [...placesOf(cue), ...(options.lastQuestion ? [presenceOf(cue)] : [])];
  });
}

/**
 * SLC: each place of a *present* cue is asked of the image. Two no's erase the cue, one no erases the place it denies. A cue with one place
 * hangs on it alone; one without any is asked whether it is there. Questions are asked one after the other: a verifier runs one at a time.
 */
export async function reflectCues(
  cues: readonly PhotoCue[],
  ask: AskYesNo,
  options: ReflectOptions,
): Promise<ReflectedCues> {
  const fates: ClaimFate[] = [];
  const judged: PhotoCue[] = [];
  for (const cue of cues) {
    const result = cue.present
      ? await reflectPresent(cue, ask, options)
      : options.reaskAbsent
        ? await reaskAbsent(cue, ask, options)
        : { cue, fates: [] };
    judged.push(result.cue);
    fates.push(...result.fates);
  }
  return { cues: judged, fates, calls: fates.filter(({ yes }) => yes !== undefined).length };
}

interface Judged {
  readonly cue: PhotoCue;
  readonly fates: readonly ClaimFate[];
}

async function reflectPresent(cue: PhotoCue, ask: AskYesNo, options: ReflectOptions): Promise<Judged> {
  const places = placesOf(cue);
  const claims = places.length > 0 ? places : [presenceOf(cue)];
  const answers: { claim: Claim; yes: number | undefined }[] = [];
  for (const claim of claims) answers.push({ claim, yes: await ask(claim) });
  const known = answers.flatMap(({ yes }) => (yes === undefined ? [] : [yes]));
  const denied = known.length > 0 && known.every((yes) => yes < 0.5);
  let stays = !denied;
  if (denied && options.weigh) stays = evidence(cue, known) > 0;
  let last: { claim: Claim; yes: number | undefined } | undefined;
  if (!stays && options.lastQuestion && places.length > 0) {
    const claim = presenceOf(cue);
    last = { claim, yes: await ask(claim) };
    const yes = last.yes ?? (options.weigh ? 0.5 : 0);
    stays = options.weigh ? yes >= CLEAR || evidence(cue, [...known, yes]) > 0 : yes >= 0.5;
  }
  // Weighed, a place that was found with confidence outlives a mild no, as the cue does.
  const holds = (yes: number): boolean => (options.weigh ? evidence(cue, [yes]) > 0 : yes >= 0.5);
  const fates = answers.map(({ claim, yes }): ClaimFate => ({ claim, yes, fate: fateOf(yes, stays, holds, claim) }));
  if (last !== undefined) {
    fates.push({ ...last, fate: last.yes === undefined ? 'not asked' : stays ? 'kept' : 'erased' });
  }
  if (!stays) return { cue: { ...cue, present: false, where: {}, attributes: [] }, fates };
  const gone = new Set(fates.filter(({ fate }) => fate === 'field erased').map(({ claim }) => claim.field));
  const { absolute, place, relative, beside, box } = cue.where;
  const where = {
    ...(gone.has('absolute') ? {} : { absolute, place, box }),
    ...(gone.has('relative') ? {} : { relative, beside }),
  };
  return { cue: { ...cue, where }, fates };
}

async function reaskAbsent(cue: PhotoCue, ask: AskYesNo, options: ReflectOptions): Promise<Judged> {
  const claim = presenceOf(cue);
  const yes = await ask(claim);
  if (yes === undefined) return { cue, fates: [{ claim, yes, fate: 'not asked' }] };
  const found = options.weigh ? evidence(cue, [yes]) > 0 : yes >= 0.5;
  return {
    cue: found ? { ...cue, present: true } : cue,
    fates: [{ claim, yes, fate: found ? 'found' : 'still absent' }],
  };
}

function fateOf(
  yes: number | undefined,
  stays: boolean,
  holds: (yes: number) => boolean,
  { field }: Claim,
): ClaimFate['fate'] {
  if (yes === undefined) return 'not asked';
  if (!stays) return 'erased';
  return holds(yes) || field === 'presence' ? 'kept' : 'field erased';
}

/** A thing that is clearly there outweighs places that are wrong: they may be all that is. */
const CLEAR = 0.9;

/** Log odds of the cue after the answers: a sure cue outlives a mild no, a doubtful one does not. */
function evidence({ confidence }: PhotoCue, answers: readonly number[]): number {
  return [confidence, ...answers].reduce((sum, p) => sum + logOdds(p), 0);
}

/** Of a probability, nowhere surer than 0.99: no single answer decides alone. */
function logOdds(p: number): number {
  const q = Math.min(0.99, Math.max(0.01, p));
  return Math.log(q / (1 - q));
}

// ---------------------------------------------------------------- questions

// Plain questions, without "Answer yes or no." and instructions: models answer them with a yes or a no first anyway, and mini behind
// `transformers serve` reads 20 of 24 right so, 3 with both.

function placesOf({ conceptId, name, category, where }: PhotoCue): Claim[] {
  const claims: Claim[] = [];
  const the = withArticle(category);
  const base = { conceptId, name, category };
  if (where.absolute !== undefined) {
    const question = `Is there ${the} ${where.absolute} of the picture?`;
    claims.push({ ...base, field: 'absolute', question, place: where.place, box: where.box });
  }
  if (where.relative !== undefined) {
    const relative = where.beside === undefined ? where.relative : besideWords(where.beside);
    claims.push({ ...base, field: 'relative', question: `Is there ${the} ${relative}?`, beside: where.beside });
  }
  return claims;
}

function presenceOf({ conceptId, name, category, where }: PhotoCue): Claim {
  return {
    conceptId,
    name,
    category,
    field: 'presence',
    box: where.box,
    question: `Is there ${withArticle(category)} in the picture?`,
  };
}

/** Whether a model's words to a yes/no question are a yes; anything else, empty included, is a no. */
export function isYes(answer: string): boolean {
  return foldedWords(answer)[0] === 'yes';
}
