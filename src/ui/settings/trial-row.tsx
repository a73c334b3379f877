// Trying a larger model out: the button, what to stop it with, and what came of it.

import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { large, stopTrying } from '../../client/large-commands';
import { useStore } from '../use-store';

interface TrialRowProps {
  readonly canTest: boolean;
  readonly onTest: () => void;
  readonly waiting: string | undefined; // what is being waited for
  readonly children?: ReactNode; // buttons before it
}

export function TrialRow({ canTest, onTest, waiting, children }: TrialRowProps) {
  const busy = useStore(large, (state) => state.busy);
  const said = useStore(large, (state) => state.said);
  return (
    <div className="acts left">
      {children}
      <Button className="button small" isDisabled={busy !== undefined || !canTest} onPress={onTest}>
        Test
      </Button>
      {busy && (
        <Button className="button quiet-button small" onPress={stopTrying}>
          Stop
        </Button>
      )}
      <span role="status" className={said && !said.good ? 'problem' : 'quiet'}>
        {waiting ?? said?.text}
      </span>
    </div>
  );
}
