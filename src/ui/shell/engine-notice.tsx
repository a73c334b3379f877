// When the engine has stopped, or another model than the chosen one answers: why, in a sentence, and how to go on.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { startAgain } from '../../client/engine';
import { hrefOf } from '../router';
import { useApp } from '../use-store';

export function EngineNotice() {
  const engine = useApp((state) => state.engine);
  const [seen, setSeen] = useState<string>();
  if (engine.kind === 'ready' && engine.status.insteadOf !== undefined && engine.status.insteadOf !== seen) {
    const { label, insteadOf, fallback } = engine.status;
    return (
      <div className="notice soft" role="status">
        <p>
          {label} answers instead of {insteadOf}. {fallback} <a href={hrefOf({ place: 'models' })}>Models</a>
        </p>
        <Button className="button quiet-button small" onPress={() => setSeen(insteadOf)}>
          All right
        </Button>
      </div>
    );
  }
  if (engine.kind !== 'failed') return null;
  return (
    <div className="notice" role="alert">
      <p>{engine.message}</p>
      <Button
        className="button"
        onPress={() => {
          startAgain(false);
        }}
      >
        Start again
      </Button>
    </div>
  );
}
