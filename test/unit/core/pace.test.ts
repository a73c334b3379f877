// Prefill's pace: a run is short enough to stop, long enough to be worth it, and all is read.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CHUNK, MIN_CHUNK, nextChunk, notePace } from '../../../src/core/pace';

describe('nextChunk', () => {
  it('takes at most 64 ms where the model is fast enough, and never more than is left', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 50, noNaN: true }), fc.integer({ min: 1, max: 4000 }), (ms, left) => {
        const tokens = nextChunk(ms, left);
        expect(tokens).toBeGreaterThan(0);
        expect(tokens).toBeLessThanOrEqual(Math.min(left, MAX_CHUNK));
        if (left > 32 && tokens > MIN_CHUNK && tokens < left) expect(tokens * ms).toBeLessThanOrEqual(64);
      }),
      { seed: 2 },
    );
  });

  it('reads a short question whole, and begins carefully', () => {
    expect(nextChunk(20, 30)).toBe(30);
    expect(nextChunk(undefined, 1000)).toBe(32);
    expect(nextChunk(0.1, 1000)).toBe(MAX_CHUNK);
    expect(nextChunk(100, 1000)).toBe(MIN_CHUNK);
  });
});

describe('notePace', () => {
  it('believes a faster run at once and a slower one step by step', () => {
    expect(notePace(undefined, 32, 320)).toBe(10);
    expect(notePace(10, 32, 32)).toBe(1);
    expect(notePace(1, 32, 3200)).toBeCloseTo(1.1);
    let pace: number | undefined = 1;
    for (let i = 0; i < 60; i++) pace = notePace(pace, 32, 3200);
    expect(pace).toBe(100);
    expect(notePace(1, 1, 50)).toBe(1);
  });
});
