// Puts a photo to the question that is being written, if this browser can read it.

import { saveDraft } from '../../client/chat-commands';
import { toast } from '../../client/toasts';
import type { ChatId } from '../../core/types';
import { checkImage } from '../image-check';

export async function attach(chatId: ChatId | undefined, file: File): Promise<void> {
  const problem = await checkImage(file);
  if (problem) toast({ text: `${file.name}: ${problem}`, tone: 'error' });
  else saveDraft(chatId, { photo: { fileName: file.name, mime: file.type, bytes: await file.arrayBuffer() } });
}
