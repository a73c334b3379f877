// Larger models of the fake engine: settings that remember, a review that waits, and nobody behind it.

import type { AnswerEvent, AskRequest } from '../../src/core/acts';
import {
  LARGE_DEFAULTS,
  type LargeView,
  type Outgoing,
  type ReviewDecision,
  type SentRecord,
} from '../../src/core/large';
import { LARGE_RULES } from '../../src/core/large-prompt';
import type { LargeActs } from '../../src/pipeline/large-acts';

export interface FakeLarge {
  readonly acts: LargeActs;
  review(request: AskRequest, onEvent: (event: AnswerEvent) => void): Promise<void>;
}

export function fakeLarge(): FakeLarge {
  let view: LargeView = { settings: LARGE_DEFAULTS, key: 'none' };
  let sent: SentRecord[] = [];
  let decide: (decision: ReviewDecision) => void = () => undefined;
  return {
    acts: {
      readLarge: () => Promise.resolve(view),
      editLarge({ settings, key }) {
        const kept = key === undefined ? view.key : key.text === '' ? 'none' : key.passphrase ? 'unlocked' : 'plain';
        view = { settings: { ...view.settings, ...settings }, key: kept };
        return Promise.resolve(view);
      },
      unlockKey() {
        view = { ...view, key: 'unlocked' };
        return Promise.resolve(view);
      },
      listLargeModels: () => Promise.resolve(['small-vl', 'large-vl']),
      testLarge: () => Promise.resolve('Hello.'),
      decideReview(_id, decision) {
        decide(decision);
        return Promise.resolve();
      },
      listSent: () => Promise.resolve(sent),
      clearSent() {
        sent = [];
        return Promise.resolve();
      },
    },
    async review({ chatId, text, photo }, onEvent) {
      if (view.settings.answerWith !== 'server') return;
      const outgoing: Outgoing = {
        id: crypto.randomUUID(),
        chatId,
        to: 'http://localhost:11434',
        leaves: true,
        model: 'large-vl',
        picture: photo && { label: 'Your photo', photoId: undefined, picture: photo },
        enrolled: [],
        checks: photo === undefined ? [] : ['Is there a dog on the left of the picture?'],
        system: LARGE_RULES,
        turns: [],
        prompt: `Notes:\nNote about Bo: Bo sleeps in the basket.\nQuestion: ${text}`,
      };
      const decision = await new Promise<ReviewDecision>((resolve) => {
        decide = resolve;
        onEvent({ kind: 'review', outgoing });
      });
      onEvent({ kind: 'review', outgoing: undefined });
      if (!decision.send) return;
      const { to, model, prompt } = outgoing;
      const pictures = photo === undefined ? [] : [photo];
      sent = [{ id: outgoing.id, at: Date.now(), to, model, pictures, texts: [prompt], outcome: 'answered' }, ...sent];
    },
  };
}
