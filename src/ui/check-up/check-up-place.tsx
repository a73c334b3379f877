// Check-up: memory is asked about itself, and says where it is weak.

import { useEffect } from 'react';
import { Button } from 'react-aria-components/Button';
import { ProgressBar } from 'react-aria-components/ProgressBar';
import { checkUp, readLastCheckUp, runCheckUp, stopCheckUp } from '../../client/check-up-commands';
import type { CheckUpProgress } from '../../rpc/protocol';
import { Icon } from '../icon';
import { hrefOf } from '../router';
import { useApp, useStore } from '../use-store';
import { CheckUpReportView } from './check-up-report';

export default function CheckUpPlace() {
  const memory = useApp((state) => state.memory);
  const { progress, stopping, result, failed, isRead } = useStore(checkUp, (state) => state);
  const isReady = useApp((state) => state.engine.kind === 'ready');

  useEffect(() => {
    if (isReady) void readLastCheckUp();
  }, [isReady]);

  if (!memory) return <p className="quiet pad">Opening memory…</p>;
  const things = memory.concepts.filter(({ photos }) => photos.length > 0).length;
  const isEnough = things > 1 || memory.concepts.some(({ photos }) => photos.length > 1);
  return (
    <div className="memory-place check-up">
      <a className="back" href={hrefOf({ place: 'memory', conceptId: undefined })}>
        <Icon name="back" /> Memory
      </a>
      <header className="place-head">
        <h1>Check-up</h1>
        {progress ? (
          <Button className="button" isDisabled={stopping} onPress={stopCheckUp}>
            <Icon name="stop" /> {stopping ? 'Stopping…' : 'Stop'}
          </Button>
        ) : (
          <Button className="button primary" isDisabled={!isEnough || !isReady} onPress={() => void runCheckUp()}>
            {result ? 'Check again' : 'Check my memory'}
          </Button>
        )}
      </header>
      <p className="lead">
        Jarvis asks itself about your things, each photo hidden while it is asked about, and once more with no memory at
        all.
      </p>
      {failed !== undefined && (
        <p className="problem" role="alert">
          {failed}
        </p>
      )}
      {!isEnough && (
        <p className="empty-line">
          There is nothing to compare yet.{' '}
          <a href={hrefOf({ place: 'memory', conceptId: undefined })}>Add a second thing</a>, or a second photo of one.
        </p>
      )}
      {progress && <Progress progress={progress} />}
      {!progress && isEnough && isRead && !result && failed === undefined && (
        <p className="quiet">Nothing was checked yet. It takes a few seconds for each question, and can be stopped.</p>
      )}
      {result && <CheckUpReportView result={result} memory={memory} isOld={progress !== undefined} />}
    </div>
  );
}

function Progress({ progress: { done, total, right, text } }: { progress: CheckUpProgress }) {
  const words =
    total === 0 ? 'Writing the questions…' : `Question ${Math.min(done + 1, total)} of ${total}, ${right} right so far`;
  return (
    <ProgressBar
      className="meter check-up-progress"
      aria-label="Check-up"
      value={done}
      maxValue={Math.max(1, total)}
      valueLabel={words}
    >
      <span className="meter-bar" aria-hidden="true">
        <span style={{ scale: `${total === 0 ? 0 : done / total} 1` }} />
      </span>
      <span>{words}</span>
      <span className="quiet">{text}</span>
    </ProgressBar>
  );
}
