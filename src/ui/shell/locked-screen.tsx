// Another tab has the models and the memory: one tab at a time, and the user chooses which.

import { Button } from 'react-aria-components/Button';
import { startAgain } from '../../client/engine';

export function LockedScreen() {
  return (
    <main className="locked">
      <h1>Jarvis is open in another tab</h1>
      <p>One tab at a time holds the models and the memory, so that nothing is written twice.</p>
      <Button
        className="button primary"
        onPress={() => {
          startAgain(true);
        }}
      >
        Use Jarvis here
      </Button>
    </main>
  );
}
