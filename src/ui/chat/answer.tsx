// A finished answer: the words, where they come from, and how they came about.

import { Button } from 'react-aria-components/Button';
import { regenerate } from '../../client/chat-commands';
import { toast } from '../../client/toasts';
import type { CollaborationTrace } from '../../core/large';
import type { Chat, Message } from '../../core/types';
import { Icon } from '../icon';
import { openOverlay } from '../overlays';
import { Prose } from './prose';
import { Sources } from './sources';
import { TraceView } from './trace-view';

interface AnswerProps {
  readonly chat: Chat;
  readonly message: Extract<Message, { role: 'assistant' }>;
  readonly isLast: boolean;
}

export function Answer({ chat, message, isLast }: AnswerProps) {
  const verdict = message.trace?.verdict.kind;
  const isUnknown = message.nearest !== undefined || verdict === 'unknown' || verdict === 'erased';
  return (
    <article className="answer" aria-label="Answer">
      {message.text ? <Prose text={message.text} /> : <p className="quiet">Stopped before the first word.</p>}
      {message.trace?.collaboration && <AnsweredBy trace={message.trace.collaboration} />}
      {message.nearest !== undefined && !message.text.includes(message.nearest) && (
        <p className="nearest">Closest I have: {withoutName(message.nearest)}</p>
      )}
      {isUnknown && (
        <Button
          className="button small"
          onPress={() => {
            const about = message.trace?.concepts ?? []; // an unknown answer has no sources
            openOverlay({ kind: 'add-fact', conceptId: about.length === 1 ? about[0] : undefined });
          }}
        >
          <Icon name="add" /> Add the fact
        </Button>
      )}
      {message.sources.length > 0 && <Sources sources={message.sources} />}
      <footer className="answer-foot">
        {message.stopped && <span className="quiet">Stopped</span>}
        <Button
          className="icon-button small"
          aria-label="Copy"
          isDisabled={!message.text}
          onPress={() => void copy(message.text)}
        >
          <Icon name="copy" />
        </Button>
        {isLast && (
          <Button
            className="icon-button small"
            aria-label="Regenerate"
            onPress={() => void regenerate(chat, message.id)}
          >
            <Icon name="redo" />
          </Button>
        )}
        {message.trace && <TraceView trace={message.trace} />}
      </footer>
    </article>
  );
}

/** Who answered, where that was not this device's own model as usual. */
function AnsweredBy({ trace: { answered, fault, model, to } }: { trace: CollaborationTrace }) {
  if (fault !== undefined) return <p className="answered-by fault">Answered on this device. {fault}</p>;
  return answered ? (
    <p className="answered-by">
      Answered by {model}
      {to !== undefined && `, ${to}`}
    </p>
  ) : null;
}

/** The engine says "Rex: My dog Rex sleeps."; the name is only wanted where the fact does not tell it. */
function withoutName(nearest: string): string {
  const at = nearest.indexOf(': ');
  const fact = nearest.slice(at + 2);
  return at > 0 && fact.includes(nearest.slice(0, at)) ? fact : nearest;
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ text: 'Copied.' });
  } catch (error) {
    console.info('clipboard refused', error);
    toast({ text: 'This browser did not let Jarvis copy. Select the text instead.', tone: 'error' });
  }
}
