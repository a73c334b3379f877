// Photos of two real things side by side, in a memory too large to compare photo by photo: who is among the candidates, and found.

import { FULL_MATCHES } from '../src/core/match';
import { createPhotoIndex } from '../src/core/photo-candidates';
import { createRng } from '../src/core/random';
import type { ConceptId, PhotoVectors, Pixels } from '../src/core/types';
import { libraryOf } from '../src/pipeline/photo-library';
import { recognise } from '../src/pipeline/recognise';
import type { OpenedEncoder } from '../src/runtime/encoder';
import { createFastIndex } from '../src/runtime/simd-search';

/** A photo that memory does not hold, and whose it is. */
export interface Asked {
  readonly id: string;
  readonly pixels: Pixels;
}

const SEED = 20_261_129;
const PAIRS = 60;
const SIDE = 320; // px of each half

/** `memory` holds every one of `asked`'s things, and as many others as there are. */
export async function crowded(
  memory: readonly PhotoVectors[],
  asked: readonly Asked[],
  { encoder }: OpenedEncoder,
): Promise<[name: string, value: number][]> {
  const never = new AbortController().signal;
  const index = createPhotoIndex(encoder.background, createFastIndex);
  for (const photo of memory) index.add(photo);
  const library = libraryOf(memory, encoder.background, createFastIndex);
  const ownerOf = new Map(memory.map(({ photoId, conceptId }) => [photoId, conceptId]));
  const random = createRng(SEED);
  const pick = (): Asked => asked[Math.floor(random() * asked.length)] as Asked;
  let [byWhole, byParts, found, foreign] = [0, 0, 0, 0];
  for (let pair = 0; pair < PAIRS; pair++) {
    const first = pick();
    let second = pick();
    while (second.id === first.id) second = pick();
    const shown = [first, second].map(({ id }) => id as ConceptId);
    const photo = sideBySide(first.pixels, second.pixels);
    const query = await encoder.encode(photo, never);
    const both = (ids: readonly (ConceptId | undefined)[]): number => Number(shown.every((id) => ids.includes(id)));
    byWhole += both(index.nearest(query, FULL_MATCHES, {}).map((id) => ownerOf.get(id)));
    byParts += both(index.candidates(query, FULL_MATCHES).map((id) => ownerOf.get(id)));
    const present = (await recognise(encoder, encoder.calibration, photo, library, never)).filter(
      (match) => match.present,
    );
    found += both(present.map(({ conceptId }) => conceptId));
    foreign += Number(present.some(({ conceptId }) => !shown.includes(conceptId)));
  }
  const of = `two real things side by side, in a memory of ${memory.length} photos`;
  return [
    [`${of}: both among ${FULL_MATCHES} candidates`, byParts / PAIRS],
    [`${of}: both among the ${FULL_MATCHES} most alike as a whole`, byWhole / PAIRS],
    [`${of}: both found`, found / PAIRS],
    [`${of}: another claimed`, foreign / PAIRS],
  ];
}

/** Each squeezed into a square of its own, nearest pixel. */
function sideBySide(left: Pixels, right: Pixels): Pixels {
  const data = new Uint8ClampedArray(2 * SIDE * SIDE * 4);
  for (const [half, photo] of [left, right].entries()) {
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const from = Math.floor((y * photo.heightPx) / SIDE) * photo.widthPx + Math.floor((x * photo.widthPx) / SIDE);
        data.set(photo.data.subarray(4 * from, 4 * from + 4), 4 * (y * 2 * SIDE + half * SIDE + x));
      }
    }
  }
  return { widthPx: 2 * SIDE, heightPx: SIDE, data };
}
