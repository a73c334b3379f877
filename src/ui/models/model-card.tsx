// One model of the catalogue: what it is good at, whether it fits, and what of it is on this device.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { Disclosure, DisclosurePanel } from 'react-aria-components/Disclosure';
import { download, exportModel, useEncoder as recogniseWith, useModel as answerWith } from '../../client/models';
import { type KeptModel, totalBytes } from '../../core/kept-models';
import type { ModelDtype } from '../../core/model-choice';
import type { KeptView, Offer } from '../../core/model-offers';
import { formatBytes } from '../format';
import { NamedValue } from '../named-value';
import { DownloadProgress } from './download-progress';
import { RemoveButton } from './remove-button';

interface ModelCardProps {
  readonly offer: Offer;
  readonly kept: readonly KeptView[];
  readonly switchingTo: string | undefined;
  readonly answering: string | undefined;
}

export function ModelCard({ offer, kept, switchingTo, answering }: ModelCardProps) {
  const { label, goodAt, licence, languages, fit, isRecommended } = offer;
  const [accepted, setAccepted] = useState(!licence.mustAccept);
  const isKept = kept.some(({ model }) => model.dtype === fit.dtype);
  return (
    <li className="model-card" aria-label={label} data-recommended={isRecommended}>
      <div className="model-head">
        <h3>{label}</h3>
        {isRecommended && <span className="tag">Recommended for this device</span>}
      </div>
      <p>{goodAt}</p>
      <p className="quiet">
        {languages.length > 0 && `${languages.join(', ')} · `}
        <a href={licence.url} target="_blank" rel="noreferrer">
          {licence.name}
        </a>
      </p>
      {!kept.some(({ model }) => model.state === 'ready') && (
        <p className="fit" data-verdict={fit.verdict}>
          {fit.sentence}
        </p>
      )}
      {licence.mustAccept && !isKept && (
        <label className="accept">
          <input type="checkbox" checked={accepted} onChange={(event) => setAccepted(event.target.checked)} />I have
          read and accept the {licence.name}
        </label>
      )}
      {kept.map((view) => (
        <Kept
          key={view.model.key}
          view={view}
          label={label}
          kind={offer.kind}
          switchingTo={switchingTo}
          answering={answering}
        />
      ))}
      {!isKept && fit.verdict !== 'no' && (
        <div className="model-acts">
          <Button
            className={isRecommended ? 'button primary' : 'button'}
            isDisabled={!accepted}
            onPress={() => void download(offer.id, fit.dtype)}
          >
            Download {formatBytes(sizeOf(offer, fit.dtype))}
          </Button>
        </div>
      )}
      <Details offer={offer} kept={kept} isAllowed={accepted} />
    </li>
  );
}

interface KeptProps {
  readonly view: KeptView;
  readonly label: string;
  readonly kind: Offer['kind'];
  readonly switchingTo: string | undefined;
  readonly answering: string | undefined;
}

function Kept({ view, label, kind, switchingTo, answering }: KeptProps) {
  const { model } = view;
  if (model.state !== 'ready') return <DownloadProgress view={view} label={label} />;
  const isAnswering = answering === model.key;
  return (
    <div className="model-acts">
      {isAnswering ? (
        <span className="tag">{kind === 'vlm' ? 'Answers now' : 'Recognises now'}</span>
      ) : (
        <Button
          className="button primary"
          isDisabled={switchingTo === model.key}
          onPress={() => void (kind === 'vlm' ? answerWith(model.key) : recogniseWith(model.key))}
        >
          {switchingTo === model.key ? 'Getting ready…' : kind === 'vlm' ? 'Answer with it' : 'Recognise with it'}
        </Button>
      )}
      <span className="quiet">{keptWords(model)}</span>
      <Button className="button quiet-button small" onPress={() => void exportModel(model.key)}>
        Export to a folder
      </Button>
      <RemoveButton model={model} label={label} />
    </div>
  );
}

function Details({ offer, kept, isAllowed }: { offer: Offer; kept: readonly KeptView[]; isAllowed: boolean }) {
  const others = offer.sizes.filter(
    ({ dtype }) => dtype !== offer.fit.dtype && !kept.some(({ model }) => model.dtype === dtype),
  );
  return (
    <Disclosure className="model-details">
      <Button slot="trigger" className="button quiet-button small">
        Details
      </Button>
      <DisclosurePanel>
        <dl className="numbers">
          <NamedValue label="Parameters" value={`${Math.round(offer.parameters / 1e6).toLocaleString('en')} million`} />
          {offer.kvBytesPerToken > 0 && (
            <NamedValue label="Memory a token" value={formatBytes(offer.kvBytesPerToken)} />
          )}
          <NamedValue label="Repository" value={offer.repo} />
          <NamedValue label="Revision" value={offer.revision.slice(0, 8)} />
        </dl>
        {others.length > 0 && (
          <div className="model-acts">
            <span className="quiet">Other forms</span>
            {others.map(({ dtype, bytes }) => (
              <Button
                key={dtype}
                className="button small"
                isDisabled={!isAllowed}
                aria-label={`Download ${offer.label} as ${dtype}`}
                onPress={() => void download(offer.id, dtype)}
              >
                {dtype} · {formatBytes(bytes)}
              </Button>
            ))}
          </div>
        )}
      </DisclosurePanel>
    </Disclosure>
  );
}

function keptWords(model: KeptModel): string {
  const size = `${formatBytes(totalBytes(model))} here, ${model.dtype}`;
  return model.usedAt === 0
    ? `${size}, not used yet`
    : `${size}, last used ${new Date(model.usedAt).toLocaleDateString()}`;
}

function sizeOf(offer: Offer, dtype: ModelDtype): number {
  return offer.sizes.find((size) => size.dtype === dtype)?.bytes ?? 0;
}
