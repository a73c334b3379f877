// Who answers: this device alone, a larger model on it, the browser's own, or a server of the user's.

import { lazy, Suspense, useEffect } from 'react';
import { Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components/RadioGroup';
import { SwitchButton, SwitchField } from 'react-aria-components/Switch';
import { large, readLarge, setLarge } from '../../client/large-commands';
import type { AnswerWith as Choice } from '../../core/large';
import { useStore } from '../use-store';
import { SentList } from './sent-list';
import { ServerFields } from './server-fields';

/** Loaded when it is chosen: it starts the hub worker, which others never need. */
const LargerFields = lazy(() => import('./larger-fields'));

const CHOICES: readonly { readonly value: Choice; readonly title: string; readonly says: string }[] = [
  { value: 'device', title: 'This device only', says: 'The small model answers. Nothing leaves this browser.' },
  {
    value: 'larger',
    title: 'A larger model on this device',
    says: 'One you downloaded, beside the small one. Slower, needs more memory. Nothing leaves this browser.',
  },
  {
    value: 'browser',
    title: 'This browser’s own model',
    says: 'The browser runs it on this machine, and may download it first.',
  },
  {
    value: 'server',
    title: 'My server',
    says: 'Ollama, llama.cpp, LM Studio, vLLM or a hosted model. You see what is sent before it goes.',
  },
];

export function AnswerWith() {
  const view = useStore(large, (state) => state.view);
  const builtIn = useStore(large, (state) => state.hasBuiltIn);
  useEffect(() => void readLarge(), []);
  if (!view) return null;
  const { settings } = view;
  const shown = CHOICES.filter(({ value }) => value !== 'browser' || builtIn || settings.answerWith === 'browser');
  return (
    <section className="answer-with" aria-label="Answer with">
      <RadioGroup
        className="choice"
        value={settings.answerWith}
        onChange={(value) => void setLarge({ answerWith: value as Choice })}
      >
        <Label>Answer with</Label>
        <div className="option-list">
          {shown.map(({ value, title, says }) => (
            <RadioField key={value} value={value}>
              <RadioButton className="option">
                <span className="option-dot" aria-hidden="true" />
                <span>
                  <span className="option-title">{title}</span>
                  <span className="hint">{says}</span>
                </span>
              </RadioButton>
            </RadioField>
          ))}
        </div>
      </RadioGroup>
      {settings.answerWith === 'larger' && (
        <Suspense fallback={<p className="quiet">Looking at what is on this device…</p>}>
          <LargerFields settings={settings} />
        </Suspense>
      )}
      {settings.answerWith === 'server' && <ServerFields view={view} />}
      <SwitchField isSelected={settings.checkPhotos} onChange={(checkPhotos) => void setLarge({ checkPhotos })}>
        <SwitchButton className="switch">
          <span className="switch-track" aria-hidden="true" />
          Check what a photo shows before answering
        </SwitchButton>
      </SwitchField>
      {(settings.answerWith === 'server' || settings.answerWith === 'browser') && <SentList />}
    </section>
  );
}
