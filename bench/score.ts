// The trivial baseline of an evaluation, and the seeded shuffles behind it.

import { alternatives, type Expected } from '../src/core/grade';
import prompt from '../src/core/prompt.json';

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
  const shuffled = shuffle(options, seed ^ hash(question.id));
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

/** Fisher–Yates on a seeded stream. */
export function shuffle<T>(items: readonly T[], seed: number): T[] {
  const shuffled = [...items];
  const random = mulberry32(seed);
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
  }
  return shuffled;
}

/** mulberry32 by Tommy Ettinger: 32 bits of state are plenty for shuffling four options. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const char of text) h = Math.imul(h ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return h >>> 0;
}
