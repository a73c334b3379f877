// What the self-test calls wrong: a share of the span of the logits, and anything that is not finite.
import { expect, it } from 'vitest';
import { shareOfSpan } from '../../../src/runtime/self-test';

it('is the largest difference over the span, whatever the model’s logits span', () => {
  expect(shareOfSpan(Float32Array.of(0, 2, 4), Float32Array.of(0, 2, 3.96))).toBeCloseTo(0.01, 4);
  expect(shareOfSpan(Float32Array.of(-20, 10, 40), Float32Array.of(-20, 10.3, 40))).toBeCloseTo(0.005, 4);
});

it('is infinite where logits are not finite, all alike, or of another number', () => {
  const good = Float32Array.of(0, 1, 2);
  expect(shareOfSpan(good, Float32Array.of(0, NaN, 2))).toBe(Infinity);
  expect(shareOfSpan(Float32Array.of(0, Infinity, 2), Float32Array.of(0, Infinity, 2))).toBe(Infinity);
  expect(shareOfSpan(Float32Array.of(1, 1, 1), Float32Array.of(1, 1, 1))).toBe(Infinity);
  expect(shareOfSpan(good, Float32Array.of(0, 1))).toBe(Infinity);
});
