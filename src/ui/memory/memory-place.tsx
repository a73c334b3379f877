// Memory: all concepts, or one.

import type { ConceptId } from '../../core/types';
import { useApp } from '../use-store';
import { ConceptGrid } from './concept-grid';
import { ConceptPage } from './concept-page';
import { hrefOf } from '../router';

export default function MemoryPlace({ conceptId }: { conceptId: ConceptId | undefined }) {
  const memory = useApp((state) => state.memory);
  if (!memory) return <p className="quiet pad">Opening memory…</p>;
  if (conceptId === undefined) return <ConceptGrid memory={memory} />;
  const view = memory.concepts.find(({ concept }) => concept.id === conceptId);
  if (view) return <ConceptPage key={conceptId} view={view} />;
  return (
    <div className="pad">
      <p>This is not in memory (any more).</p>
      <a href={hrefOf({ place: 'memory', conceptId: undefined })}>All of memory</a>
    </div>
  );
}
