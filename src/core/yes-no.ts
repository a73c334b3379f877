// How probable a yes is, from what a model gives for the first token of its answer.

/** Below this share of everything the model was not about to say either: its words must tell. Chosen, not measured. */
const LEAST = 0.2;

const YES = ['Yes', 'yes', 'YES'];
const NO = ['No', 'no', 'NO'];

/** The share of yes among yes and no, of probabilities; undefined where the model leans to neither. */
export function yesShare(yes: number, no: number): number | undefined {
  return yes + no < LEAST ? undefined : yes / (yes + no);
}

/** Whether a token, as text, is a yes or a no. */
export function readToken(text: string): 'yes' | 'no' | undefined {
  const word = text.trim();
  return YES.includes(word) ? 'yes' : NO.includes(word) ? 'no' : undefined;
}

export interface YesNoTokens {
  readonly yes: readonly number[];
  readonly no: readonly number[];
}

/** The single tokens that say yes or no, with and without the space that an answer begins with. */
export function yesNoTokens(tokenize: (text: string) => readonly number[]): YesNoTokens {
  const single = (words: readonly string[]): number[] => [
    ...new Set(
      words
        .flatMap((word) => [` ${word}`, word])
        .flatMap((text) => (tokenize(text).length === 1 ? tokenize(text) : [])),
    ),
  ];
  return { yes: single(YES), no: single(NO) };
}

/** From logits, (vocab), after the question. undefined where the model leans to neither, or has no single tokens for both. */
export function yesOfLogits(logits: Float32Array, { yes, no }: YesNoTokens): number | undefined {
  if (yes.length === 0 || no.length === 0) return undefined;
  let best = -Infinity;
  for (const logit of logits) if (logit > best) best = logit;
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - best);
  const share = (ids: readonly number[]): number =>
    ids.reduce((sum, id) => sum + Math.exp((logits[id] ?? -Infinity) - best), 0) / total;
  return yesShare(share(yes), share(no));
}
