// What runs: model, backend and why, and whether it passed its own test.

import { Button } from 'react-aria-components/Button';
import { startAgain } from '../../client/engine';
import { large } from '../../client/large-commands';
import { formatMs } from '../format';
import { useApp, useStore } from '../use-store';
import { NamedValue } from '../named-value';

export function EngineFacts() {
  const engine = useApp((state) => state.engine);
  const online = useApp((state) => state.online);
  const usesServer = useStore(large, (state) => state.view?.settings.answerWith === 'server');
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
        <NamedValue label="Model" value={model} />
        <NamedValue label="Patch encoder" value={encoder} />
        <NamedValue label="Backend" value={backend === 'webgpu' ? `WebGPU, ${device}` : device} />
        <NamedValue
          label="Self-test"
          value={`linked = full prefill within ${selfTest.maxLogitDifference.toExponential(1)}, ${formatMs(selfTest.ms)}`}
        />
        <NamedValue label="Network" value={networkWords(online, usesServer)} />
      </dl>
      {fallback && <p className="quiet">{fallback}</p>}
    </section>
  );
}

function networkWords(online: boolean, usesServer: boolean): string {
  if (usesServer) return online ? 'online, used by your server’s answers' : 'offline, your server may be out of reach';
  return online ? 'online (not used)' : 'offline (not needed)';
}
