// What is asked of a large model, word by word: SLC's detection report, the cards and facts that were hit, and the rules.

import { absentCue, reportLine, type PhotoCue } from './cues';

/** After the paper: what is permanent is known, what is mutable is seen; an absent concept is a no; otherwise stay with what is given. */
export const LARGE_RULES =
  "You are Jarvis, a personal assistant. Answer from the notes and from the picture, in one short sentence. What the notes say something is, it is; its colours, clothes and places may have changed, and then the picture is right. If the picture report says that something is not in the picture, the answer to whether it is there is no. If neither notes nor picture say, answer: I don't know.";

export interface PromptParts {
  readonly notes: readonly string[]; // "Note about Bo: Bo sleeps in the basket."
  readonly cues: readonly PhotoCue[]; // empty without a photo
  readonly question: string;
}

const NOTES = 'Notes:';
const REPORT = 'Report on the picture:';

/** One line a fact, so that a review can show them and a guard can compare them. */
export function promptText({ notes, cues, question }: PromptParts): string {
  return [
    ...(notes.length === 0 ? [] : [NOTES, ...notes]),
    ...(cues.length === 0 ? [] : [REPORT, ...cues.map(reportLine)]),
    `Question: ${question}`,
  ].join('\n');
}

/** Every line that may stand in the prompt once the cues are checked: places can go, and a cue can become absent. */
export function possibleLines({ notes, cues, question }: PromptParts): Set<string> {
  const shortened = cues.flatMap((cue) => {
    const { absolute, relative } = cue.where;
    const variants = [{ absolute, relative }, { absolute }, { relative }, {}];
    return [...variants.map((where) => reportLine({ ...cue, present: true, where })), reportLine(absentCue(cue, 0))];
  });
  return new Set([NOTES, REPORT, ...notes, ...shortened, `Question: ${question}`]);
}
