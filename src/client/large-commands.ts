// What a person can do about larger models, and what the page knows of them.

import { isAbort } from '../core/errors';
import type { ModelKey } from '../core/kept-models';
import type { LargeEdit, LargeSettings, LargeView, Outgoing, ReviewDecision, SentRecord } from '../core/large';
import { engineApi } from './engine';
import { did, perform, sentence } from './perform';
import { hasBuiltIn } from './prompt-api';
import { app } from './state';
import { createStore } from './store';
import { toast } from './toasts';

export interface LargeState {
  readonly view: LargeView | undefined; // undefined until it was read
  readonly hasBuiltIn: boolean; // whether this browser has a model of its own
  readonly models: readonly string[]; // of the server, once asked
  readonly busy: 'listing' | 'testing' | undefined;
  readonly said: { readonly good: boolean; readonly text: string } | undefined; // of the last try
  readonly sent: readonly SentRecord[] | undefined;
}

export const large = createStore<LargeState>({
  view: undefined,
  hasBuiltIn: false,
  models: [],
  busy: undefined,
  said: undefined,
  sent: undefined,
});

export async function readLarge(): Promise<void> {
  const [view, builtIn] = await Promise.all([perform((api) => api.readLarge()), hasBuiltIn()]);
  large.set({ hasBuiltIn: builtIn, ...(view && { view }) });
}

export async function editLarge(edit: LargeEdit): Promise<void> {
  const view = await perform((api) => api.editLarge(edit));
  if (view) large.set({ view, said: undefined });
}

export const setLarge = (settings: Partial<LargeSettings>): Promise<void> => editLarge({ settings });

/** The sentence of what was wrong, or undefined when the key is open. */
export async function unlockKey(passphrase: string): Promise<string | undefined> {
  try {
    large.set({ view: await (await engineApi()).unlockKey(passphrase) });
    return undefined;
  } catch (error) {
    return sentence(error);
  }
}

/**
 * The larger model `key` was removed, or answers by itself now: where it was the one that is asked, the small model answers alone again.
 * `why`: a sentence without its end, "SmolVLM 256M was removed".
 */
export async function forgetLarger(key: ModelKey, why: string): Promise<void> {
  const view = await perform((api) => api.readLarge());
  if (view?.settings.larger !== key) return;
  const wasAsked = view.settings.answerWith === 'larger';
  await setLarge({ larger: '', ...(wasAsked && { answerWith: 'device' }) });
  if (wasAsked) toast({ text: `${why}, so this device’s small model answers alone.` });
}

let trying: AbortController | undefined;

export function findModels(): Promise<void> {
  return attempt('listing', async (signal) => {
    const models = await (await engineApi()).listLargeModels(signal);
    large.set({ models });
    const { settings } = large.get().view ?? {};
    if (models.length === 0) return 'The server answers but names no models. Type the name of one.';
    if (settings?.model === '' && models[0] !== undefined) await setLarge({ model: models[0] });
    return models.length === 1 ? 'One model.' : `${models.length} models.`;
  });
}

export function testLarge(): Promise<void> {
  return attempt('testing', async (signal) => {
    const startedAt = performance.now();
    const said = await (await engineApi()).testLarge(signal);
    return `It works: “${said}”, after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`;
  });
}

export function stopTrying(): void {
  trying?.abort();
}

async function attempt(what: 'listing' | 'testing', act: (signal: AbortSignal) => Promise<string>): Promise<void> {
  trying?.abort();
  const controller = new AbortController();
  trying = controller;
  large.set({ busy: what, said: undefined });
  try {
    const text = await act(controller.signal);
    if (trying === controller) large.set({ said: { good: true, text } });
  } catch (error) {
    if (trying === controller && !isAbort(error)) large.set({ said: { good: false, text: sentence(error) } });
  } finally {
    if (trying === controller) large.set({ busy: undefined });
  }
}

export async function decideReview({ id }: Outgoing, decision: ReviewDecision): Promise<void> {
  app.set({ review: undefined });
  await did((api) => api.decideReview(id, decision));
}

export async function readSent(): Promise<void> {
  const sent = await perform((api) => api.listSent());
  if (sent) large.set({ sent });
}

export async function clearSent(): Promise<void> {
  if (await did((api) => api.clearSent())) large.set({ sent: [] });
}
