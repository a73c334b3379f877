// Models: which one answers, what else this device could run, and what is kept of it.

import { useEffect } from 'react';
import { models, openModels, useEncoder as recogniseWith, useModel as answerWith } from '../../client/models';
import { EMBEDDED_ENCODER, EMBEDDED_MODEL } from '../../core/model-choice';
import type { ModelsSnapshot } from '../../core/model-offers';
import { Button } from 'react-aria-components/Button';
import { formatBytes } from '../format';
import { Icon } from '../icon';
import { hrefOf } from '../router';
import { useApp, useStore } from '../use-store';
import { CarrySection } from './carry-section';
import { HostSection } from './host-section';
import { ModelCard } from './model-card';
import './models.css';

export default function ModelsPlace() {
  const { snapshot, chosen, encoder, failed, switching, busy } = useStore(models, (state) => state);
  const engine = useApp((state) => state.engine);

  useEffect(() => {
    void openModels();
  }, []);

  const status = engine.kind === 'ready' ? engine.status : undefined;
  return (
    <div className="memory-place models">
      <a className="back" href={hrefOf({ place: 'chat', chatId: undefined })}>
        <Icon name="back" /> Chat
      </a>
      <header className="place-head">
        <h1>Models</h1>
      </header>
      <p className="lead">
        Jarvis answers with a model that runs on this device. The built-in one is small; a larger one sees and says
        more. It is downloaded once, when you ask for it, and then works without the internet.
      </p>
      {failed !== undefined && (
        <p className="problem" role="alert">
          {failed}
        </p>
      )}
      <section aria-label="Answers now" className="answers-now">
        <div>
          <h2>{status ? status.label : engine.kind === 'failed' ? 'Nothing answers' : 'Starting…'}</h2>
          <p className="quiet">{status ? runsWords(status) : engine.kind === 'failed' ? engine.message : ''}</p>
          {switching && (
            <p className="fallback" role="status">
              {nameOf(snapshot, switching.to)} is being made ready. {switching.words}.
            </p>
          )}
          {status?.insteadOf !== undefined && (
            <p className="fallback">
              Instead of {nameOf(snapshot, status.insteadOf)}. {status.fallback}
            </p>
          )}
        </div>
        {chosen !== EMBEDDED_MODEL && (
          <Button
            className="button small"
            onPress={() => void answerWith(switching && status ? status.model : EMBEDDED_MODEL)}
          >
            {switching && switching.to !== EMBEDDED_MODEL ? 'Stay as it is' : 'Back to the built-in model'}
          </Button>
        )}
      </section>
      {snapshot ? (
        <Offers
          snapshot={snapshot}
          encoder={status?.encoder ?? EMBEDDED_ENCODER}
          insteadOfEncoder={status && status.encoder !== encoder ? status.fallback : undefined}
          switchingTo={switching?.to}
          answering={status?.model}
        />
      ) : (
        <p className="quiet">{failed === undefined ? 'Looking at what this device can do…' : ''}</p>
      )}
      {busy !== undefined && (
        <p className="quiet" role="status">
          {busy}
        </p>
      )}
    </div>
  );
}

interface OffersProps {
  readonly snapshot: ModelsSnapshot;
  readonly encoder: string;
  readonly insteadOfEncoder: string | undefined; // why the chosen one is not used
  readonly switchingTo: string | undefined;
  readonly answering: string | undefined;
}

function Offers({ snapshot, encoder, insteadOfEncoder, switchingTo, answering }: OffersProps) {
  const { offers, kept, device, usedBytes, quotaBytes } = snapshot;
  const ordered = offers.toSorted((a, b) => Number(b.isRecommended) - Number(a.isRecommended));
  return (
    <>
      <section aria-label="Models that answer" className="offers">
        <div className="section-head">
          <h2>For answers</h2>
          <p className="quiet">{device.gpu ? device.gpu.name : (device.noGpu ?? 'On the processor')}</p>
        </div>
        <ul>
          {ordered
            .filter(({ kind }) => kind === 'vlm')
            .map((offer) => (
              <ModelCard
                key={offer.id}
                offer={offer}
                kept={kept.filter(({ model }) => model.id === offer.id)}
                switchingTo={switchingTo}
                answering={answering}
              />
            ))}
        </ul>
      </section>
      <section aria-label="Encoders that recognise" className="offers">
        <div className="section-head">
          <h2>For recognising your things</h2>
          {encoder !== EMBEDDED_ENCODER && (
            <Button className="button small" onPress={() => void recogniseWith(EMBEDDED_ENCODER)}>
              Back to the built-in encoder
            </Button>
          )}
        </div>
        {insteadOfEncoder !== undefined && <p className="fallback">{insteadOfEncoder}</p>}
        <p className="quiet">
          Photos are compared by an encoder of their own, whichever model answers. Another one looks at every photo
          again, in the background. How sure it must be was measured for the built-in one; for another it is learned
          from your own photos, so give each thing two or three.
        </p>
        <ul>
          {offers
            .filter(({ kind }) => kind === 'encoder')
            .map((offer) => (
              <ModelCard
                key={offer.id}
                offer={offer}
                kept={kept.filter(({ model }) => model.id === offer.id)}
                switchingTo={undefined}
                answering={encoder}
              />
            ))}
        </ul>
      </section>
      <section aria-label="On this device" className="on-device">
        <h2>On this device</h2>
        <p className="quiet">{spaceWords(usedBytes, quotaBytes)}</p>
        <CarrySection />
      </section>
      <HostSection host={snapshot.host} />
    </>
  );
}

function nameOf(snapshot: ModelsSnapshot | undefined, choice: string): string {
  return snapshot?.offers.find(({ id }) => choice.startsWith(`${id}:`))?.label ?? 'The built-in model';
}

function runsWords({ model, backend, device }: { model: string; backend: string; device: string }): string {
  const what = model === EMBEDDED_MODEL ? 'The built-in model' : model;
  return `${what} on ${backend === 'webgpu' ? `WebGPU, ${device}` : device}`;
}

function spaceWords(used: number | undefined, quota: number | undefined): string {
  if (used === undefined || quota === undefined) return 'This browser does not say how much it may keep.';
  return `${formatBytes(used)} used by Jarvis in this browser, ${formatBytes(Math.max(0, quota - used))} free for it.`;
}
