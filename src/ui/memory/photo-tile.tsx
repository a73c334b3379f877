// One photo of a concept, with its patches; opens large.

import { Button } from 'react-aria-components/Button';
import { deletePhoto } from '../../client/memory-commands';
import type { Patch, Photo } from '../../core/types';
import { Icon } from '../icon';
import { openOverlay } from '../overlays';
import { MemoryPhoto } from '../photo/memory-photo';

interface PhotoTileProps {
  readonly photo: Photo;
  readonly label: string;
  readonly patches: readonly Patch[];
}

export function PhotoTile({ photo, label, patches }: PhotoTileProps) {
  return (
    <div className="photo-tile">
      <Button
        className="thumb"
        aria-label={label}
        onPress={() => {
          openOverlay({ kind: 'photo', photoId: photo.id, litPatches: [] });
        }}
      >
        <MemoryPhoto
          square
          photo={photo}
          alt=""
          outlines={patches.map(({ id, box }) => ({ key: id, box, lit: false }))}
        />
      </Button>
      <Button
        className="icon-button small over-photo"
        aria-label={`Delete ${label}`}
        onPress={() => void deletePhoto(photo)}
      >
        <Icon name="trash" />
      </Button>
    </div>
  );
}
