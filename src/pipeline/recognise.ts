// Recognising: who is on a photo, and where. One look at the whole, then one at each place where somebody may be.

import { cropPixels } from '../core/image';
import { closerLooks, matchCut, matchPhoto, settleMatches, type PhotoMatch } from '../core/match';
import type { PhotoVectors, Pixels } from '../core/types';
import type { Calibration, EncoderPort } from './ports';

/** [Note: Closer looks at a photo] in core/match.ts. Cost: the encoder once for the photo and once for each of at most four places. */
export async function recognise(
  encoder: EncoderPort,
  calibration: Calibration,
  photo: Pixels,
  vectors: readonly PhotoVectors[],
  signal: AbortSignal,
): Promise<PhotoMatch[]> {
  const { background } = encoder;
  const matches = matchPhoto(await encoder.encode(photo, signal), vectors, background, calibration);
  const looked: PhotoMatch[] = [];
  for (const { match, box } of closerLooks(matches)) {
    const cut = await encoder.encode(cropPixels(photo, box), signal);
    looked.push(matchCut(cut, match, vectors, background, calibration));
  }
  return settleMatches(matches, looked);
}
