// Progress of a load as a page wants it: a bar moves smoothly at 20 Hz; every chunk of a file would flood the page with messages.
import type { OnProgress } from '../src/runtime/model-files';

const EVERY_MS = 50;

/** The last one always comes. */
export function paced(tell: OnProgress): OnProgress {
  let toldAt = 0;
  return (loadedBytes, totalBytes) => {
    const now = performance.now();
    if (now - toldAt < EVERY_MS && loadedBytes < totalBytes) return;
    toldAt = now;
    tell(loadedBytes, totalBytes);
  };
}
