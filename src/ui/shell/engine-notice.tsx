// When the engine has stopped: why, in a sentence, and how to go on.

import { Button } from 'react-aria-components/Button';
import { startAgain } from '../../client/engine';
import { useApp } from '../use-store';

export function EngineNotice() {
  const engine = useApp((state) => state.engine);
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
