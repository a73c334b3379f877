// What an answer about several things says of them together: which is older, heavier, dearer, sooner, and of whom nothing is known.

import { comparisonIn } from './measures';
import { spokenName } from './names';
import { joinNames } from './prompt';
import { fold } from './words';

/** A fact of one of them. */
export interface Told {
  readonly name: string;
  readonly text: string;
}

/**
 * The answer with what follows from it. `untold`: names of those asked about whom nothing is known to answer; `partly`: of several things asked
 * of one, some have no answer.
 */
export function ofSeveral(
  answer: string,
  question: string,
  told: readonly Told[],
  untold: readonly string[],
  partly = false,
): string {
  const more = [
    conclusionOf(question, told, untold),
    missing(untold),
    partly ? "I don't know the rest." : undefined,
  ].filter((sentence) => sentence !== undefined);
  if (more.length === 0) return answer;
  const ended = answer.trim();
  return [/[.!?]$/.test(ended) ? ended : `${ended}.`, ...more].join(' ');
}

function missing(untold: readonly string[]): string | undefined {
  return untold.length === 0 ? undefined : `I don't know that of ${joinNames(untold.map(spokenName))}.`;
}

/** "Zsa Zsa is heavier.": undefined where the question compares nothing, or what is told cannot be compared. */
export function conclusionOf(
  question: string,
  told: readonly Told[],
  untold: readonly string[] = [],
): string | undefined {
  const asked = comparisonIn(question);
  if (asked === undefined || told.length < 2 || untold.length > 0) return undefined;
  if (new Set(told.map(({ name }) => name)).size < told.length) return undefined; // two facts of one: which counts?
  const { measure, side } = asked;
  for (const read of measure.readers) {
    const found = told.map(({ name, text }) => ({ name, value: read(text) }));
    const values = found.flatMap(({ value }) => (value === undefined ? [] : [value]));
    if (values.length < found.length || new Set(values.map(({ unit }) => unit)).size > 1) continue;
    const sorted = [...found].sort((a, b) => side * ((b.value?.amount ?? 0) - (a.value?.amount ?? 0)));
    const [first, second] = sorted;
    if (first === undefined || second === undefined) return undefined;
    const word = measure.words[side > 0 ? 0 : 1];
    const most = measure.words[side > 0 ? 2 : 3];
    if (first.value?.amount === second.value?.amount) return `Neither is ${word}.`;
    const said = `${spokenName(first.name)} is ${found.length > 2 ? `the ${most}` : word}`;
    return `${yesOrNo(question, first.name, told) ?? ''}${capital(said, question)}.`;
  }
  return undefined;
}

/** "Is Bo older than Mia?" wants a yes or a no about the first of them. */
function yesOrNo(question: string, winner: string, told: readonly Told[]): string | undefined {
  if (!/^\s*(is|are|was|were|does|do|did|has|will)\b/i.test(question) || !/\bthan\b/i.test(question)) return undefined;
  const [subject] = told
    .map(({ name }) => ({ name, at: fold(question).indexOf(fold(name)) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return subject === undefined ? undefined : subject.name === winner ? 'So yes: ' : 'So no: ';
}

function capital(said: string, question: string): string {
  return /\bthan\b/i.test(question) ? said : said.charAt(0).toUpperCase() + said.slice(1);
}
