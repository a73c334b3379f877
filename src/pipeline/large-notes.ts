// What a large model is told from memory: the cards and facts that were hit, and the last turns of the chat.

import { sourceId } from '../core/stages/encode';
import type { Retrieved } from '../core/stages/retrieve';
import type { BlockSource, Chat } from '../core/types';
import type { MemoryState } from './context';
import { linkedTexts } from './sources';

export interface Note {
  readonly source: BlockSource;
  readonly line: string;
}

/** Cards of the concepts and the facts that retrieval hit, nothing else of memory. */
export function notesOf(state: MemoryState, found: Retrieved): Note[] {
  const sources = found.hits.flatMap((hit): BlockSource[] => {
    if (hit.kind === 'concept') return [{ kind: 'card', conceptId: hit.conceptId }];
    return hit.kind === 'fact' ? [{ kind: 'fact', conceptId: hit.conceptId, factId: hit.factId }] : [];
  });
  const texts = new Map(linkedTexts(state, sources).map((text) => [text.id, text]));
  return sources.flatMap((source) => {
    const told = texts.get(sourceId(source));
    if (told === undefined) return [];
    const what = source.kind === 'card' ? 'Card of' : 'Note about';
    return [{ source, line: `${what} ${told.name}: ${told.text.replace(/\s+/g, ' ').trim()}` }];
  });
}

const EXCHANGES = 3;

/** The last exchanges before the question, in words alone: earlier photos are not sent again. A question without an answer is no exchange. */
export function recentTurns({ messages }: Chat): { role: 'user' | 'assistant'; text: string }[] {
  const exchanges = messages.slice(0, -1).flatMap((message, i) => {
    const next = messages[i + 1];
    if (message.role !== 'user' || next?.role !== 'assistant' || message.text === '' || next.text === '') return [];
    return [
      [
        { role: message.role, text: message.text },
        { role: next.role, text: next.text },
      ],
    ];
  });
  return exchanges.slice(-EXCHANGES).flat();
}
