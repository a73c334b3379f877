// How photos are told apart, on tables of scores whose figures can be counted by hand.

import { describe, expect, it } from 'vitest';
import { auroc, decide, strangersAuroc, topOne, topOneWithOne } from '../../../bench/open-set';
import { createRng } from '../../../src/core/random';

/** Two photos of each of `things`; score 1 within a thing, 0 between things, plus `noise` of a seeded draw. */
function table(things: number, noise: number): { labels: string[]; score: Float32Array } {
  const labels = Array.from({ length: 2 * things }, (_, i) => `thing ${Math.floor(i / 2)}`);
  const random = createRng(3);
  const score = new Float32Array(labels.length ** 2);
  labels.forEach((query, i) => {
    labels.forEach((stored, j) => {
      score[i * labels.length + j] = Number(query === stored) + noise * random();
    });
  });
  return { labels, score };
}

describe('scores that tell all things apart', () => {
  const perfect = table(6, 0.5);

  it('make every figure 1', () => {
    expect(topOneWithOne(perfect)).toBe(1);
    expect(topOne(perfect, 1, 20, 1)).toBe(1);
    expect(strangersAuroc(perfect, 1, 20, 1)).toBe(1);
  });
});

describe('scores that say nothing', () => {
  const noise = { ...table(6, 0), score: Float32Array.from({ length: 144 }, createRng(5)) };

  it('leave top-1 near one in six and strangers near a half', () => {
    expect(topOneWithOne(noise)).toBeLessThan(0.4);
    expect(topOne(noise, 1, 200, 1)).toBeLessThan(0.4);
    expect(strangersAuroc(noise, 1, 200, 1)).toBeGreaterThan(0.3);
    expect(strangersAuroc(noise, 1, 200, 1)).toBeLessThan(0.7);
  });

  it('give by random references what the exact sum gives', () => {
    expect(topOne(noise, 1, 4000, 1)).toBeCloseTo(topOneWithOne(noise), 1);
  });
});

it('counts one lost choice of reference as its share', () => {
  // Photos a1 a2 b1 b2. Asked with a1, b1 beats a2 and b2 does not: half of a1's choices are lost, all others won.
  const score = [
    [9, 5, 6, 4],
    [5, 9, 1, 1],
    [1, 1, 9, 5],
    [1, 1, 5, 9],
  ].flat();
  const figure = topOneWithOne({ labels: ['a', 'a', 'b', 'b'], score: Float32Array.from(score) });
  expect(figure).toBe((0.5 + 1 + 1 + 1) / 4);
});

it('auroc counts ties as half', () => {
  expect(auroc([2, 1], [1, 0])).toBe((1 + 1 + 0.5 + 1) / 4);
});

it('a curve between the scores lets all that is known in and nobody else, and memory is told by its own photos', () => {
  const scores = table(6, 0.2); // 1 to 1.2 within a thing, 0 to 0.2 between things
  const seen: number[] = [];
  const told = decide(scores, 1, 5, 1, (pairs) => {
    seen.push(pairs.length);
    expect(pairs.every(({ isSame, score }) => isSame === score > 0.5)).toBe(true);
    return { slope: 100, bias: -50, threshold: 0.5 };
  });
  expect(told).toEqual({ right: 1, strangersIn: 0 });
  expect(seen).toEqual([3, 3, 3, 3, 3]); // three things of one photo: strangers to each other, nothing of the same thing
  expect(decide(scores, 1, 5, 1, () => ({ slope: 100, bias: 0, threshold: 0.5 })).strangersIn).toBe(1);
});
