// How far two next-token distributions are apart.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divergence } from '../../../bench/exact-rows';

const logits = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 4, maxLength: 4 });

describe('divergence', () => {
  it('is what the definition says', () => {
    const [p, q] = [
      [0.5, 0.25, 0.25],
      [0.25, 0.25, 0.5],
    ];
    const of = (shares: readonly number[] = []): Float32Array =>
      Float32Array.from(shares, (share) => Math.log(share) + 3);
    expect(divergence(of(p), of(q))).toBeCloseTo(0.5 * Math.log(2) - 0.25 * Math.log(2), 6);
  });

  it('is nothing from itself, never negative, and does not mind a shift', () => {
    fc.assert(
      fc.property(logits, logits, fc.integer({ min: -50, max: 50 }), (a, b, shift) => {
        const [p, q] = [Float32Array.from(a), Float32Array.from(b)];
        expect(divergence(p, p)).toBeLessThan(1e-9);
        expect(divergence(p, q)).toBeGreaterThanOrEqual(0);
        expect(
          divergence(
            p,
            q.map((value) => value + shift),
          ),
        ).toBeCloseTo(divergence(p, q), 3);
      }),
      { seed: 8 },
    );
  });
});
