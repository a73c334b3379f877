// A model from a folder: what another machine exported, or a copy of a repository.

import { useRef } from 'react';
import { Button } from 'react-aria-components/Button';
import { importModel, models } from '../../client/models';
import { useStore } from '../use-store';

export function CarrySection() {
  const input = useRef<HTMLInputElement>(null);
  const busy = useStore(models, (state) => state.busy !== undefined);
  return (
    <div className="model-acts">
      <Button className="button small" isDisabled={busy} onPress={() => input.current?.click()}>
        Import from a folder
      </Button>
      <span className="quiet">
        For a machine without the internet: export a model there where it is, carry the folder here.
      </span>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="Folder of a model"
        // React does not know the attribute by its type; browsers do.
        {...{ webkitdirectory: '' }}
        onChange={(event) => {
          void importModel([...(event.target.files ?? [])]);
          event.target.value = ''; // the same folder may be chosen again
        }}
      />
    </div>
  );
}
