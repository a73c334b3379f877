// The store tells its listeners of changes, and only of changes.

import { expect, test, vi } from 'vitest';
import { createStore } from '../../../src/client/store';

test('a patch is merged and told once', () => {
  const store = createStore({ a: 1, b: 'x' });
  const listener = vi.fn();
  store.subscribe(listener);
  store.set({ a: 2 });
  store.set((state) => ({ a: state.a + 1, b: 'y' }));
  expect(store.get()).toEqual({ a: 3, b: 'y' });
  expect(listener).toHaveBeenCalledTimes(2);
});

test('setting what is there already tells nobody and keeps the state object', () => {
  const store = createStore({ list: [1] });
  const listener = vi.fn();
  store.subscribe(listener);
  const before = store.get();
  store.set({ list: before.list });
  expect(store.get()).toBe(before);
  expect(listener).not.toHaveBeenCalled();
});

test('a listener that leaves while being told disturbs nobody', () => {
  const store = createStore({ a: 0 });
  const second = vi.fn();
  const leave = store.subscribe(() => {
    leave();
  });
  store.subscribe(second);
  store.set({ a: 1 });
  store.set({ a: 2 });
  expect(second).toHaveBeenCalledTimes(2);
});
