// A larger model of the catalogue that runs on this device beside the small one: which there are, and how it fares just now.

import { totalBytes, type ModelKey } from './kept-models';
import { parseModelChoice, type ModelDtype } from './model-choice';
import type { KeptView, Offer } from './model-offers';
import type { Backend } from './types';

/** How the larger model is, for the page. It is loaded when it is first asked, and let go when nobody asks it for long. */
export type LargerState =
  | { readonly kind: 'away' }
  | { readonly kind: 'making room'; readonly label: string; readonly small: string } // the small one is put away first
  | { readonly kind: 'loading'; readonly label: string; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly kind: 'ready'; readonly label: string; readonly backend: Backend; readonly isAlone: boolean } // alone: without the small one
  | { readonly kind: 'coming back'; readonly small: string }; // the small model

export const LARGER_AWAY: LargerState = { kind: 'away' };

/** "Loading SmolVLM 256M, 40 %"; undefined where there is nothing to wait for. */
export function waitWords(state: LargerState): string | undefined {
  switch (state.kind) {
    case 'making room':
      return `Putting ${state.small} away to make room for ${state.label}`;
    case 'loading': {
      const share = state.totalBytes > 0 ? Math.round((100 * state.loadedBytes) / state.totalBytes) : 0;
      return share < 100 ? `Loading ${state.label}, ${share} %` : `Testing ${state.label}`;
    }
    case 'coming back':
      return `Bringing ${state.small} back`;
    case 'away':
    case 'ready':
      return undefined;
    default:
      return state satisfies never;
  }
}

/** A model that can be chosen: whole on this device, and larger than the one that answers. */
export interface LargerOffer {
  readonly key: ModelKey;
  readonly label: string;
  readonly dtype: ModelDtype;
  readonly bytes: number;
}

/** `answering`: the small model, as the engine was asked for it. Models that no catalogue knows count as smaller than all of its. */
export function largerModels(offers: readonly Offer[], kept: readonly KeptView[], answering: string): LargerOffer[] {
  const parametersOf = (id: string): number => offers.find((offer) => offer.id === id)?.parameters ?? 0;
  const least = parametersOf(parseModelChoice(answering).folder);
  return kept.flatMap(({ model }) => {
    const offer = offers.find(({ id }) => id === model.id);
    if (model.state !== 'ready' || offer?.kind !== 'vlm' || offer.parameters <= least) return [];
    return [{ key: model.key, label: offer.label, dtype: model.dtype, bytes: totalBytes(model) }];
  });
}
