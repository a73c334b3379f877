// What a check-up says: accuracy beside the no-memory run, what is taken for what, and which photo would help most.

import { isRight, saysDontKnow } from './grade';
import { CHECK_UP_KINDS, type CheckUpConcept, type CheckUpKind, type CheckUpQuestion } from './check-up';
import type { ConceptId, PhotoId } from './types';

/** One question with what was answered. */
export interface CheckUpAnswer {
  readonly question: CheckUpQuestion;
  readonly got: string; // of 'patch' the chosen patch's id
  readonly gotWithout: string; // the same question with no memory
}

export interface Tally {
  readonly n: number;
  readonly right: number;
  readonly rightWithout: number;
  readonly rightFirst: number; // always the first of the shuffled options
}

export interface Confusion {
  readonly conceptId: ConceptId;
  readonly takenFor: ConceptId;
  readonly times: number;
  readonly photoIds: readonly PhotoId[];
}

/** The photo that would help a concept most, and why. */
export interface PhotoHelp {
  readonly conceptId: ConceptId;
  readonly why: 'no-photo' | 'one-photo' | 'taken-for-another' | 'not-recognised';
  /** Of the two last: the photo that memory did not know without its help; one more like it would. */
  readonly photoId: PhotoId | undefined;
  readonly takenFor: ConceptId | undefined;
}

export interface CheckUpReport {
  readonly all: Tally;
  readonly concepts: readonly (Tally & { readonly conceptId: ConceptId; readonly name: string })[]; // weakest first
  readonly kinds: Readonly<Partial<Record<CheckUpKind, Tally>>>;
  readonly confusions: readonly Confusion[]; // most frequent first
  readonly help: readonly PhotoHelp[]; // most needed first
}

export function isAnswerRight(question: CheckUpQuestion, got: string, concepts: readonly CheckUpConcept[]): boolean {
  if (question.kind === 'patch') return got === question.answer;
  const { answer } = question;
  if (answer === null) return saysDontKnow(got);
  const names = concepts.map(({ name }) => name);
  const isName = question.kind === 'recognise' || question.kind === 'sibling';
  // Any other name is wrong in an answer that is a name, offered or not; elsewhere names say nothing.
  const distractors = [...question.options, ...(isName ? names : [])].filter((option) => option !== answer);
  return isRight(got, { answer, distractors, names: isName ? [] : names });
}

export function reportOf(answers: readonly CheckUpAnswer[], concepts: readonly CheckUpConcept[]): CheckUpReport {
  const tally = (which: (answer: CheckUpAnswer) => boolean): Tally => {
    const own = answers.filter(which);
    const count = (got: (answer: CheckUpAnswer) => string): number =>
      own.filter((answer) => isAnswerRight(answer.question, got(answer), concepts)).length;
    return {
      n: own.length,
      right: count(({ got }) => got),
      rightWithout: count(({ gotWithout }) => gotWithout),
      rightFirst: count(({ question }) => question.options[0] ?? ''),
    };
  };
  const kinds: Partial<Record<CheckUpKind, Tally>> = {};
  for (const kind of CHECK_UP_KINDS) {
    const one = tally(({ question }) => question.kind === kind);
    if (one.n > 0) kinds[kind] = one;
  }
  const confusions = confusionsIn(answers, concepts);
  return {
    all: tally(() => true),
    concepts: concepts
      .map(({ id, name }) => ({ conceptId: id, name, ...tally(({ question }) => question.conceptId === id) }))
      .sort((a, b) => share(a) - share(b) || a.name.localeCompare(b.name)),
    kinds,
    confusions,
    help: helpFor(answers, concepts, confusions),
  };
}

/** Nothing asked counts as nothing wrong. */
function share({ n, right }: Tally): number {
  return n === 0 ? 1 : right / n;
}

function confusionsIn(answers: readonly CheckUpAnswer[], concepts: readonly CheckUpConcept[]): Confusion[] {
  const found = new Map<string, { conceptId: ConceptId; takenFor: ConceptId; photoIds: PhotoId[] }>();
  for (const { question, got } of answers) {
    if (question.kind === 'attribute' || isAnswerRight(question, got, concepts)) continue;
    const takenFor = takenForIn(question, got, concepts);
    if (takenFor === undefined || takenFor === question.conceptId) continue;
    const key = `${question.conceptId} ${takenFor}`;
    const one = found.get(key) ?? { conceptId: question.conceptId, takenFor, photoIds: [] };
    const photoId = question.kind === 'patch' ? question.hidden.photos[0] : question.photoId;
    if (photoId !== undefined) one.photoIds.push(photoId);
    found.set(key, one);
  }
  return [...found.values()]
    .map((one) => ({ ...one, times: one.photoIds.length, photoIds: [...new Set(one.photoIds)] }))
    .sort((a, b) => b.times - a.times || a.conceptId.localeCompare(b.conceptId));
}

/** Whom a wrong answer names: the longest name in it, or the owner of the patch that was chosen. */
function takenForIn(
  question: CheckUpQuestion,
  got: string,
  concepts: readonly CheckUpConcept[],
): ConceptId | undefined {
  if (question.kind === 'patch') {
    return concepts.find(({ photos }) => photos.some(({ patches }) => patches.some((id) => id === got)))?.id;
  }
  if (saysDontKnow(got)) return undefined;
  const named = concepts
    .filter(({ id, name }) => id !== question.conceptId && isRight(got, { answer: name, distractors: [], names: [] }))
    .sort((a, b) => b.name.length - a.name.length);
  return named[0]?.id;
}

const ORDER: readonly PhotoHelp['why'][] = ['no-photo', 'taken-for-another', 'not-recognised', 'one-photo'];

function helpFor(
  answers: readonly CheckUpAnswer[],
  concepts: readonly CheckUpConcept[],
  confusions: readonly Confusion[],
): PhotoHelp[] {
  const help = concepts.flatMap((concept): PhotoHelp[] => {
    const base = { conceptId: concept.id, photoId: undefined, takenFor: undefined };
    if (concept.photos.length === 0) return [{ ...base, why: 'no-photo' }];
    const confused = confusions.find(({ conceptId, photoIds }) => conceptId === concept.id && photoIds.length > 0);
    if (confused !== undefined) {
      return [{ ...base, why: 'taken-for-another', photoId: confused.photoIds[0], takenFor: confused.takenFor }];
    }
    const missed = answers.find(
      ({ question, got }) =>
        question.kind === 'recognise' && question.conceptId === concept.id && !isAnswerRight(question, got, concepts),
    )?.question;
    if (missed?.kind === 'recognise') return [{ ...base, why: 'not-recognised', photoId: missed.photoId }];
    return concept.photos.length === 1 ? [{ ...base, why: 'one-photo' }] : [];
  });
  return help.sort((a, b) => ORDER.indexOf(a.why) - ORDER.indexOf(b.why));
}
