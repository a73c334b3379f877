// Questions that the cues of a photo answer by themselves, once they stood the check: is it there, and where in the picture.

import type { PhotoCue } from './cues';
import { LEAD_IN } from './question-kind';
import { fold } from './words';

const PICTURE = String.raw`(?:in|on) (?:the|this|my) (?:picture|photo|image)`;
const THERE = [
  new RegExp(String.raw`^(?:is|are) .+ (?:(?:there|visible|shown|also) )?(?:${PICTURE}|here|there|visible)$`),
  new RegExp(String.raw`^(?:do|can) you see .+?(?: (?:${PICTURE}|here|there|anywhere))?$`),
  /^does (?:the|this) (?:picture|photo|image) show .+$/,
];
const WHERE = [
  new RegExp(String.raw`^where ${PICTURE} (?:is|are) .+$`),
  new RegExp(String.raw`^where (?:is|are) .+ ${PICTURE}$`),
  /^where do you see .+$/,
];
// "Is Bo in the upper left of the picture?" asks more than presence.
const SIDE = /\b(left|right|top|bottom|upper|lower|middle|cent(?:re|er)|next to|beside|above|below|behind|under)\b/;

/** SLC's rule for the answer: an absent concept is a no. `cue`: of the one concept the question names. Undefined where it asks anything else. */
export function answerFromCue(question: string, cue: PhotoCue): string | undefined {
  const text = fold(question)
    .replace(LEAD_IN, '')
    .replace(/[\s?!.]+$/, '');
  const { name, present, where } = cue;
  const place = where.absolute ?? where.relative;
  if (WHERE.some((form) => form.test(text))) {
    if (!present) return `I do not see ${name} in the picture.`;
    return place === undefined ? undefined : `${name} is ${place}.`;
  }
  if (SIDE.test(text) || !THERE.some((form) => form.test(text))) return undefined;
  if (!present) return `No, I do not see ${name}.`;
  return `Yes, ${name} is ${place ?? 'in the picture'}.`;
}
