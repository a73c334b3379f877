// React's view of a vanilla store: the component renders again when its selection changes.

import { useSyncExternalStore } from 'react';
import { app, type AppState } from '../client/state';
import type { Store } from '../client/store';

/** `select` must return something that is identical while nothing changed: a field, not a new object. */
export function useStore<T extends object, R>(store: Store<T>, select: (state: T) => R): R {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

export function useApp<R>(select: (state: AppState) => R): R {
  return useStore(app, select);
}
