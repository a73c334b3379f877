// How fast a download is: over the last seconds for the eye, over all of it for the next estimate.

const WINDOW_MS = 5_000;
/** Too little to say anything about the line. */
const LEAST_BYTES = 1_000_000;

export interface Speed {
  add(bytes: number): void;
  /** Bytes a second over the last seconds; undefined before anything came. */
  now(): number | undefined;
  /** Over all that came; undefined when that was too little to judge by. */
  overall(): number | undefined;
}

export function createSpeed(clock: () => number = () => performance.now()): Speed {
  const startedAt = clock();
  let recent: { at: number; bytes: number }[] = [];
  let total = 0;
  return {
    add(bytes) {
      total += bytes;
      recent.push({ at: clock(), bytes });
    },
    now() {
      const at = clock();
      recent = recent.filter((one) => at - one.at <= WINDOW_MS);
      if (total === 0) return undefined;
      const bytes = recent.reduce((sum, one) => sum + one.bytes, 0);
      const span = Math.min(WINDOW_MS, at - startedAt);
      return span > 0 ? (bytes / span) * 1000 : undefined;
    },
    overall() {
      const span = clock() - startedAt;
      return total < LEAST_BYTES || span <= 0 ? undefined : (total / span) * 1000;
    },
  };
}
