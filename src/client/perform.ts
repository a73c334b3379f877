// Runs one act of the user against the engine; what fails is said in a sentence and offered again.

import { isAbort, isAppError } from '../core/errors';
import type { UndoToken } from '../rpc/protocol';
import { engineApi } from './engine';
import { toast } from './toasts';
import type { EngineApi } from './workers';

/** Resolves to the act's result, or undefined when it failed (the user has been told). */
export async function perform<T>(act: (api: EngineApi) => Promise<T>): Promise<T | undefined> {
  try {
    return await act(await engineApi());
  } catch (error) {
    if (isAbort(error)) return undefined;
    toast({
      text: sentence(error),
      tone: 'error',
      action: { label: 'Try again', run: () => void perform(act) },
    });
    return undefined;
  }
}

/** Like `perform`, for an act without a result: whether it was done. */
export async function did(act: (api: EngineApi) => Promise<void>): Promise<boolean> {
  const done = await perform(async (api) => {
    await act(api);
    return true as const;
  });
  return done === true;
}

/** A delete with an Undo toast. `restored` runs after what was deleted is back. */
export async function performWithUndo(
  what: string,
  act: (api: EngineApi) => Promise<UndoToken>,
  restored?: () => void,
): Promise<boolean> {
  const token = await perform(act);
  if (token === undefined) return false;
  const undo = async (): Promise<void> => {
    await perform((api) => api.undo(token));
    restored?.();
  };
  toast({ text: what, action: { label: 'Undo', run: () => void undo() } });
  return true;
}

export function sentence(error: unknown): string {
  if (isAppError(error)) return error.message;
  console.error(error);
  return 'Something went wrong inside Jarvis. Nothing was lost; try again.';
}
