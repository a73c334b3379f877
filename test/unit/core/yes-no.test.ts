import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readToken, yesNoTokens, yesOfLogits, yesShare } from '../../../src/core/yes-no';

const VOCABULARY = ['x', ' Yes', 'Yes', ' yes', ' No', 'no', 'maybe'];
const tokenize = (text: string): number[] => {
  const whole = VOCABULARY.indexOf(text);
  return whole >= 0 ? [whole] : Array.from(text, () => 0);
};

describe('yes or no from logits', () => {
  it('counts every way to write either, of those that are single tokens', () => {
    expect(yesNoTokens(tokenize)).toEqual({ yes: [1, 2, 3], no: [4, 5] });
    expect(readToken(' yes')).toBe('yes');
    expect(readToken('No\n')).toBe('no');
    expect(readToken('now')).toBeUndefined();
  });

  it('is the share of yes, whatever is added to all logits', () => {
    fc.assert(
      fc.property(
        fc.float({ min: -4, max: 4, noNaN: true }),
        fc.float({ min: -50, max: 50, noNaN: true }),
        (lean, all) => {
          const logits = Float32Array.from([-9, lean, -99, -99, 0, -99, -9], (value) => value + all);
          expect(yesOfLogits(logits, { yes: [1, 2, 3], no: [4, 5] })).toBeCloseTo(1 / (1 + Math.exp(-lean)), 3);
        },
      ),
    );
  });

  it('says nothing where the model was about to say something else, or has no words for it', () => {
    const elsewhere = Float32Array.from([0, 0, 0, 0, 0, 0, 9]);
    expect(yesOfLogits(elsewhere, { yes: [1], no: [4] })).toBeUndefined();
    expect(yesOfLogits(new Float32Array(7), { yes: [], no: [4] })).toBeUndefined();
    expect(yesShare(0.1, 0.05)).toBeUndefined();
    expect(yesShare(0.3, 0.1)).toBeCloseTo(0.75);
  });
});
