// A download: how far it is, file by file, how fast, and the one button that pauses it or goes on.

import { Button } from 'react-aria-components/Button';
import { Disclosure, DisclosurePanel } from 'react-aria-components/Disclosure';
import { ProgressBar } from 'react-aria-components/ProgressBar';
import { download, pauseDownload } from '../../client/models';
import { type KeptModel, receivedBytes, totalBytes } from '../../core/kept-models';
import type { KeptView } from '../../core/model-offers';
import { formatBytes } from '../format';
import { RemoveButton } from './remove-button';

export function DownloadProgress({ view: { model, bytesPerS }, label }: { view: KeptView; label: string }) {
  const total = totalBytes(model);
  const received = receivedBytes(model);
  const share = total > 0 ? received / total : 0;
  const rests = model.state === 'paused' || model.state === 'stopped';
  const words = total > 0 ? `${formatBytes(received)} of ${formatBytes(total)}` : '';
  return (
    <div className="download" data-state={model.state}>
      <ProgressBar className="meter" aria-label={`Download of ${label}`} value={share * 100} valueLabel={words}>
        <span className="meter-bar" aria-hidden="true">
          <span style={{ scale: `${share} 1` }} />
        </span>
        <span className="quiet download-words">
          {stateWords(model)}
          {words && ` · ${words}`}
          {!rests && rateWords(bytesPerS, total - received)}
        </span>
      </ProgressBar>
      {model.problem && (
        <p
          className={model.state === 'stopped' ? 'problem' : 'quiet'}
          role={model.state === 'stopped' ? 'alert' : 'status'}
        >
          {model.problem.message}
        </p>
      )}
      <div className="model-acts">
        {rests ? (
          <Button className="button primary" onPress={() => void download(model.id, model.dtype)}>
            Go on
          </Button>
        ) : (
          <Button className="button" onPress={() => void pauseDownload(model.key)}>
            Pause
          </Button>
        )}
        <RemoveButton model={model} label={label} />
      </div>
      {model.files.length > 0 && (
        <Disclosure className="model-details">
          <Button slot="trigger" className="button quiet-button small">
            Files
          </Button>
          <DisclosurePanel>
            <ul className="files">
              {model.files.map(({ name, size, received: came, isChecked }) => (
                <li key={name}>
                  <span>{name}</span>
                  <span className="quiet">
                    {isChecked ? `${formatBytes(size)}, checked` : `${formatBytes(came)} of ${formatBytes(size)}`}
                  </span>
                </li>
              ))}
            </ul>
          </DisclosurePanel>
        </Disclosure>
      )}
    </div>
  );
}

function stateWords({ state }: KeptModel): string {
  switch (state) {
    case 'listing':
      return 'Asking the hub';
    case 'downloading':
      return 'Downloading';
    case 'waiting':
      return 'Waiting to try again';
    case 'checking':
      return 'Checking what came';
    case 'paused':
      return 'Paused';
    case 'stopped':
      return 'Stopped';
    case 'ready':
      return 'Ready';
    default:
      return state satisfies never;
  }
}

function rateWords(bytesPerS: number | undefined, left: number): string {
  if (bytesPerS === undefined || bytesPerS < 1) return '';
  const seconds = left / bytesPerS;
  const time = seconds < 60 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
  return ` · ${formatBytes(Math.round(bytesPerS))}/s, ${time} left`;
}
