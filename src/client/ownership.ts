// One tab owns the models and the memory: a Web Lock, which the browser gives back whatever becomes of the tab.
import { AppError } from '../core/errors';

const OWNER_LOCK = 'jarvis-owner';

export interface Ownership {
  /** Rejects with AppError 'locked' when another tab is the owner. */
  readonly taken: Promise<undefined>;
  readonly release: () => void;
  /** Settles when this tab is not (or no longer) the owner. */
  readonly released: Promise<unknown>;
}

/**
 * Asks for the models once `after` has settled. With `steal` they are taken from the tab that has them, and `onStolen`
 * runs there.
 */
export function takeOwnership(steal: boolean, after: Promise<unknown> | undefined, onStolen: () => void): Ownership {
  const taken = Promise.withResolvers<undefined>();
  const held = Promise.withResolvers<undefined>();
  taken.promise.catch(() => undefined); // whoever awaits it is told
  let owner = false;

  async function hold(): Promise<void> {
    await after;
    // `steal` and `ifAvailable` exclude each other.
    await navigator.locks.request(OWNER_LOCK, steal ? { steal: true } : { ifAvailable: true }, (lock) => {
      if (!lock) throw new AppError('locked', 'Jarvis is open in another tab. Close it there, or take over here.');
      owner = true;
      taken.resolve(undefined);
      return held.promise;
    });
  }
  const released = hold().catch((error: unknown) => {
    if (owner)
      onStolen(); // a stolen lock rejects with AbortError
    else taken.reject(error);
  });
  return {
    taken: taken.promise,
    release: () => {
      held.resolve(undefined);
    },
    released,
  };
}
