// Asks before a concept is forgotten; there is an Undo afterwards too.

import { Button } from 'react-aria-components/Button';
import { deleteConcept } from '../../client/memory-commands';
import type { ConceptId } from '../../core/types';
import { count } from '../format';
import { closeOverlay } from '../overlays';
import { go } from '../router';
import { DialogFrame } from '../shell/dialog-frame';
import { useApp } from '../use-store';

export default function ForgetDialog({ conceptId }: { conceptId: ConceptId }) {
  const view = useApp((state) => state.memory?.concepts.find(({ concept }) => concept.id === conceptId));
  if (!view) return null;
  const { concept, photos, facts } = view;
  return (
    <DialogFrame title={`Forget ${concept.name}?`} size="small" role="alertdialog">
      <p>
        {count(photos.length, 'photo')} and {count(facts.length, 'fact')} go with it. You can undo this for a moment.
      </p>
      <div className="acts">
        <Button className="button" onPress={closeOverlay} autoFocus>
          Cancel
        </Button>
        <Button
          className="button danger solid"
          onPress={() => {
            closeOverlay();
            void deleteConcept(concept).then((done) => {
              if (done) go({ place: 'memory', conceptId: undefined }, 'replace');
            });
          }}
        >
          Forget
        </Button>
      </div>
    </DialogFrame>
  );
}
