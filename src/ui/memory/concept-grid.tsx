// All concepts as cards, with what they take up.

import { Button } from 'react-aria-components/Button';
import type { ConceptView, MemorySnapshot } from '../../rpc/protocol';
import { count, formatBytes } from '../format';
import { Icon } from '../icon';
import { loadSampleConcepts } from '../load-samples';
import { openOverlay } from '../overlays';
import { MemoryPhoto } from '../photo/memory-photo';
import { hrefOf } from '../router';
import { isUnderWay } from './job-state';
import { Usage } from './usage';

export function ConceptGrid({ memory }: { memory: MemorySnapshot }) {
  const add = (
    <Button
      className="button primary"
      onPress={() => {
        openOverlay({ kind: 'enrol', files: [] });
      }}
    >
      <Icon name="add" /> Add something
    </Button>
  );
  return (
    <div className="memory-place">
      <header className="place-head">
        <h1>Memory</h1>
        {memory.concepts.length > 0 && (
          <>
            <a className="button" href={hrefOf({ place: 'check-up' })}>
              Check-up
            </a>
            {add}
          </>
        )}
      </header>
      {memory.concepts.length === 0 ? (
        <div className="empty">
          <p className="lead">Nothing yet. Drop photos of something of yours anywhere on this page.</p>
          <div className="welcome-acts">
            {add}
            <Button className="button" onPress={() => void loadSampleConcepts()}>
              Load sample concepts
            </Button>
          </div>
        </div>
      ) : (
        <ul className="concept-grid">
          {memory.concepts.map((view) => (
            <li key={view.concept.id}>
              <ConceptTile view={view} />
            </li>
          ))}
        </ul>
      )}
      <Usage memory={memory} />
    </div>
  );
}

function ConceptTile({ view }: { view: ConceptView }) {
  const { concept, photos, facts, jobs, bytes } = view;
  const [cover] = photos;
  const underWay = jobs.filter(isUnderWay).length;
  return (
    <a className="concept-tile" href={hrefOf({ place: 'memory', conceptId: concept.id })}>
      {cover ? <MemoryPhoto square photo={cover} alt="" /> : <span className="photo-frame blank" />}
      <span className="tile-name">{concept.name}</span>
      <span className="tile-line">
        {underWay > 0
          ? `Looking at ${count(underWay, 'photo')}…`
          : [concept.card?.category, count(photos.length, 'photo'), count(facts.length, 'fact'), formatBytes(bytes)]
              .filter(Boolean)
              .join(' · ')}
      </span>
    </a>
  );
}
