// One photo, large, with its patches; the user may draw, move and remove them.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { SwitchButton, SwitchField } from 'react-aria-components/Switch';
import type { PatchId, PhotoId } from '../../core/types';
import { deletePhoto } from '../../client/memory-commands';
import { count } from '../format';
import { closeOverlay } from '../overlays';
import { go } from '../router';
import { DialogFrame } from '../shell/dialog-frame';
import { useApp } from '../use-store';
import { MemoryPhoto } from './memory-photo';
import { PatchEditor } from './patch-editor';
import { useScoreMap } from './score-map-view';

export default function PhotoDialog({ photoId, litPatches }: { photoId: PhotoId; litPatches: readonly PatchId[] }) {
  const [isEditing, setIsEditing] = useState(false);
  const [showsMap, setShowsMap] = useState(false);
  const view = useApp((state) => state.memory?.concepts.find(({ photos }) => photos.some(({ id }) => id === photoId)));
  const photo = view?.photos.find(({ id }) => id === photoId);
  const map = useScoreMap(photoId, showsMap, view?.patches);
  if (!view || !photo) return null;
  const patches = view.patches.filter((patch) => patch.photoId === photoId);
  const name = view.concept.name;

  return (
    <DialogFrame title={name} size="wide" keepsInput={isEditing}>
      {isEditing ? (
        <PatchEditor
          photo={photo}
          patches={patches}
          onDone={() => {
            setIsEditing(false);
          }}
        />
      ) : (
        <>
          <div className="large-photo">
            <MemoryPhoto
              photo={photo}
              alt={`Photo of ${name}`}
              scoreMap={showsMap ? (map ?? undefined) : undefined}
              outlines={patches.map(({ id, box }) => ({ key: id, box, lit: litPatches.includes(id) }))}
            />
          </div>
          <div className="acts">
            <SwitchField isSelected={showsMap} onChange={setShowsMap}>
              <SwitchButton className="switch">
                <span className="switch-track" aria-hidden="true" />
                Score map
              </SwitchButton>
            </SwitchField>
            {showsMap && map === null && <p className="quiet">This photo was not looked at yet.</p>}
            <p className="quiet">
              {count(patches.length, 'patch', 'patches')}
              {litPatches.length > 0 ? `, ${litPatches.length} used in this answer` : ''}
              {patches.some(({ by }) => by === 'user') ? ', drawn by you' : ''}
            </p>
            <Button
              className="button quiet-button"
              onPress={() => {
                closeOverlay();
                go({ place: 'memory', conceptId: view.concept.id });
              }}
            >
              Open {name}
            </Button>
            <Button
              className="button quiet-button"
              onPress={() => {
                closeOverlay();
                void deletePhoto(photo);
              }}
            >
              Delete photo
            </Button>
            <Button
              className="button"
              onPress={() => {
                setIsEditing(true);
              }}
            >
              Edit patches
            </Button>
          </div>
        </>
      )}
    </DialogFrame>
  );
}
