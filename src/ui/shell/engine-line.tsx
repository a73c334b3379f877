// One line in the top bar: what is being loaded and how much is left, or what is running.

import { ProgressBar } from 'react-aria-components/ProgressBar';
import type { EngineState } from '../../client/state';
import { formatBytes } from '../format';
import { useApp } from '../use-store';

export function EngineLine() {
  const engine = useApp((state) => state.engine);
  const online = useApp((state) => state.online);
  const share = loadedShare(engine);
  return (
    <>
      <p className="engine-line" data-state={engine.kind} title={describe(engine)}>
        <span className="dot" aria-hidden="true" />
        <span className="engine-words">
          {words(engine)}
          {online ? '' : ' · offline'}
        </span>
      </p>
      {engine.kind === 'loading' && (
        <ProgressBar
          className="loading-bar"
          aria-label="Loading"
          value={(share ?? 0) * 100}
          isIndeterminate={share === undefined}
        >
          <span style={{ scale: `${share ?? 0.08} 1` }} />
        </ProgressBar>
      )}
    </>
  );
}

/** undefined when the size is not known, or there is nothing to load. */
function loadedShare(engine: EngineState): number | undefined {
  return engine.kind === 'loading' && engine.totalBytes > 0 ? engine.loadedBytes / engine.totalBytes : undefined;
}

function words(engine: EngineState): string {
  switch (engine.kind) {
    case 'loading':
      return loadedShare(engine) === 1 ? `Starting ${engine.what}` : `Loading ${engine.what}`;
    case 'ready':
      return `${engine.status.label} · ${engine.status.backend === 'webgpu' ? 'WebGPU' : 'WASM'}`;
    case 'failed':
      return 'Stopped';
    case 'locked':
      return 'In another tab';
    default:
      return engine satisfies never;
  }
}

function describe(engine: EngineState): string {
  if (engine.kind === 'loading' && engine.totalBytes > 0) {
    return `${formatBytes(engine.loadedBytes)} of ${formatBytes(engine.totalBytes)}`;
  }
  return engine.kind === 'ready' ? engine.status.device : '';
}
