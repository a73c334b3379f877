// The way from the settings to the models: what answers now, and where another one is.

import { closeOverlay } from '../overlays';
import { hrefOf } from '../router';
import { useApp } from '../use-store';

export function ModelsLink() {
  const label = useApp((state) => (state.engine.kind === 'ready' ? state.engine.status.label : undefined));
  return (
    <div className="choice">
      <span>Model</span>
      <p>
        {label === undefined ? '' : `${label} answers. `}
        <a href={hrefOf({ place: 'models' })} onClick={closeOverlay}>
          {label === 'mini' ? 'Get a larger one' : 'Models on this device'}
        </a>
      </p>
    </div>
  );
}
