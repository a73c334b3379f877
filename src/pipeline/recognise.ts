// Recognising: who is on a photo, and where. One look at the whole, then one at each place where somebody may be.

import { cropPixels } from '../core/image';
import { closerLooks, CUT_MATCHES, matchCut, matchPhoto, settleMatches, type PhotoMatch } from '../core/match';
import type { ConceptId, PatchFeatures, PhotoVectors, Pixels } from '../core/types';
import type { PhotoLibrary } from './photo-library';
import type { Calibration, EncoderPort } from './ports';

/**
 * [Note: Closer looks at a photo] in core/match.ts. `asked`: concepts that are looked for whatever the photo is like. Cost: the encoder once for the photo and once for each of at most four places.
 */
export async function recognise(
  encoder: EncoderPort,
  calibration: Calibration,
  photo: Pixels,
  library: PhotoLibrary,
  signal: AbortSignal,
  asked: readonly ConceptId[] = [],
): Promise<PhotoMatch[]> {
  const { background } = encoder;
  const query = await encoder.encode(photo, signal);
  const matches = matchPhoto(query, await candidatesOf(library, query, asked), background, calibration, (id) =>
    library.photosOf(id),
  );
  const looked: PhotoMatch[] = [];
  for (const { match, box } of closerLooks(matches)) {
    const cut = await encoder.encode(cropPixels(photo, box), signal);
    const [own, others] = await Promise.all([
      library.nearest(cut, CUT_MATCHES.own, { of: match.conceptId }),
      library.nearest(cut, CUT_MATCHES.others, { notOf: match.conceptId }),
    ]);
    const rivals = { own, others, photos: library.photosOf(match.conceptId) };
    looked.push(matchCut(cut, match, rivals, background, calibration));
  }
  return settleMatches(matches, looked);
}

/** Photos that may show the same, and those of the concepts asked about that come nearest. */
async function candidatesOf(
  library: PhotoLibrary,
  query: PatchFeatures,
  asked: readonly ConceptId[],
): Promise<readonly PhotoVectors[]> {
  const lists = await Promise.all([
    library.candidates(query),
    ...asked.map((id) => library.nearest(query, CUT_MATCHES.own, { of: id })),
  ]);
  return [...new Map(lists.flat().map((photo) => [photo.photoId, photo])).values()];
}
