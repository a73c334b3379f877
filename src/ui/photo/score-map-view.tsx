// The miner's score map over a photo: warm where this thing is unlike the user's others.

import { useEffect, useRef, useState } from 'react';
import { readScoreMap } from '../../client/memory-commands';
import type { PhotoId } from '../../core/types';
import type { ScoreMap } from '../../rpc/protocol';

/** undefined while it is read, null where the photo has none yet. `patches` is what makes it be read again. */
export function useScoreMap(photoId: PhotoId, isWanted: boolean, patches: unknown): ScoreMap | null | undefined {
  const [read, setRead] = useState<{ readonly id: PhotoId; readonly map: ScoreMap | null }>();
  useEffect(() => {
    if (!isWanted) return;
    let isCurrent = true;
    void readScoreMap(photoId).then((map) => {
      if (isCurrent) setRead({ id: photoId, map: map ?? null });
    });
    return () => {
      isCurrent = false;
    };
  }, [photoId, isWanted, patches]);
  return read?.id === photoId ? read.map : undefined;
}

/** One pixel a cell, stretched and smoothed by the browser. Lies over an image of the same shape. */
export function ScoreMapView({ map: { gridW, gridH, score } }: { map: ScoreMap }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(gridW, gridH);
    score.forEach((value, cell) => {
      // Dark where nothing is told, the accent where much is.
      image.data.set([255 * value, 213 * value, 74 * value, 165 - 60 * value], 4 * cell);
    });
    context.putImageData(image, 0, 0);
  }, [gridW, gridH, score]);
  return (
    <canvas
      ref={canvas}
      className="score-map"
      width={gridW}
      height={gridH}
      role="img"
      aria-label="Score map: bright where this is unlike your other things"
    />
  );
}
