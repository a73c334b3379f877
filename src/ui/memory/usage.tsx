// Bytes used in all, of what the browser grants.

import { Meter } from 'react-aria-components/Meter';
import type { MemorySnapshot } from '../../rpc/protocol';
import { count, formatBytes } from '../format';

export function Usage({ memory: { totalBytes, quotaBytes, staleBlocks } }: { memory: MemorySnapshot }) {
  const share = quotaBytes ? Math.min(1, totalBytes / quotaBytes) : 0;
  const words = quotaBytes
    ? `${formatBytes(totalBytes)} of ${formatBytes(quotaBytes)} used`
    : `${formatBytes(totalBytes)} used`;
  return (
    <footer className="usage">
      <Meter className="meter" aria-label="Storage used" value={share * 100} valueLabel={words}>
        <span className="meter-bar" aria-hidden="true">
          <span style={{ scale: `${share} 1` }} />
        </span>
        <span className="quiet">{words}, all of it in this browser</span>
      </Meter>
      {staleBlocks > 0 && <p className="quiet">{count(staleBlocks, 'block')} to be encoded anew for this model</p>}
    </footer>
  );
}
