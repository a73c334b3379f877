// Which dialog is open: at most one, opened from anywhere, loaded when first needed.

import type { ConceptId, PatchId, PhotoId } from '../core/types';
import { createStore } from '../client/store';

export type Overlay =
  | { readonly kind: 'enrol'; readonly files: readonly File[]; readonly name?: string }
  | { readonly kind: 'drop-choice'; readonly files: readonly File[] }
  | { readonly kind: 'photo'; readonly photoId: PhotoId; readonly litPatches: readonly PatchId[] }
  | { readonly kind: 'forget'; readonly conceptId: ConceptId }
  | { readonly kind: 'add-fact'; readonly conceptId: ConceptId | undefined }
  | { readonly kind: 'settings' };

export const overlays = createStore<{ open: Overlay | undefined }>({ open: undefined });

export function openOverlay(overlay: Overlay): void {
  overlays.set({ open: overlay });
}

export function closeOverlay(): void {
  overlays.set({ open: undefined });
}
