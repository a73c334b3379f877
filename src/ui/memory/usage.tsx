// Bytes used in all, of what the browser grants, and how far memory is made anew for another model.

import { Meter } from 'react-aria-components/Meter';
import type { MemorySnapshot } from '../../rpc/protocol';
import { count, formatBytes } from '../format';

export function Usage({ memory: { totalBytes, quotaBytes, blocks, staleBlocks } }: { memory: MemorySnapshot }) {
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
      {staleBlocks > 0 && (
        <p className="quiet">
          Encoding memory anew for this model: {blocks - staleBlocks} of {count(blocks, 'block')} done
        </p>
      )}
    </footer>
  );
}
