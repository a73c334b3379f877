// Picking tokens: greedy, each filter, the penalty, and seeds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/random';
import { createSampler, GREEDY, pickToken, type Sampling } from '../../../src/core/stages/decode';

const free: Sampling = { ...GREEDY, temperature: 1 };
const logits = new Float32Array([0, 3, 1, 2.5, -Infinity, NaN]);
const picks = (sampling: Sampling, n = 400): Set<number> => {
  const sample = createSampler(sampling);
  return new Set(Array.from({ length: n }, () => sample(logits, [])));
};

describe('pickToken', () => {
  it('is the argmax when greedy, the lower id on a tie', () => {
    expect(pickToken(logits, [], GREEDY, Math.random)).toBe(1);
    expect(pickToken(new Float32Array([1, 5, 5]), [], GREEDY, Math.random)).toBe(1);
  });

  it('draws with the probabilities of softmax', () => {
    const sample = createSampler({ ...free, seed: 3 });
    const counts = [0, 0];
    for (let i = 0; i < 4000; i++) {
      const id = sample(new Float32Array([0, Math.log(3)]), []);
      counts[id] = (counts[id] ?? 0) + 1;
    }
    expect((counts[1] ?? 0) / 4000).toBeCloseTo(0.75, 1);
  });

  it('never picks what a filter leaves out', () => {
    expect(picks(free)).toEqual(new Set([0, 1, 2, 3]));
    expect(picks({ ...free, topK: 2 })).toEqual(new Set([1, 3]));
    expect(picks({ ...free, topP: 0.5 })).toEqual(new Set([1])); // 0.55 of the mass
    expect(picks({ ...free, topP: 0.6 })).toEqual(new Set([1, 3]));
    expect(picks({ ...free, minP: 0.1 })).toEqual(new Set([1, 2, 3])); // e^-2 = 0.135, e^-3 = 0.05
  });

  it('is reproducible by its seed', () => {
    const run = (seed: number): number[] => {
      const sample = createSampler({ ...free, temperature: 2, seed });
      return Array.from({ length: 30 }, () => sample(logits, []));
    };
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it('penalises a repeated token once, on either side of zero, and leaves the logits alone', () => {
    const given = new Float32Array([2, 1.9, -1]);
    expect(pickToken(given, [0, 0], { ...GREEDY, repetitionPenalty: 1.2 }, Math.random)).toBe(1);
    expect(pickToken(new Float32Array([-1, -1.1]), [0], { ...GREEDY, repetitionPenalty: 2 }, Math.random)).toBe(1);
    expect([...given].map((value) => Math.round(value * 10) / 10)).toEqual([2, 1.9, -1]);
  });

  it('always gives an id of the vocabulary', () => {
    const any = fc.array(fc.float(), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        any,
        fc.integer({ min: 0, max: 50 }),
        fc.float({ min: 0, max: 1, noNaN: true }),
        (values, topK, topP) => {
          const id = pickToken(
            new Float32Array(values),
            [0, 1],
            { ...free, topK, topP, repetitionPenalty: 1.1 },
            createRng(1),
          );
          expect(id).toBeGreaterThanOrEqual(0);
          expect(id).toBeLessThan(values.length);
        },
      ),
      { seed: 6 },
    );
  });

  it('draws from exactly the distribution that sorting the whole vocabulary gives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: 1, maxLength: 24 }),
        fc.record({
          temperature: fc.double({ min: 0.2, max: 3, noNaN: true }),
          topK: fc.integer({ min: 0, max: 30 }),
          topP: fc.constantFrom(1, 0.95, 0.7, 0.3, 0.01),
          minP: fc.constantFrom(0, 0.02, 0.2, 1),
        }),
        (values, cuts) => {
          const given = Float32Array.from(values);
          const sampling = { ...GREEDY, ...cuts };
          const expected = naive(given, sampling);
          const counts = new Float64Array(given.length);
          // A stratified "random" number: every token's share is met to within one draw at either end of its interval.
          for (let i = 0; i < 500; i++) {
            const id = pickToken(given, [], sampling, () => (i + 0.5) / 500);
            counts[id] = (counts[id] ?? 0) + 1;
          }
          for (const [id, share] of expected.entries())
            expect(Math.abs((counts[id] ?? 0) / 500 - share)).toBeLessThan(0.003);
        },
      ),
      { seed: 8, numRuns: 60 },
    );
  });

  it('never picks the banned token while there is another', () => {
    expect(pickToken(logits, [], GREEDY, Math.random, undefined, 1)).toBe(3);
    const sample = createSampler(free);
    for (let i = 0; i < 200; i++) expect(sample(logits, [], 1)).not.toBe(1);
  });

  it('gives the same tokens from buffers that were used before', () => {
    const random = createRng(11);
    const rows = Array.from({ length: 20 }, () => Float32Array.from({ length: 50 }, () => 8 * random() - 4));
    const sampling = { ...free, topK: 7, topP: 0.8, repetitionPenalty: 1.3, seed: 5 };
    const shared = createSampler(sampling);
    const rng = createRng(5);
    for (const row of rows) expect(shared(row, [3, 4])).toBe(pickToken(row, [3, 4], sampling, rng));
  });
});

/** Shares by id: temperature, min-p, then top-k and top-p over a full sort. */
function naive(logits: Float32Array, { temperature, topK, topP, minP }: Sampling): number[] {
  const best = Math.max(...logits);
  const all = [...logits].map((value, id) => ({ id, weight: Math.exp((value - best) / temperature) }));
  const sorted = all.filter(({ weight }) => weight >= minP).sort((a, b) => b.weight - a.weight || a.id - b.id);
  const top = topK > 0 ? sorted.slice(0, topK) : sorted;
  const total = top.reduce((sum, { weight }) => sum + weight, 0);
  let mass = 0;
  const kept = top.filter(({ weight }) => {
    const inside = mass === 0 || mass < topP * total;
    mass += inside ? weight : 0;
    return inside;
  });
  const shares = new Array<number>(logits.length).fill(0);
  for (const { id, weight } of kept) shares[id] = weight / mass;
  return shares;
}
