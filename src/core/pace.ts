// How many tokens a prefill run reads: a run cannot be broken off, so its length is what stopping has to wait for.

// [Note: Pace] A run takes at most CHUNK_MS, as far as the last runs foretell, so that stopping takes well under 100 ms. A
// model too slow for that is read MIN_CHUNK tokens a run, because every run also moves the whole cache; for the same reason
// what is left goes in one run when it is a short question. Sizes are powers of two: a backend that plans by shape need
// not plan anew.

/** Beyond this matrices are no more efficient, and the logits of a chunk take memory. */
export const MAX_CHUNK = 128;
export const MIN_CHUNK = 16;
const CHUNK_MS = 64;
const FIRST_CHUNK = 32; // before anything was measured
const SHORT = 32; // tokens of a question without a photo

/** Times move by what else the machine does: a slower run is believed a tenth at a time, a faster one at once. */
const SLOWER = 1.1;

/** ms a token, after a run of `tokens` took `ms`. Runs below MIN_CHUNK say little: they mostly move the cache. */
export function notePace(known: number | undefined, tokens: number, ms: number): number | undefined {
  if (tokens < MIN_CHUNK) return known;
  const now = ms / tokens;
  return known === undefined ? now : Math.min(now, known * SLOWER);
}

/** Tokens of the next run when `left` are left to read. */
export function nextChunk(msPerToken: number | undefined, left: number): number {
  if (left <= SHORT) return left;
  const size =
    msPerToken === undefined ? FIRST_CHUNK : 2 ** Math.floor(Math.log2(CHUNK_MS / Math.max(msPerToken, 1e-3)));
  return Math.min(left, MAX_CHUNK, Math.max(MIN_CHUNK, size));
}
