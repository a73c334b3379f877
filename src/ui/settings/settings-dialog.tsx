// Settings and about: what runs here, on what, and how it looks.

import { useState } from 'react';
import { Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components/RadioGroup';
import { startAgain } from '../../client/engine';
import {
  readBackendChoice,
  readRestChoice,
  readTheme,
  saveBackendChoice,
  saveRestChoice,
  saveTheme,
  type BackendChoice,
  type Theme,
} from '../../client/preferences';
import type { RestDtype } from '../../core/kv-block';
import { formatBytes } from '../format';
import { DialogFrame } from '../shell/dialog-frame';
import { useApp } from '../use-store';
import { AnswerWith } from './answer-with';
import { EngineFacts } from './engine-facts';
import { ModelsLink } from './models-link';

export default function SettingsDialog() {
  const [theme, setTheme] = useState(readTheme);
  const [backend, setBackend] = useState(readBackendChoice);
  const [rest, setRest] = useState(readRestChoice);
  const used = useApp((state) => state.memory?.totalBytes);
  return (
    <DialogFrame title="Settings">
      <div className="stack">
        <Choice<Theme>
          label="Theme"
          value={theme}
          options={[
            ['system', 'As the system'],
            ['light', 'Light'],
            ['dark', 'Dark'],
          ]}
          onChange={(value) => {
            setTheme(value);
            saveTheme(value);
          }}
        />
        <AnswerWith />
        <ModelsLink />
        <Choice<BackendChoice>
          label="Backend"
          value={backend}
          options={[
            ['auto', 'Automatic'],
            ['wasm', 'WASM only'],
          ]}
          onChange={(value) => {
            setBackend(value);
            saveBackendChoice(value);
            startAgain(false);
          }}
        />
        <Choice<RestDtype>
          label="Memory"
          value={rest}
          options={[
            ['int8', 'Compact, 8 bit'],
            ['float16', 'Precise, 16 bit'],
          ]}
          onChange={(value) => {
            setRest(value);
            saveRestChoice(value);
            startAgain(false);
          }}
        />
        <EngineFacts />
        <section className="about">
          <h3>About mini</h3>
          <p>
            mini is a very small model, trained for one thing: to answer from the notes and photos that you gave. It
            answers in a sentence, and says “I don’t know” when your notes do not say. It knows nothing of the world and
            can be wrong; the sources under each answer show what it went by.
          </p>
          <p>
            Nothing leaves this device unless you choose to answer with your server, above, and say so in each chat.
            Models, photos, facts and chats stay in this browser
            {used === undefined ? '.' : `, ${formatBytes(used)} of them.`}
          </p>
        </section>
        <section className="about">
          <h3>Keys</h3>
          <dl className="keys">
            <Key keys="Enter" does="send" />
            <Key keys="Shift Enter" does="new line" />
            <Key keys="Esc" does="stop the answer" />
            <Key keys="↑" does="last question again, in an empty field" />
            <Key keys="F6" does="to the messages" />
          </dl>
        </section>
      </div>
    </DialogFrame>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}

function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <RadioGroup
      className="choice"
      orientation="horizontal"
      value={value}
      onChange={(next) => {
        onChange(next as T);
      }}
    >
      <Label>{label}</Label>
      <div className="segments">
        {options.map(([key, words]) => (
          <RadioField key={key} value={key}>
            <RadioButton className="segment">{words}</RadioButton>
          </RadioField>
        ))}
      </div>
    </RadioGroup>
  );
}

function Key({ keys, does }: { keys: string; does: string }) {
  return (
    <div>
      <dt>
        <kbd>{keys}</kbd>
      </dt>
      <dd>{does}</dd>
    </div>
  );
}
