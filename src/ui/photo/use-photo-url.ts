// Object URLs in React: of enrolled photos (shared, read from memory) and of bytes at hand.

import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { holdPhotoUrl, photoUrl } from '../../client/photo-urls';
import type { PhotoId } from '../../core/types';

/** undefined while the photo is read. */
export function usePhotoUrl(id: PhotoId): string | undefined {
  const subscribe = useCallback((listener: () => void) => holdPhotoUrl(id, listener), [id]);
  return useSyncExternalStore(subscribe, () => photoUrl(id));
}

/** `bytes` is compared by identity. */
export function useBytesUrl(bytes: ArrayBuffer | Blob | undefined, mime: string): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!bytes) return;
    const made = URL.createObjectURL(bytes instanceof Blob ? bytes : new Blob([bytes], { type: mime }));
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the URL is a resource this effect makes and frees
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
    };
  }, [bytes, mime]);
  return url;
}
