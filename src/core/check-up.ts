// The check-up: questions made from a person's own memory, whose answers memory itself knows. Pure; pipeline/check-up.ts asks
// them and core/check-up-report.ts reads the answers.

// [Note: Check-up] The fine-grained sets of the Jarvis paper, made of what *this* person owns. Four rules keep it honest: the photo
// that is asked about is hidden from memory while it is asked (else every photo recognises itself); distractors come from the
// concepts that look most alike; options are shuffled with a seed, so that "always the first" is a fair baseline; and each
// question is also asked with no memory at all.

import { seedOf, shuffle } from './random';
import type { Card, ConceptId, PatchId, PhotoId, PhotoVectors } from './types';
import { cosine, normalise } from './tensor';

/** A concept as the builder sees it. */
export interface CheckUpConcept {
  readonly id: ConceptId;
  readonly name: string;
  readonly card: Card | undefined;
  readonly photos: readonly CheckUpPhoto[];
}

export interface CheckUpPhoto {
  readonly id: PhotoId;
  readonly patches: readonly PatchId[]; // details first: the patch around the whole subject is no question
}

export const CHECK_UP_KINDS = ['recognise', 'sibling', 'patch', 'attribute', 'absent'] as const;
export type CheckUpKind = (typeof CHECK_UP_KINDS)[number];

/** What memory must not know while a question is asked. */
export interface Hidden {
  readonly photos: readonly PhotoId[];
  readonly concepts: readonly ConceptId[];
}

interface Common {
  readonly id: string;
  readonly conceptId: ConceptId; // whose accuracy it counts for
  readonly text: string;
  readonly hidden: Hidden;
}

export type CheckUpQuestion =
  | (Common & {
      readonly kind: 'recognise' | 'sibling' | 'attribute' | 'absent';
      readonly photoId: PhotoId | undefined;
      readonly options: readonly string[]; // shuffled; of 'recognise' and 'sibling' names
      readonly answer: string | null; // null: "I don't know" is right
    })
  | (Common & {
      readonly kind: 'patch';
      readonly options: readonly PatchId[]; // shuffled
      readonly answer: PatchId;
    });

export interface CheckUpOptions {
  readonly seed: number;
  /** Most questions of each kind about one concept. */
  readonly each: number;
  /** Distractors beside the right answer. */
  readonly distractors: number;
}

/** Two of a kind: a concept with three photos gives about eight questions, half a minute on two cores. Four options as MMPB has. */
export const CHECK_UP_DEFAULTS: CheckUpOptions = { seed: 20_261_125, each: 2, distractors: 3 };

/**
 * The questions that memory can be asked about itself, in an order that goes round the concepts, so that a run cut short has
 * asked about all of them. `likeness` of two concepts says who is a sibling (larger: more alike).
 */
export function buildCheckUp(
  concepts: readonly CheckUpConcept[],
  likeness: (a: ConceptId, b: ConceptId) => number,
  options: CheckUpOptions = CHECK_UP_DEFAULTS,
): CheckUpQuestion[] {
  const each = concepts.map((concept) => {
    const siblings = concepts
      .filter(({ id }) => id !== concept.id)
      .sort((a, b) => likeness(concept.id, b.id) - likeness(concept.id, a.id) || a.id.localeCompare(b.id));
    return questionsAbout(concept, siblings, options);
  });
  const most = Math.max(0, ...each.map((list) => list.length));
  return Array.from({ length: most }, (_, rank) => each.flatMap((list) => list[rank] ?? [])).flat();
}

function questionsAbout(
  concept: CheckUpConcept,
  siblings: readonly CheckUpConcept[],
  options: CheckUpOptions,
): CheckUpQuestion[] {
  const { each } = options;
  const shuffled = shuffledFor(options.seed, concept.id);
  // One photo hidden of one is a stranger's: a concept needs two to be asked about.
  const photos = concept.photos.length > 1 ? shuffled(concept.photos, 'photos').slice(0, each) : [];
  const lists: CheckUpQuestion[][] = [
    photos.map((photo) => recognise(concept, photo, siblings, options, shuffled)),
    photos.flatMap((photo) => sibling(concept, photo, siblings, shuffled)),
    photos.flatMap((photo) => whosePatch(concept, photo, siblings, options, shuffled)),
    attributes(concept, siblings, options, shuffled).slice(0, each),
    absent(concept, siblings, shuffled).slice(0, each),
  ];
  const most = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: most }, (_, rank) => lists.flatMap((list) => list[rank] ?? [])).flat();
}

type Shuffle = <T>(items: readonly T[], salt: string) => T[];

function recognise(
  concept: CheckUpConcept,
  photo: CheckUpPhoto,
  siblings: readonly CheckUpConcept[],
  { distractors }: CheckUpOptions,
  shuffled: Shuffle,
): CheckUpQuestion {
  const id = `recognise/${photo.id}`;
  const names = [concept, ...siblings.slice(0, distractors)].map(({ name }) => name);
  return {
    id,
    kind: 'recognise',
    conceptId: concept.id,
    text: 'Do you recognise this?',
    photoId: photo.id,
    options: shuffled(names, id),
    answer: concept.name,
    hidden: { photos: [photo.id], concepts: [] },
  };
}

function sibling(
  concept: CheckUpConcept,
  photo: CheckUpPhoto,
  siblings: readonly CheckUpConcept[],
  shuffled: Shuffle,
): CheckUpQuestion[] {
  const nearest = siblings.find(({ photos }) => photos.length > 0);
  if (nearest === undefined) return [];
  const id = `sibling/${photo.id}`;
  const names = shuffled([concept.name, nearest.name], id);
  return [
    {
      id,
      kind: 'sibling',
      conceptId: concept.id,
      text: `Is this ${names[0] ?? ''} or ${names[1] ?? ''}?`,
      photoId: photo.id,
      options: names,
      answer: concept.name,
      hidden: { photos: [photo.id], concepts: [] },
    },
  ];
}

