// The trivial baseline of an evaluation.

import { alternatives, type Expected } from '../src/core/grade';
import prompt from '../src/core/prompt.json';
import { seedOf, shuffle } from '../src/core/random';

/**
 * What always picking the first option gives. Options are shuffled with a seed first; a question that wants k things gets
 * the first k. A question without options draws from the distinct answers of its kind in the suite, up to four, so a kind
 * in which "I don't know" is always right has a trivial baseline of 1: never remembering anything would do as well.
 */
export function firstOption(
  question: {
    readonly id: string;
    readonly answer: Expected['answer'];
    readonly options?: readonly string[] | undefined;
  },
  answersOfKind: readonly Expected['answer'][],
  seed: number,
): string {
  const options = question.options ?? poolOf(answersOfKind);
  const wanted = question.options && Array.isArray(question.answer) ? question.answer.length : 1;
  const shuffled = shuffle(options, seed ^ seedOf(question.id));
  const shown = question.options ? shuffled : shuffled.slice(0, POOL_SIZE);
  return shown.slice(0, wanted).join(' and ');
}

/** As many options as written questions have. */
const POOL_SIZE = 4;

function poolOf(answers: readonly Expected['answer'][]): string[] {
  const texts = answers.map((answer) => {
    if (answer === null) return prompt.dontKnow;
    return (typeof answer === 'string' ? [answer] : answer).map((entry) => alternatives(entry)[0] ?? '').join(' and ');
  });
  return [...new Set(texts)];
}
