// A server of the user's: its address, its model, a key if it wants one, and a test.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { editLarge, findModels, large, setLarge, testLarge, unlockKey } from '../../client/large-commands';
import type { LargeView } from '../../core/large';
import { LabelledField } from '../labelled-field';
import { useStore } from '../use-store';
import { TrialRow } from './trial-row';

const WAITING = { listing: 'Asking the server…', testing: 'Saying hello…' };

export function ServerFields({ view: { settings, key } }: { view: LargeView }) {
  const [address, setAddress] = useState(settings.baseUrl);
  const models = useStore(large, (state) => state.models);
  const busy = useStore(large, (state) => state.busy);
  const [typed, setTyped] = useState<string>(); // undefined: as it is kept
  const model = typed ?? settings.model;
  const save = async () => {
    if (address.trim() !== settings.baseUrl) await setLarge({ baseUrl: address.trim() });
    if (model.trim() !== settings.model) await setLarge({ model: model.trim() });
    setTyped(undefined);
  };
  return (
    <div className="server-fields">
      <div
        onBlur={() => {
          void save();
        }}
      >
        <LabelledField
          label="Address"
          value={address}
          onChange={setAddress}
          placeholder="http://localhost:11434/v1"
          hint="It usually ends in /v1. The server must allow this page to ask it (CORS)."
        />
      </div>
      <KeyFields state={key} />
      <label className="labelled">
        <span>Model</span>
        <input
          className="field"
          list="server-models"
          value={model}
          placeholder="One that sees pictures"
          onChange={({ target }) => {
            setTyped(target.value);
          }}
          onBlur={() => {
            void save();
          }}
        />
        <datalist id="server-models">
          {models.map((model) => (
            <option key={model} value={model} />
          ))}
        </datalist>
      </label>
      <TrialRow
        canTest={address.trim() !== '' && model.trim() !== ''}
        onTest={() => void save().then(testLarge)}
        waiting={busy && WAITING[busy]}
      >
        <Button
          className="button small"
          isDisabled={busy !== undefined || address.trim() === ''}
          onPress={() => void save().then(findModels)}
        >
          Find models
        </Button>
      </TrialRow>
      <details>
        <summary>More</summary>
        <div className="stack">
          <label className="labelled">
            <span>Give up after so many seconds of silence</span>
            <input
              className="field"
              type="number"
              min={1}
              max={600}
              defaultValue={settings.timeoutS}
              onBlur={({ target }) => {
                const timeoutS = Math.round(target.valueAsNumber);
                if (timeoutS >= 1 && timeoutS <= 600) void setLarge({ timeoutS });
              }}
            />
          </label>
        </div>
      </details>
      <p className="hint">
        A question with a photo costs a short request for each thing that may be on it, and one for the answer. The
        trace under each answer counts requests and tokens.
      </p>
    </div>
  );
}

function KeyFields({ state }: { state: LargeView['key'] }) {
  const [text, setText] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [problem, setProblem] = useState<string>();
  if (state === 'locked') {
    return (
      <form
        className="key-row"
        onSubmit={(event) => {
          event.preventDefault();
          void unlockKey(passphrase).then((wrong) => {
            setProblem(wrong);
            setPassphrase('');
          });
        }}
      >
        <LabelledField
          label="Passphrase of the key"
          value={passphrase}
          onChange={setPassphrase}
          secret
          error={problem}
        />
        <div className="acts left">
          <Button className="button small" type="submit" isDisabled={passphrase === ''}>
            Unlock
          </Button>
          <Forget />
        </div>
      </form>
    );
  }
  if (state !== 'none') {
    return (
      <div className="acts left">
        <span>
          Key kept in this browser
          {state === 'unlocked' ? ', encrypted; open until Jarvis is closed.' : ', not encrypted.'}
        </span>
        <Forget />
      </div>
    );
  }
  return (
    <form
      className="key-row"
      onSubmit={(event) => {
        event.preventDefault();
        void editLarge({ key: { text: text.trim(), passphrase } }).then(() => {
          setText('');
          setPassphrase('');
        });
      }}
    >
      <div className="two-fields">
        <LabelledField label="Key, if it needs one" value={text} onChange={setText} secret />
        <LabelledField
          label="Passphrase, to encrypt it"
          value={passphrase}
          onChange={setPassphrase}
          secret
          placeholder="optional"
        />
      </div>
      {text !== '' && (
        <div className="acts left">
          <Button className="button small" type="submit">
            Keep the key
          </Button>
          <span className="hint">It stays in this browser and goes to this address only.</span>
        </div>
      )}
    </form>
  );
}

function Forget() {
  return (
    <Button className="button quiet-button small" onPress={() => void editLarge({ key: { text: '' } })}>
      Forget the key
    </Button>
  );
}
