// Undo: what was removed is kept, while the page is open, as the act that puts it back.

import type { UndoToken } from '../core/acts';
import { AppError } from '../core/errors';

export interface Undo {
  keep(restore: () => Promise<void>): UndoToken;
  /** Runs once; throws 'bad-input' when too much happened since. */
  run(token: UndoToken): Promise<void>;
}

const KEPT = 20; // a deleted concept holds its photos in memory: some MB each

export function createUndo(): Undo {
  const acts = new Map<UndoToken, () => Promise<void>>();
  return {
    keep(restore) {
      const token: UndoToken = crypto.randomUUID();
      acts.set(token, restore);
      for (const oldest of acts.keys()) {
        if (acts.size <= KEPT) break;
        acts.delete(oldest);
      }
      return token;
    },
    async run(token) {
      const restore = acts.get(token);
      if (restore === undefined) throw new AppError('bad-input', 'This can no longer be undone.');
      acts.delete(token);
      await restore();
    },
  };
}
