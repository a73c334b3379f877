// What a person can do with the check-up: begin it, end it, and see what the last one said. It goes on when they look elsewhere.

import { isAbort } from '../core/errors';
import type { CheckUpProgress, CheckUpResult } from '../rpc/protocol';
import { engineApi } from './engine';
import { sentence } from './perform';
import { createStore } from './store';

export interface CheckUpState {
  readonly progress: CheckUpProgress | undefined; // while it runs
  readonly stopping: boolean;
  readonly result: CheckUpResult | undefined;
  readonly failed: string | undefined;
  readonly isRead: boolean; // whether the kept result was looked for
}

export const checkUp = createStore<CheckUpState>({
  progress: undefined,
  stopping: false,
  result: undefined,
  failed: undefined,
  isRead: false,
});

let stopper: AbortController | undefined;

export async function runCheckUp(): Promise<void> {
  if (stopper !== undefined) return;
  const controller = new AbortController();
  stopper = controller;
  checkUp.set({ progress: { done: 0, total: 0, right: 0, text: '' }, stopping: false, failed: undefined });
  try {
    const api = await engineApi();
    const result = await api.checkUp((progress) => {
      if (stopper === controller) checkUp.set({ progress }); // the last may come after the call has settled
    }, controller.signal);
    // Stopped before the first answer: what was known before says more.
    checkUp.set((state) => ({ result: result.report.all.n > 0 ? result : state.result }));
  } catch (error) {
    if (!isAbort(error)) checkUp.set({ failed: sentence(error) });
  } finally {
    stopper = undefined;
    checkUp.set({ progress: undefined, stopping: false, isRead: true });
  }
}

export function stopCheckUp(): void {
  checkUp.set({ stopping: true });
  stopper?.abort();
}

/** Reads what the last check-up said, unless one runs or was read already. */
export async function readLastCheckUp(): Promise<void> {
  if (checkUp.get().isRead || stopper !== undefined) return;
  try {
    const result = await (await engineApi()).lastCheckUp();
    checkUp.set((state) => ({ isRead: true, result: state.result ?? result }));
  } catch (error) {
    console.info('the last check-up could not be read', error); // it can be run again
    checkUp.set({ isRead: true });
  }
}
