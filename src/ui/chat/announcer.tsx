// Tells a screen reader what matters of an answer, once each: that it is coming, and the whole of it when it is there.

import { useEffect, useRef, useState } from 'react';
import { useApp } from '../use-store';

export function Announcer() {
  const isAnswering = useApp((state) => state.answering !== undefined);
  const last = useApp((state) => state.chat?.messages.at(-1));
  const failed = useApp((state) => state.failedAsk?.message);
  const wasAnswering = useRef(false);
  const [words, setWords] = useState('');

  useEffect(() => {
    if (isAnswering === wasAnswering.current) return;
    wasAnswering.current = isAnswering;
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the words follow a change, not a state
    if (isAnswering) setWords('Jarvis is answering.');
    else setWords(failed ?? (last?.role === 'assistant' ? last.text : ''));
  }, [isAnswering, last, failed]);

  return (
    <div role="status" className="sr-only">
      {words}
    </div>
  );
}
