// What an answer rests on: facts in the user's own words, and photos with the patch that was used.

import { Button } from 'react-aria-components/Button';
import type { ConceptId, PhotoId, SourceRef } from '../../core/types';
import type { MemorySnapshot } from '../../rpc/protocol';
import { openOverlay } from '../overlays';
import { MemoryPhoto } from '../photo/memory-photo';
import { hrefOf } from '../router';
import { useApp } from '../use-store';

type PatchRef = Extract<SourceRef, { kind: 'patch' }>;
type WordsRef = Exclude<SourceRef, { kind: 'patch' }>;

export function Sources({ sources }: { sources: readonly SourceRef[] }) {
  const memory = useApp((state) => state.memory);
  const photos = new Map<PhotoId, PatchRef[]>();
  const words = new Map<ConceptId, WordsRef[]>();
  for (const source of sources) {
    if (source.kind === 'patch') photos.set(source.photoId, [...(photos.get(source.photoId) ?? []), source]);
    else words.set(source.conceptId, [...(words.get(source.conceptId) ?? []), source]);
  }
  return (
    <section className="sources" aria-label="Sources">
      {words.size > 0 && (
        <ul className="source-facts">
          {[...words].map(([conceptId, refs]) => (
            <li key={conceptId}>
              <a href={hrefOf({ place: 'memory', conceptId })}>{refs[0]?.name}</a>
              <ul>
                {refs.map((ref) => (
                  <li key={ref.kind === 'fact' ? ref.factId : 'card'} data-kind={ref.kind}>
                    {ref.text}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
      {photos.size > 0 && (
        <ul className="source-photos">
          {[...photos].map(([photoId, patches]) => (
            <li key={photoId}>
              <SourcePhoto memory={memory} patches={patches} photoId={photoId} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface SourcePhotoProps {
  readonly memory: MemorySnapshot | undefined;
  readonly photoId: PhotoId;
  readonly patches: readonly PatchRef[];
}

function SourcePhoto({ memory, photoId, patches }: SourcePhotoProps) {
  const photo = memory?.concepts.flatMap((view) => view.photos).find(({ id }) => id === photoId);
  const name = patches[0]?.name ?? '';
  if (!photo) return <span className="photo-frame gone">Photo deleted</span>;
  return (
    <Button
      className="thumb"
      aria-label={`Photo of ${name} with the patch that was used`}
      onPress={() => {
        openOverlay({ kind: 'photo', photoId, litPatches: patches.map(({ patchId }) => patchId) });
      }}
    >
      <MemoryPhoto
        square
        photo={photo}
        alt=""
        outlines={patches.map(({ patchId, box }) => ({ key: patchId, box, lit: true }))}
      />
    </Button>
  );
}
