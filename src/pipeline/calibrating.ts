// Calibrating over ports: the curve of an encoder that was never measured, fitted to the photos that are in memory, and kept.

import * as v from 'valibot';
import { fitCurve, pairsOf, type ScoredPair } from '../core/calibrate';
import { hashParts } from '../core/hash';
import type { PhotoVectors } from '../core/types';
import type { Context } from './context';
import type { Calibration, EncoderPort, MemoryPort } from './ports';

/** Photos asked about; one a concept first. More say little more and cost a fifth of a second each. */
const MOST_PHOTOS = 24;

const Finite = v.pipe(v.number(), v.finite());

/** A derived record under the encoder's fingerprint. `photos`: a hash of those it was made from. */
const Kept = v.object({ slope: Finite, bias: Finite, pairs: v.number(), photos: v.string() });

function settingOf({ info }: EncoderPort): string {
  return `calibration/${info.fingerprint}`;
}

/** What scores of this encoder mean here: as it was shipped, or as fitted where that was a guess. */
export async function calibrationOf(
  encoder: EncoderPort,
  memory: Pick<MemoryPort, 'readSetting'>,
): Promise<Calibration> {
  const { calibration } = encoder;
  if (calibration.isGuess !== true) return calibration;
  const kept = v.safeParse(Kept, await memory.readSetting(settingOf(encoder)));
  return kept.success ? { ...calibration, slope: kept.output.slope, bias: kept.output.bias } : calibration;
}

/** Fits anew when photos came or went since. Nothing to do for an encoder that was measured. Returns whether it was done. */
export async function calibrate(context: Context, signal: AbortSignal): Promise<boolean> {
  const { encoder, memory } = context.ports;
  if (encoder.calibration.isGuess !== true) return false;
  const vectors = await context.vectors();
  const photos = hashParts([
    vectors
      .map(({ photoId }) => photoId)
      .sort()
      .join(' '),
  ]);
  const kept = v.safeParse(Kept, await memory.readSetting(settingOf(encoder)));
  if (kept.success && kept.output.photos === photos) return false;
  const pairs: ScoredPair[] = [];
  for (const photo of spread(vectors)) {
    // One photo at a time, so that a question waits for one.
    const found = await context.queue.run(
      'background',
      () => Promise.resolve(pairsOf(photo, vectors, encoder.background, encoder.calibration)),
      signal,
    );
    pairs.push(...found);
  }
  const { slope, bias } = fitCurve(pairs, encoder.calibration);
  await memory.saveSetting(settingOf(encoder), { slope, bias, pairs: pairs.length, photos });
  return true;
}

/** The first photo of every concept, then every second one, and so on. */
function spread(vectors: readonly PhotoVectors[]): PhotoVectors[] {
  const rank = new Map<string, number>();
  const ranked = vectors.map((photo) => {
    const at = rank.get(photo.conceptId) ?? 0;
    rank.set(photo.conceptId, at + 1);
    return { photo, at };
  });
  return ranked
    .toSorted((a, b) => a.at - b.at)
    .slice(0, MOST_PHOTOS)
    .map(({ photo }) => photo);
}
