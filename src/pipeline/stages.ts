// Runs stages in order and keeps their times: the trace under an answer and the words on a progress row.

import type { Stage, StageTime } from '../core/types';

export interface StageRunner {
  /** Runs one stage. `note` says in a few words what came of it. */
  run<T>(stage: Stage, task: () => Promise<T>, note: (result: T) => string): Promise<T>;
  readonly times: readonly StageTime[];
}

/** `onStart` is told when a stage begins (empty note) and when it ends (its note). A failed stage keeps its time. */
export function createStages(onStart: (stage: Stage, note: string) => void): StageRunner {
  const times: StageTime[] = [];
  return {
    times,
    async run(stage, task, note) {
      const startedAt = performance.now();
      onStart(stage, '');
      let said = 'failed';
      try {
        const result = await task();
        said = note(result);
        return result;
      } finally {
        times.push({ stage, ms: performance.now() - startedAt, note: said });
        onStart(stage, said);
      }
    },
  };
}

/** "1 fact", "3 facts". */
export function counted(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`;
}
