// How an answer came about: a slim timeline of the eight words, and the numbers of the run.

import { useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { Disclosure, DisclosurePanel } from 'react-aria-components/Disclosure';
import { STAGES, type Stage, type StageTime, type Trace, type Verdict } from '../../core/types';
import { formatMs } from '../format';
import { NamedValue } from '../named-value';
import { Claims } from './claims';

export function TraceView({ trace }: { trace: Trace }) {
  const total = trace.stages.reduce((sum, { ms }) => sum + ms, 0);
  const [isOpen, setIsOpen] = useState(false);
  const panel = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const opened = panel.current;
    if (!isOpen || !opened) return;
    // The panel gets its height some frames after it is opened.
    const growing = new ResizeObserver(() => {
      opened.scrollIntoView({ block: 'nearest' });
    });
    growing.observe(opened);
    return () => {
      growing.disconnect();
    };
  }, [isOpen]);

  return (
    <Disclosure className="trace" isExpanded={isOpen} onExpandedChange={setIsOpen}>
      <Button slot="trigger" className="button quiet-button small">
        {formatMs(total)} ·{' '}
        {trace.collaboration?.answered
          ? `${trace.collaboration.calls} requests`
          : `${trace.tokensLinked} tokens linked`}
      </Button>
      <DisclosurePanel className="trace-panel" ref={panel}>
        <ol className="timeline" aria-label="Stages">
          {STAGES.map((stage) => {
            const time = timeOf(trace, stage);
            const share = time && total > 0 ? time.ms / total : 0;
            return (
              <li key={stage} data-ran={time !== undefined}>
                <span className="stage-name">{stage}</span>
                <span className="stage-bar" aria-hidden="true">
                  <span style={{ scale: `${share} 1` }} />
                </span>
                <span className="stage-ms">{time ? formatMs(time.ms) : 'earlier'}</span>
                <span className="stage-note">{time?.note ?? ''}</span>
              </li>
            );
          })}
        </ol>
        <dl className="numbers">
          <NamedValue label="First token" value={formatMs(trace.ttftMs)} />
          <NamedValue label="Linked" value={`${trace.tokensLinked} tokens`} />
          <NamedValue label="Prefilled" value={`${trace.tokensPrefilled} tokens`} />
          <NamedValue label="Decoded" value={`${trace.tokensDecoded} tokens`} />
          <NamedValue label="Model" value={trace.model} />
          {trace.backend && <NamedValue label="Backend" value={trace.backend === 'webgpu' ? 'WebGPU' : 'WASM'} />}
          <NamedValue label="Verdict" value={verdictWords(trace.verdict)} />
        </dl>
        {trace.collaboration && <Claims trace={trace.collaboration} />}
        {(trace.verdict.kind === 'erased' || trace.verdict.kind === 'quoted') && trace.draft && (
          <p className="quiet">Draft before the check: “{trace.draft}”</p>
        )}
      </DisclosurePanel>
    </Disclosure>
  );
}

/** A stage that ran twice, as reflect does for cues and for the draft, is one row. */
function timeOf({ stages }: Trace, stage: Stage): StageTime | undefined {
  const own = stages.filter((each) => each.stage === stage);
  if (own.length < 2) return own[0];
  return { stage, ms: own.reduce((sum, { ms }) => sum + ms, 0), note: own.map(({ note }) => note).join(', then ') };
}

function verdictWords(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'kept':
      return 'kept: it rests on a source';
    case 'unknown':
      return 'the model does not know';
    case 'erased':
      return `erased: ${verdict.why}`;
    case 'quoted':
      return `quoted: ${verdict.why}`;
    case 'large':
      return 'said by the larger model';
    case 'reported':
      return 'read off the photo, after the check';
    default:
      return verdict satisfies never;
  }
}
