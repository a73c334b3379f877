// The table of `npm run eval`: what each column counts.

import { describe, expect, it } from 'vitest';
import { summarise } from '../../../bench/report';
import type { Asked } from '../../../bench/report';

function asked(kind: string, answer: string | null, got: string, right: boolean): Asked {
  return {
    question: { id: `${kind} ${got}`, kind, text: '?', answer },
    got,
    gotWithout: '',
    right,
    rightWithout: false,
    rightFirst: false,
    recall: undefined,
    ttftMs: undefined,
  };
}

describe('a kind', () => {
  const { kinds } = summarise(
    [
      asked('fact', 'sofa', 'On the sofa.', true),
      asked('fact', 'crate', 'On the sofa.', false),
      asked('fact', 'tuna', "I don't know.", false),
      asked('fact', null, "I don't know.", true),
      asked('absent', null, "I don't know.", true),
    ],
    { model: 'mini', backend: 'wasm', bytes: 0 },
  ).json;

  it('counts right answers among all of it', () => {
    expect(kinds['fact']).toMatchObject({ n: 4, accuracy: 0.5 });
  });

  it('counts a false "I don\'t know" among the questions that have an answer', () => {
    expect(kinds['fact']?.falseDontKnow).toBeCloseTo(1 / 3);
    expect(kinds['absent']?.falseDontKnow).toBeNull();
  });
});
