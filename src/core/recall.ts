// Which of a concept's facts a question asks for, whatever words either uses. Trained by training/recall; runtime/recall.ts runs it.
//
// [Note: Recall's model] A sentence encoder of six layers. A fact is read alone, beforehand, and what its tokens were before each of the
// upper layers is kept, as the VLM's K/V is. A question goes through the lower layers once; in the upper ones its tokens attend to
// themselves and to a fact's, for all facts at once (after DeFormer, Cao et al. 2020, and PreTTR, MacAvaney et al. 2020).

export interface Recall {
  /**
   * Log odds that each of `facts` answers `question`, in their order; nought where both are even. Cost: one run, and one more a fact that
   * was not read yet.
   */
  odds(question: string, facts: readonly string[], signal: AbortSignal): Promise<number[]>;
  /**
   * The `most` of `facts` that are nearest to the question in meaning, as indices, nearest first, among those that were read before. Cost: one run
   * of the question alone.
   */
  nearest(question: string, facts: readonly string[], most: number, signal: AbortSignal): Promise<number[]>;
  /** Reads facts ahead of the first question. */
  prepare(facts: readonly string[], signal: AbortSignal): Promise<void>;
}
