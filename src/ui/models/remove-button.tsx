// Takes a model off this device; asks once, because what goes took long to come.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { removeModel } from '../../client/models';
import { type KeptModel, receivedBytes } from '../../core/kept-models';
import { formatBytes } from '../format';

export function RemoveButton({ model, label }: { model: KeptModel; label: string }) {
  const [asks, setAsks] = useState(false);
  const what = `${label} (${model.dtype})`;
  if (!asks) {
    return (
      <Button
        className="button quiet-button small danger"
        aria-label={`Remove ${what}`}
        onPress={() => {
          setAsks(true);
        }}
      >
        Remove
      </Button>
    );
  }
  return (
    <>
      <span className="quiet">{formatBytes(receivedBytes(model))} would have to be downloaded again.</span>
      <Button
        className="button small"
        autoFocus
        onPress={() => {
          setAsks(false);
        }}
      >
        Keep it
      </Button>
      <Button
        className="button small danger solid"
        aria-label={`Yes, remove ${what}`}
        onPress={() => void removeModel(model.key)}
      >
        Remove it
      </Button>
    </>
  );
}
