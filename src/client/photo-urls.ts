// Object URLs of enrolled photos: read once, shared by all who show them, revoked a while after the last one is gone.

import type { PhotoId } from '../core/types';
import { engineApi } from './engine';

interface Entry {
  url: string | undefined; // undefined while it is read, or when the photo is gone
  users: number;
  readonly listeners: Set<() => void>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Going back and forth between places should not read photos again. */
const KEEP_MS = 30_000;

const entries = new Map<PhotoId, Entry>();

export function photoUrl(id: PhotoId): string | undefined {
  return entries.get(id)?.url;
}

/** Keeps the photo's URL alive until the returned function is called; `listener` hears when it is there. */
export function holdPhotoUrl(id: PhotoId, listener: () => void): () => void {
  const entry = entries.get(id) ?? open(id);
  clearTimeout(entry.timer);
  entry.users += 1;
  entry.listeners.add(listener);
  return () => {
    entry.users -= 1;
    entry.listeners.delete(listener);
    if (entry.users === 0)
      entry.timer = setTimeout(() => {
        close(id, entry);
      }, KEEP_MS);
  };
}

function open(id: PhotoId): Entry {
  const entry: Entry = { url: undefined, users: 0, listeners: new Set(), timer: undefined };
  entries.set(id, entry);
  engineApi()
    .then((api) => api.readPhoto(id))
    .then((blob) => {
      if (!blob || entries.get(id) !== entry) return;
      entry.url = URL.createObjectURL(blob);
      for (const listener of entry.listeners) listener();
    })
    .catch((error: unknown) => {
      console.error(error);
      entries.delete(id); // the next one who asks tries again
    });
  return entry;
}

function close(id: PhotoId, entry: Entry): void {
  if (entry.users > 0) return;
  if (entry.url) URL.revokeObjectURL(entry.url);
  if (entries.get(id) === entry) entries.delete(id);
}
