// An evaluation suite: read, checked field by field, and turned into what a right answer is.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import type { Expected } from '../src/core/grade';

const text = v.pipe(v.string(), v.trim(), v.nonEmpty('must not be empty'));

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1.01));

const suiteSchema = v.object({
  concepts: v.array(
    v.object({
      id: text,
      name: text,
      aliases: v.optional(v.array(text), []),
      facts: v.array(text),
      photos: v.array(text),
    }),
  ),
  questions: v.pipe(
    v.array(
      v.object({
        id: text,
        kind: text,
        text,
        /** Id of the question it follows in the same chat: "and how old is she?". */
        after: v.optional(text),
        photo: v.optional(text),
        options: v.optional(v.pipe(v.array(text), v.minLength(2, 'needs at least two options'))),
        answer: v.union(
          [text, v.pipe(v.array(text), v.nonEmpty('must not be an empty list')), v.null()],
          'must be a text, a list of texts, or null for "I don\'t know"',
        ),
        concepts: v.optional(v.array(text)),
        /** What is truly on the photo: bench/slc.ts holds cues against it. */
        scene: v.optional(
          v.array(v.object({ concept: v.optional(text), kind: text, box: v.tuple([share, share, share, share]) })),
        ),
        /** Number of the fact of its first concept that answers it, from 1: `npm run bench -- retrieve`. */
        fact: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      }),
    ),
    v.nonEmpty('has no question'),
  ),
});

export type Suite = v.InferOutput<typeof suiteSchema>;
export type SuiteConcept = Suite['concepts'][number];
export type SuiteQuestion = Suite['questions'][number];

/** The suite cannot be used; `field` says where, as in `questions[3].answer`. */
export class SuiteError extends Error {
  readonly field: string;
  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.field = field;
  }
}

/** Reads a suite from anywhere on the disk; its photo paths become absolute. Throws SuiteError naming the field. */
export function readSuite(path: string): Suite {
  if (!existsSync(path)) throw new SuiteError(path, 'there is no such file');
  const suite = parseSuite(readFileSync(path, 'utf8'));
  const folder = dirname(resolve(path));
  const locate = (photo: string, field: string): string => {
    const absolute = resolve(folder, photo);
    if (!existsSync(absolute)) throw new SuiteError(field, `there is no file ${absolute}`);
    return absolute;
  };
  return {
    concepts: suite.concepts.map((concept, i) => ({
      ...concept,
      photos: concept.photos.map((photo, j) => locate(photo, `concepts[${i}].photos[${j}]`)),
    })),
    questions: suite.questions.map((question, i) =>
      question.photo === undefined ? question : { ...question, photo: locate(question.photo, `questions[${i}].photo`) },
    ),
  };
}

/** Everything that can be said of a suite without looking at its photos. */
export function parseSuite(json: string): Suite {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new SuiteError('suite', `is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  const result = v.safeParse(suiteSchema, value);
  if (!result.success) {
    const [issue] = result.issues;
    throw new SuiteError(pathOf(issue.path), issue.message);
  }
  const { concepts, questions } = result.output;
  refuseDoubles('concepts', concepts);
  refuseDoubles('questions', questions);
  const known = new Set(concepts.map(({ id }) => id));
  const asked = new Set<string>();
  questions.forEach((question, i) => {
    question.concepts?.forEach((id, j) => {
      if (!known.has(id)) throw new SuiteError(`questions[${i}].concepts[${j}]`, `there is no concept with id "${id}"`);
    });
    // Only backwards: a chain of follow-ups then has a beginning.
    if (question.after !== undefined && !asked.has(question.after)) {
      throw new SuiteError(`questions[${i}].after`, `no question before this one has the id "${question.after}"`);
    }
    asked.add(question.id);
  });
  return result.output;
}

/** The chat in which a question is asked: all it follows, first to last, then itself. */
export function turnsOf(question: SuiteQuestion, questions: readonly SuiteQuestion[]): SuiteQuestion[] {
  const before = questions.find(({ id }) => id === question.after);
  return before === undefined ? [question] : [...turnsOf(before, questions), question];
}

/**
 * What a question's answer is held against. An answer that is a concept's name may be given as any of its aliases; in
 * "recognise" every other concept's name is a distractor; elsewhere names are only names.
 */
export function expectedOf(question: SuiteQuestion, concepts: readonly SuiteConcept[]): Expected {
  const namesOf = (concept: SuiteConcept): string[] => [concept.name, ...concept.aliases];
  const options = question.options ?? [];
  if (question.kind !== 'recognise' || question.answer === null) {
    return { answer: question.answer, distractors: options, names: concepts.flatMap(namesOf) };
  }
  const entries = typeof question.answer === 'string' ? [question.answer] : question.answer;
  const meant = (entry: string): SuiteConcept | undefined =>
    concepts.find((concept) => entry.split('|').includes(concept.name));
  const right = new Set(entries.flatMap((entry) => meant(entry) ?? []));
  return {
    answer: entries.map((entry) => [entry, ...(meant(entry)?.aliases ?? [])].join('|')),
    distractors: [...options, ...concepts.filter((concept) => !right.has(concept)).flatMap(namesOf)],
    names: [],
  };
}

function refuseDoubles(list: string, items: readonly { readonly id: string }[]): void {
  const seen = new Set<string>();
  items.forEach(({ id }, i) => {
    if (seen.has(id)) throw new SuiteError(`${list}[${i}].id`, `"${id}" is used twice`);
    seen.add(id);
  });
}

function pathOf(path: readonly { readonly key?: unknown }[] | undefined): string {
  const keys = (path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return keys.join('').replace(/^\./, '') || 'suite';
}