/** "Which of these is Bo's?": a patch of Bo's hidden photo among patches of its siblings' hidden photos. */
function whosePatch(
  concept: CheckUpConcept,
  photo: CheckUpPhoto,
  siblings: readonly CheckUpConcept[],
  { distractors }: CheckUpOptions,
  shuffled: Shuffle,
): CheckUpQuestion[] {
  const [own] = photo.patches;
  if (own === undefined) return [];
  const id = `patch/${own}`;
  const others = siblings.flatMap((other) => {
    const [shown] = shuffled(
      other.photos.filter(({ patches }) => patches.length > 0),
      `${id}/${other.id}`,
    );
    const [patch] = shown?.patches ?? [];
    // A sibling's only photo stays visible: hiding it would leave nothing of the sibling to compare with.
    return shown === undefined || patch === undefined || other.photos.length < 2 ? [] : [{ photoId: shown.id, patch }];
  });
  const chosen = others.slice(0, distractors);
  if (chosen.length === 0) return [];
  return [
    {
      id,
      kind: 'patch',
      conceptId: concept.id,
      text: `Which of these is part of ${concept.name}?`,
      options: shuffled([own, ...chosen.map(({ patch }) => patch)], id),
      answer: own,
      hidden: { photos: [photo.id, ...chosen.map(({ photoId }) => photoId)], concepts: [] },
    },
  ];
}

/** "What colour is Bo's collar?" of what the card notes; distractors are what siblings' cards say of any part, their own first. */
function attributes(
  concept: CheckUpConcept,
  siblings: readonly CheckUpConcept[],
  { distractors }: CheckUpOptions,
  shuffled: Shuffle,
): CheckUpQuestion[] {
  const marks = concept.card?.fingerprints ?? [];
  return marks.flatMap(({ part, descriptor }, at) => {
    const id = `attribute/${concept.id}/${at}`;
    const said = siblings.flatMap(({ card }) => card?.fingerprints ?? []);
    const others = [...said.filter((other) => other.part === part), ...said]
      .map((other) => other.descriptor)
      .filter((other) => !alike(other, descriptor));
    const wrong = [...new Set(others)].slice(0, distractors);
    if (wrong.length === 0) return [];
    return [
      {
        id,
        kind: 'attribute' as const,
        conceptId: concept.id,
        text: attributeText(concept.name, part),
        photoId: undefined,
        options: shuffled([descriptor, ...wrong], id),
        answer: descriptor,
        hidden: { photos: [], concepts: [] },
      },
    ];
  });
}

/** What nobody can know: whom a photo shows while its concept is hidden, and a part that only a sibling has. */
function absent(concept: CheckUpConcept, siblings: readonly CheckUpConcept[], shuffled: Shuffle): CheckUpQuestion[] {
  const questions: CheckUpQuestion[] = [];
  const common = { kind: 'absent' as const, conceptId: concept.id, answer: null };
  const [photo] = shuffled(concept.photos, 'absent');
  const names = siblings.map(({ name }) => name).slice(0, 3);
  if (photo !== undefined && siblings.length > 0) {
    questions.push({
      ...common,
      id: `absent/${photo.id}`,
      text: 'Do you recognise this?',
      photoId: photo.id,
      options: shuffled(names, `absent/${photo.id}`),
      hidden: { photos: [], concepts: [concept.id] },
    });
  }
  const own = new Set((concept.card?.fingerprints ?? []).map(({ part }) => part));
  const foreign = siblings.flatMap(({ card }) => card?.fingerprints ?? []).find(({ part }) => !own.has(part));
  if (foreign !== undefined && foreign.part !== 'colour') {
    questions.push({
      ...common,
      id: `absent/${concept.id}/${foreign.part}`,
      text: attributeText(concept.name, foreign.part),
      photoId: undefined,
      options: [foreign.descriptor],
      hidden: { photos: [], concepts: [] },
    });
  }
  return questions;
}

/** "colour" is what the card calls the whole thing's colour. */
function attributeText(name: string, part: string): string {
  return part === 'colour' ? `What colour is ${name}?` : `What colour is ${name}'s ${part}?`;
}

function alike(a: string, b: string): boolean {
  const words = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const theirs = new Set(words(b));
  return words(a).some((word) => word !== 'and' && theirs.has(word));
}

/** The same for the same seed, concept and salt. */
function shuffledFor(seed: number, id: ConceptId): Shuffle {
  return (items, salt) => shuffle(items, (seed ^ seedOf(`${id}/${salt}`)) >>> 0);
}

/** Cosine of the mean global vectors of two concepts; −1 where either has no photo. */
export function likenessOf(vectors: readonly PhotoVectors[]): (a: ConceptId, b: ConceptId) => number {
  const means = new Map<ConceptId, Float32Array>();
  for (const { conceptId, features } of vectors) {
    const sum = means.get(conceptId) ?? new Float32Array(features.globalDim);
    for (let d = 0; d < sum.length; d++) sum[d] = (sum[d] as number) + (features.global[d] ?? 0);
    means.set(conceptId, sum);
  }
  for (const mean of means.values()) normalise(mean);
  return (a, b) => {
    const [first, second] = [means.get(a), means.get(b)];
    return first === undefined || second === undefined ? -1 : cosine(first, second);
  };
}
