// A conversation as tokens are made of it, in the form of the SmolVLM family's chat template (`chat_template` of its tokenizer_config.json, which
// is that of Idefics3; the same text in mini's and SmolVLM-256M's). Pictures stand before the words of their message.

import type { LargeMessage } from './large';
import { END_OF_TURN, plainText } from './prompt';
import type { Pixels, PromptPart, Segment } from './types';

const ROLES = { system: 'System', user: 'User', assistant: 'Assistant' } as const satisfies Record<
  LargeMessage['role'],
  string
>;

export interface ChatMessage extends Pick<LargeMessage, 'role' | 'text'> {
  readonly pictures: readonly Pixels[];
}

/** Ends where the answer begins. What stands between lines stays between lines; marks of the model in somebody's words are broken up. */
export function chatSegment(messages: readonly ChatMessage[]): Segment {
  const parts: PromptPart[] = [];
  let text = '<|im_start|>';
  for (const { role, text: words, pictures } of messages) {
    text += `${ROLES[role]}:${pictures.length === 0 ? ' ' : ''}`;
    for (const pixels of pictures) {
      if (text !== '') parts.push({ kind: 'text', text });
      parts.push({ kind: 'image', pixels });
      text = '';
    }
    text += `${words.split('\n').map(plainText).join('\n')}${END_OF_TURN}\n`;
  }
  return [...parts, { kind: 'text', text: `${text}Assistant:` }];
}
