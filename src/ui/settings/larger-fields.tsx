// A larger model on this device: which of the downloaded ones is asked, a test, and the way to more.

import { useEffect } from 'react';
import { Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components/RadioGroup';
import { large, setLarge, testLarge } from '../../client/large-commands';
import { models, openModels } from '../../client/models';
import type { LargeSettings } from '../../core/large';
import { largerModels, waitWords } from '../../core/larger';
import { EMBEDDED_MODEL } from '../../core/model-choice';
import { formatBytes } from '../format';
import { closeOverlay } from '../overlays';
import { hrefOf } from '../router';
import { useApp, useStore } from '../use-store';
import { TrialRow } from './trial-row';

export default function LargerFields({ settings: { larger } }: { settings: LargeSettings }) {
  const snapshot = useStore(models, (state) => state.snapshot);
  const failed = useStore(models, (state) => state.failed);
  const busy = useStore(large, (state) => state.busy);
  const state = useApp((app) => app.larger);
  const answering = useApp(({ engine }) => (engine.kind === 'ready' ? engine.status.model : EMBEDDED_MODEL));
  useEffect(() => void openModels(), []);
  const offered = snapshot === undefined ? [] : largerModels(snapshot.offers, snapshot.kept, answering);
  const only = offered.length === 1 ? offered[0]?.key : undefined;
  useEffect(() => {
    if (larger === '' && only !== undefined) void setLarge({ larger: only }); // there is nothing to choose
  }, [larger, only]);
  if (snapshot === undefined) return <p className="quiet">{failed ?? 'Looking at what is on this device…'}</p>;
  const isHere = offered.some(({ key }) => key === larger);
  const link = (
    <a href={hrefOf({ place: 'models' })} onClick={closeOverlay}>
      Models
    </a>
  );
  if (offered.length === 0) {
    return (
      <div className="notice soft">
        <p>There is no larger model on this device, so the small one answers. Download one under {link}.</p>
      </div>
    );
  }
  return (
    <div className="server-fields">
      <RadioGroup className="choice" value={larger} onChange={(key) => void setLarge({ larger: key })}>
        <Label>Larger model</Label>
        <div className="option-list">
          {offered.map(({ key, label, dtype, bytes }) => (
            <RadioField key={key} value={key}>
              <RadioButton className="option">
                <span className="option-dot" aria-hidden="true" />
                <span>
                  <span className="option-title">{label}</span>
                  <span className="hint">
                    {dtype}, {formatBytes(bytes)}
                  </span>
                </span>
              </RadioButton>
            </RadioField>
          ))}
        </div>
      </RadioGroup>
      {larger !== '' && !isHere && (
        <p className="problem">The model that was chosen is not on this device any more. Choose another.</p>
      )}
      <TrialRow
        canTest={isHere}
        onTest={() => void testLarge()}
        waiting={busy === 'testing' ? (waitWords(state) ?? 'Saying hello…') : undefined}
      />
      <p className="hint">
        It is loaded with the first question and let go after five quiet minutes. A question with a photo costs a short
        request for each thing that may be on it, and one for the answer; the trace under each answer counts requests
        and tokens. Get more under {link}.
      </p>
    </div>
  );
}
