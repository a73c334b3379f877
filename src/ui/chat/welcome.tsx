// The first run, on one screen: what this is, what it is not, and two ways to begin.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { loadSampleConcepts } from '../load-samples';
import { openOverlay } from '../overlays';
import { useApp } from '../use-store';

export function Welcome() {
  const isLoading = useApp((state) => state.engine.kind === 'loading');
  const [isBusy, setIsBusy] = useState(false);

  return (
    <div className="welcome">
      <h1>Jarvis remembers your things.</h1>
      <p className="lead">
        Drop in photos of something that is yours (a pet, a mug, a place), add a few facts, and ask about it, with or
        without a new photo.
      </p>
      <div className="welcome-acts">
        <Button
          className="button primary"
          isDisabled={isBusy}
          onPress={() => {
            setIsBusy(true);
            void loadSampleConcepts().finally(() => {
              setIsBusy(false);
            });
          }}
        >
          {isBusy ? (isLoading ? 'Waiting for the model…' : 'Loading samples…') : 'Load sample concepts'}
        </Button>
        <Button
          className="button"
          onPress={() => {
            openOverlay({ kind: 'enrol', files: [] });
          }}
        >
          Add something of yours
        </Button>
      </div>
      <dl className="promises">
        <div>
          <dt>Nothing leaves this device.</dt>
          <dd>The models run in this tab. Photos, facts and chats stay in this browser’s storage.</dd>
        </div>
        <div>
          <dt>The model is small.</dt>
          <dd>
            It is called mini. It gives short answers from what you told it and says when it does not know. It is no
            general chatbot.
          </dd>
        </div>
        <div>
          <dt>It works offline.</dt>
          <dd>After this first visit it needs no network at all.</dd>
        </div>
      </dl>
    </div>
  );
}
