// An enrolled photo in a frame of its own shape (or square, cropped), with its patches.

import type { Photo } from '../../core/types';
import type { ScoreMap } from '../../rpc/protocol';
import { Outlines, type Outline } from './outlines';
import { ScoreMapView } from './score-map-view';
import { usePhotoUrl } from './use-photo-url';

interface MemoryPhotoProps {
  readonly photo: Photo;
  readonly alt: string;
  readonly outlines?: readonly Outline[];
  readonly square?: boolean;
  readonly scoreMap?: ScoreMap | undefined;
}

export function MemoryPhoto({ photo, alt, outlines = [], square = false, scoreMap }: MemoryPhotoProps) {
  const url = usePhotoUrl(photo.id);
  return (
    <span className="photo-frame" style={{ aspectRatio: square ? '1' : `${photo.widthPx} / ${photo.heightPx}` }}>
      {url && <img src={url} alt={alt} draggable={false} />}
      {scoreMap && <ScoreMapView map={scoreMap} />}
      {outlines.length > 0 && <Outlines outlines={outlines} widthPx={photo.widthPx} heightPx={photo.heightPx} />}
    </span>
  );
}
