// Patches drawn on a photo: thin bright outlines with a dark edge, so that they show on any picture.

import type { Box } from '../../core/types';

export interface Outline {
  readonly key: string;
  readonly box: Box;
  readonly lit: boolean;
}

interface OutlinesProps {
  readonly outlines: readonly Outline[];
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Lies over an <img> with object-fit: cover; `slice` crops the outlines exactly as the picture is cropped. */
export function Outlines({ outlines, widthPx, heightPx }: OutlinesProps) {
  return (
    <svg
      className="outlines"
      viewBox={`0 0 ${widthPx} ${heightPx}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      {outlines.map(({ key, box, lit }) => {
        const place = {
          x: box.x * widthPx,
          y: box.y * heightPx,
          width: box.w * widthPx,
          height: box.h * heightPx,
        };
        return (
          <g key={key} data-lit={lit}>
            <rect className="edge" {...place} vectorEffect="non-scaling-stroke" />
            <rect className="line" {...place} vectorEffect="non-scaling-stroke" />
          </g>
        );
      })}
    </svg>
  );
}
