// What runs: model, backend and why, and whether it passed its own test.

import { Button } from 'react-aria-components/Button';
import { startAgain } from '../../client/engine';
import { formatMs } from '../format';
import { useApp } from '../use-store';

export function EngineFacts() {
  const engine = useApp((state) => state.engine);
  const online = useApp((state) => state.online);
  if (engine.kind !== 'ready') {
    return (
      <section className="about">
        <h3>Engine</h3>
        <p>{engine.kind === 'loading' ? `Loading ${engine.what}…` : engine.kind === 'failed' ? engine.message : ''}</p>
        {engine.kind === 'failed' && (
          <Button
            className="button small"
            onPress={() => {
              startAgain(false);
            }}
          >
            Start again
          </Button>
        )}
      </section>
    );
  }
  const { model, encoder, backend, device, fallback, selfTest } = engine.status;
  return (
    <section className="about">
      <h3>Engine</h3>
      <dl className="numbers">
        <Row label="Model" value={model} />
        <Row label="Patch encoder" value={encoder} />
        <Row label="Backend" value={backend === 'webgpu' ? `WebGPU, ${device}` : device} />
        <Row
          label="Self-test"
          value={`linked = full prefill within ${selfTest.maxLogitDifference.toExponential(1)}, ${formatMs(selfTest.ms)}`}
        />
        <Row label="Network" value={online ? 'online (not used)' : 'offline (not needed)'} />
      </dl>
      {fallback && <p className="quiet">{fallback}</p>}
    </section>
  );
}

function Row({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
