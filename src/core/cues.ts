// Cues, as SLC (arXiv 2508.07260) hands them to a large model: what the small model reports of a photo, concept by concept.
//
// [Note: Cues] A cue is a claim, not knowledge: it is checked by reflection (stages/reflect-cues.ts) before anything rests on it. It comes
// from numbers (retrieval's match, the model's look) and is parsed before it is used, as a model's words would be: what does not parse counts
// as absent and says what was wrong.

import * as v from 'valibot';
import { phrase, placeOf, relationOf, type Place, type Relation } from './whereabouts';
import type { Box, ConceptId } from './types';

/** How a cue lies beside another thing on the photo. `other` is a kind of thing: who judges it need not know anybody's name. */
export interface Beside {
  readonly relation: Relation;
  readonly other: string;
}

export interface Where {
  readonly absolute?: string | undefined; // "in the upper left"
  readonly relative?: string | undefined; // "left of the lamp"
  readonly box?: Box | undefined;
  readonly place?: Place | undefined; // `absolute` as a value, where it came from a box
  readonly beside?: Beside | undefined; // `relative` as a value
}

export interface PhotoCue {
  readonly conceptId: ConceptId;
  readonly name: string;
  readonly category: string; // what it permanently is, from its card: what a verifier is asked about
  readonly present: boolean;
  readonly where: Where; // empty when it is absent
  readonly attributes: readonly string[]; // what it looks like now, "red"; may differ from what memory says
  readonly confidence: number; // 0..1
  readonly problem?: string | undefined; // why what the model said was not understood
}

/** A concept whose presence is in question. */
export interface Candidate {
  readonly conceptId: ConceptId;
  readonly name: string;
  readonly category: string;
}

const fraction = v.pipe(v.number(), v.finite(), v.minValue(-0.001), v.maxValue(1.001));
const words = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(120));
const BOX = v.object({ x: fraction, y: fraction, w: fraction, h: fraction });

/** What a model may report of one concept; places and attributes may be missing, but not wrong. */
const REPORTED = v.object({
  present: v.boolean(),
  where: v.optional(v.object({ absolute: v.nullish(words), relative: v.nullish(words), box: v.nullish(BOX) }), {}),
  attributes: v.optional(v.pipe(v.array(words), v.maxLength(8)), []),
  confidence: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1))),
});

export type Reported = v.InferInput<typeof REPORTED>;

/** What was said of a candidate, checked. Anything that does not parse is an absent cue with its `problem`. */
export function parseCue(candidate: Candidate, said: unknown): PhotoCue {
  const read = v.safeParse(REPORTED, said);
  if (!read.success) {
    const [issue] = read.issues;
    return absentCue(candidate, 0, `${v.getDotPath(issue) ?? 'cue'}: ${issue.message}`);
  }
  const { present, where, attributes, confidence = present ? 1 : 0 } = read.output;
  if (!present) return absentCue(candidate, confidence);
  const box = where.box ?? undefined;
  const place = box && placeOf(box);
  const absolute = where.absolute ?? (place && phrase(place));
  const relative = where.relative ?? undefined;
  return {
    ...candidate,
    present: true,
    where: { ...(absolute && { absolute }), ...(relative && { relative }), ...(box && { box, place }) },
    attributes,
    confidence,
  };
}

export function absentCue(candidate: Candidate, confidence: number, problem?: string): PhotoCue {
  return { ...candidate, present: false, where: {}, attributes: [], confidence, ...(problem && { problem }) };
}

/** Something else on the photo, a cue's or not, that a place can be told by. */
export interface Landmark {
  readonly kind: string;
  readonly box: Box;
}

/** Says of each present cue how it lies to the nearest landmark of another kind. */
export function withRelations(cues: readonly PhotoCue[], landmarks: readonly Landmark[]): PhotoCue[] {
  return cues.map((cue) => {
    const { box } = cue.where;
    if (!cue.present || box === undefined || cue.where.relative !== undefined) return cue;
    const others = [
      ...cues.flatMap((other) =>
        other.present && other.where.box && other.conceptId !== cue.conceptId
          ? [{ kind: other.category, box: other.where.box }]
          : [],
      ),
      ...landmarks,
    ].filter(({ kind }) => kind !== cue.category);
    const near = others
      .map((other) => ({ other, apart: apart(box, other.box), relation: relationOf(box, other.box) }))
      .filter(({ relation }) => relation !== undefined)
      .sort((a, b) => a.apart - b.apart)[0];
    if (near?.relation === undefined) return cue;
    const beside: Beside = { relation: near.relation, other: near.other.kind };
    return { ...cue, where: { ...cue.where, relative: besideWords(beside), beside } };
  });
}

export function besideWords({ relation, other }: Beside): string {
  return relation === 'left of' || relation === 'right of'
    ? `to the ${relation} the ${other}`
    : `${relation} the ${other}`;
}

function apart(a: Box, b: Box): number {
  return Math.hypot(a.x + a.w / 2 - b.x - b.w / 2, a.y + a.h / 2 - b.y - b.h / 2);
}

/** SLC's detection report: a line a concept, in which only what stood the check is left. */
export function reportLine(cue: PhotoCue): string {
  if (!cue.present) return `${cue.name} (${cue.category}): not in the picture.`;
  const { absolute, relative } = cue.where;
  const places = [absolute, relative].filter((place) => place !== undefined);
  return `${cue.name} (${cue.category}): ${places.length === 0 ? 'in the picture' : places.join(', ')}.`;
}
