// A loaded VLM as a large model: whole conversations in its own chat template, with pictures it sees, instead of linked memory.

import { chatSegment } from '../core/chat-segment';
import { AppError } from '../core/errors';
import type { LargeReply, LargeRequest } from '../core/large';
import { GREEDY } from '../core/stages/decode';
import { isYes } from '../core/stages/reflect-cues';
import { yesNoTokens, yesOfLogits } from '../core/yes-no';
import type { ImagePort, VlmSession } from '../pipeline/ports';
import { rememberFeatures } from './picture-features';
import { segmentIds } from './prefill';
import type { VlmModel } from './vlm-model';
import { openSession } from './vlm-session';

/** Models see a few hundred pixels; what is decoded larger is only thrown away. */
const SEEN_EDGE_PX = 1024;

/** The question's photo, and one before it. */
const PICTURES = 2;

/** A small model that has lost its thread writes the next question itself. */
const NEXT_TURN = ['\nUser:', '\nSystem:'];

export interface LocalLarge {
  complete(request: LargeRequest, onText: (text: string) => void, signal: AbortSignal): Promise<LargeReply>;
}

/**
 * One request at a time. What two requests begin with alike is read once: the claims about a photo share its picture, which costs the most.
 * A yes or no is read off the logits of the first token; where the model leans to neither, off its words.
 */
export function createLocalLarge(loaded: VlmModel, images: ImagePort): LocalLarge {
  const model: VlmModel = { ...loaded, embedImage: rememberFeatures((planes) => loaded.embedImage(planes), PICTURES) };
  const words = yesNoTokens((text) => model.tokenize(text));
  let session: VlmSession | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function run(
    { messages, maxTokens, yesNo }: LargeRequest,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<LargeReply> {
    signal.throwIfAborted();
    const seen = await Promise.all(
      messages.map(async ({ role, text, pictures }) => ({
        role,
        text,
        pictures: await Promise.all(pictures.map(({ bytes, mime }) => images.decode(bytes, mime, SEEN_EDGE_PX))),
      })),
    );
    const segment = chatSegment(seen);
    const tokensIn = segmentIds(model, segment).length;
    if (tokensIn + maxTokens > model.maxTokens) {
      throw new AppError(
        'large-model',
        'The question is too long for this model. Ask it in a new chat, or without a picture.',
      );
    }
    session ??= openSession(model, model.emptyCache());
    const { logits } = await session.replace([segment], signal);
    const yes = yesNo ? yesOfLogits(logits, words) : undefined;
    if (yes !== undefined) {
      const text = yes >= 0.5 ? 'Yes' : 'No';
      onText(text);
      return { text, yes, tokensIn, tokensOut: 1, counted: true };
    }
    const sampling = { ...GREEDY, maxTokens, stop: NEXT_TURN };
    const { text, tokens } = await session.decode(logits, sampling, onText, signal);
    signal.throwIfAborted(); // decode keeps what was said; whoever asked has it from onText
    return { text, yes: yesNo ? Number(isYes(text)) : undefined, tokensIn, tokensOut: tokens, counted: true };
  }

  return {
    complete(request, onText, signal) {
      const mine = last
        .catch(() => undefined)
        .then(() => run(request, onText, signal))
        .finally(() => {
          if (request.yesNo) return;
          session?.dispose(); // the next question has another photo, or none
          session = undefined;
        });
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
