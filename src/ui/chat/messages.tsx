// The messages of one chat. The newest turn keeps the height of the screen, so an answer streams into empty space and
// nothing above or below it moves.

import { useEffect, useRef } from 'react';
import { Button } from 'react-aria-components/Button';
import type { Answering, FailedAsk, Question } from '../../client/state';
import type { Chat, ChatId, Message } from '../../core/types';
import { Answer } from './answer';
import { askHere } from './ask-here';
import { AskedQuestion } from './asked-question';
import { StreamingAnswer } from './streaming-answer';

interface MessagesProps {
  readonly chat: Chat | undefined;
  readonly answering: Answering | undefined;
  readonly failed: FailedAsk | undefined;
}

/** A question with its answer; the last one may still be waiting for it. */
interface Turn {
  readonly question: Question | undefined;
  readonly answer: Extract<Message, { role: 'assistant' }> | undefined;
}

export function Messages({ chat, answering, failed }: MessagesProps) {
  const scroller = useRef<HTMLOListElement>(null);
  const turns = turnsOf(chat, answering, failed);
  const key = `${chat?.id ?? 'new'} ${turns.length}`;

  useEffect(() => {
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, [key]);

  return (
    <ol className="messages" ref={scroller} tabIndex={-1}>
      {turns.map((turn, at) => {
        const isLast = at === turns.length - 1;
        return (
          <li className="turn" key={at} aria-label="Turn" data-last={isLast}>
            {turn.question && <AskedQuestion question={turn.question} cues={turn.answer?.cues ?? []} />}
            {turn.answer && chat && <Answer chat={chat} message={turn.answer} isLast={isLast && !answering} />}
            {isLast && answering && <StreamingAnswer answering={answering} />}
            {isLast && turn.question && !turn.answer && !answering && (
              <Unanswered chatId={chat?.id} question={turn.question} why={failed?.message} />
            )}
          </li>
        );
      })}
    </ol>
  );
}

interface UnansweredProps {
  readonly chatId: ChatId | undefined;
  readonly question: Question;
  readonly why: string | undefined; // undefined when it was stopped, or the page was closed before the answer
}

function Unanswered({ chatId, question, why }: UnansweredProps) {
  return (
    <div className={why === undefined ? 'notice soft' : 'notice'} role={why === undefined ? undefined : 'alert'}>
      <p>{why ?? 'This question has no answer yet.'}</p>
      <Button className="button" onPress={() => void askHere(chatId, { text: question.text, photo: question.photo })}>
        Ask again
      </Button>
    </div>
  );
}

function turnsOf(chat: Chat | undefined, answering: Answering | undefined, failed: FailedAsk | undefined): Turn[] {
  const pending = answering ?? failed;
  const messages = chat?.messages ?? [];
  const cut = answering?.replaces ? messages.findIndex((message) => message.id === answering.replaces) : -1;
  const kept = cut < 0 ? messages : messages.slice(0, cut);
  const turns: Turn[] = [];
  for (const message of kept) {
    const last = turns.at(-1);
    if (message.role === 'user') turns.push({ question: message, answer: undefined });
    else if (last && !last.answer) turns[turns.length - 1] = { ...last, answer: message };
    else turns.push({ question: undefined, answer: message });
  }
  // The engine keeps a question even when its answer failed: it is not shown twice.
  const last = turns.at(-1);
  if (pending && !(last && !last.answer && last.question?.text === pending.question.text)) {
    turns.push({ question: pending.question, answer: undefined });
  }
  return turns;
}
