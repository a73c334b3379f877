// What a person can do about larger models: choose one, test it, decide what is sent, and read what was.

import type { LargeEdit, LargeView, ReviewDecision, SentRecord } from '../core/large';
import { AppError } from '../core/errors';
import type { Consent } from './consent';
import type { LargeChoice } from './large-settings';

export interface LargeActs {
  readLarge(): Promise<LargeView>;
  editLarge(edit: LargeEdit): Promise<LargeView>;
  /** Opens the key with its passphrase. Throws 'bad-input' when it is the wrong one. */
  unlockKey(passphrase: string): Promise<LargeView>;
  /** Models the server offers. Sends a request to it, without anything of memory. */
  listLargeModels(signal: AbortSignal): Promise<string[]>;
  /** Asks the chosen model to say hello, and nothing else. Returns what it said; throws with what to do. */
  testLarge(signal: AbortSignal): Promise<string>;
  decideReview(id: string, decision: ReviewDecision): Promise<void>;
  listSent(): Promise<SentRecord[]>;
  clearSent(): Promise<void>;
}

export const TEST_QUESTION = 'Say hello in one word.';

export function createLargeActs(choice: LargeChoice, consent: Consent): LargeActs {
  return {
    readLarge: () => choice.view(),
    editLarge: (edit) => choice.edit(edit),
    unlockKey: (passphrase) => choice.unlock(passphrase),
    listLargeModels: (signal) => choice.models(signal),
    async testLarge(signal) {
      const model = await choice.open();
      if (model === undefined) throw new AppError('bad-input', 'This device answers alone: there is nothing to test.');
      const { text } = await model.complete(
        { messages: [{ role: 'user', text: TEST_QUESTION, pictures: [] }], maxTokens: 16, yesNo: false },
        () => undefined,
        signal,
      );
      return text.trim();
    },
    decideReview(id, decision) {
      consent.decide(id, decision);
      return Promise.resolve();
    },
    listSent: () => consent.sent(),
    clearSent: () => consent.clear(),
  };
}
