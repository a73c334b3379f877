// One concept: its photos with their patches, its card, its facts.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { SwitchButton, SwitchField } from 'react-aria-components/Switch';
import { addPhotos, readNewPhotos } from '../../client/memory-commands';
import { sentence } from '../../client/perform';
import { toast } from '../../client/toasts';
import type { ConceptId } from '../../core/types';
import type { ConceptView } from '../../rpc/protocol';
import { IMAGE_TYPES } from '../files';
import { count, formatBytes } from '../format';
import { Icon } from '../icon';
import { openOverlay } from '../overlays';
import { hrefOf } from '../router';
import { CardSection } from './card-section';
import { ConceptHead } from './concept-head';
import { FactsSection } from './facts-section';
import { isUnsettled } from './job-state';
import { JobRows } from './job-rows';
import { PhotoTile } from './photo-tile';

export function ConceptPage({ view }: { view: ConceptView }) {
  const { concept, photos, patches, facts, jobs, bytes } = view;
  const [showsPatches, setShowsPatches] = useState(true);
  return (
    <div className="concept-page">
      <a className="back" href={hrefOf({ place: 'memory', conceptId: undefined })}>
        <Icon name="back" /> Memory
      </a>
      <ConceptHead concept={concept} />
      <section aria-label="Photos" className="photos-section">
        <header className="section-head">
          <h2>Photos</h2>
          {patches.length > 0 && (
            <SwitchField isSelected={showsPatches} onChange={setShowsPatches}>
              <SwitchButton className="switch">
                <span className="switch-track" aria-hidden="true" />
                Show patches
              </SwitchButton>
            </SwitchField>
          )}
          <FileTrigger
            allowsMultiple
            acceptedFileTypes={IMAGE_TYPES}
            onSelect={(list) => {
              if (list) void add(concept.id, [...list]);
            }}
          >
            <Button className="button small">
              <Icon name="add" /> Add photos
            </Button>
          </FileTrigger>
        </header>
        {jobs.some(isUnsettled) && <JobRows jobs={jobs} />}
        {photos.length > 0 ? (
          <ul className="photo-grid">
            {photos.map((photo, at) => (
              <li key={photo.id}>
                <PhotoTile
                  photo={photo}
                  label={`${concept.name}, photo ${at + 1} of ${photos.length}`}
                  patches={showsPatches ? patches.filter(({ photoId }) => photoId === photo.id) : []}
                />
              </li>
            ))}
          </ul>
        ) : (
          <p className="quiet">No photos. Add one, and Jarvis can recognise {concept.name}.</p>
        )}
      </section>
      <FactsSection concept={concept} facts={facts} />
      <CardSection concept={concept} />
      <footer className="concept-foot">
        <p className="quiet">
          {count(photos.length, 'photo')}, {count(patches.length, 'patch', 'patches')}, {count(facts.length, 'fact')},{' '}
          {formatBytes(bytes)}
        </p>
        <Button
          className="button danger"
          onPress={() => {
            openOverlay({ kind: 'forget', conceptId: concept.id });
          }}
        >
          <Icon name="trash" /> Forget {concept.name}
        </Button>
      </footer>
    </div>
  );
}

async function add(id: ConceptId, files: readonly File[]): Promise<void> {
  try {
    await addPhotos(id, await readNewPhotos(files));
  } catch (error) {
    toast({ text: sentence(error), tone: 'error', action: { label: 'Try again', run: () => void add(id, files) } });
  }
}
