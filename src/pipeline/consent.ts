// What leaves the device, and only that: shown before it goes, compared as it goes, and kept to be read afterwards.
//
// [Note: Consent] A question's pictures and texts are put together before anything is sent and shown to the person (`Outgoing`). The `Sender`
// made from what they allowed is the only way to a large model: a request with any picture or any line that was not shown is refused here,
// whatever the pipeline's other parts do. Each request is written into the record before it is sent.

import * as v from 'valibot';
import type { AnswerEvent } from '../core/acts';
import { AppError } from '../core/errors';
import {
  SENT_RECORD,
  type LargeReply,
  type LargeRequest,
  type Outgoing,
  type ReviewDecision,
  type SentRecord,
} from '../core/large';
import type { ChatPhoto } from '../core/types';
import type { Context } from './context';
import type { LargeModel } from './large-model';
import { reasonOf } from './queue';

const LIST = 'sent';
/** Records kept; at about 100 KB a picture they stay under 10 MB. */
const KEPT = 100;

export interface Consent {
  /** Asks the person, unless they allowed this chat to send to this model. An abort rejects with its reason. */
  review(outgoing: Outgoing, onEvent: (event: AnswerEvent) => void, signal: AbortSignal): Promise<ReviewDecision>;
  /** The person's answer to a review; one that nobody waits for any more is ignored. */
  decide(id: string, decision: ReviewDecision): void;
  sender(model: LargeModel, outgoing: Outgoing, allowed: Allowed): Sender;
  /** What was sent, newest first. */
  sent(): Promise<SentRecord[]>;
  clear(): Promise<void>;
}

/** What a person has seen and let go. */
export interface Allowed {
  readonly pictures: readonly ChatPhoto[];
  readonly lines: ReadonlySet<string>;
}

export interface Sender {
  send(request: LargeRequest, onText: (text: string) => void, signal: AbortSignal): Promise<LargeReply>;
  /** Writes how it ended into the record; nothing where nothing was sent. */
  close(outcome: string): Promise<void>;
}

export function createConsent({ ports: { memory } }: Context): Consent {
  const waiting = new Map<string, (decision: ReviewDecision) => void>();
  const remembered = new Set<string>(); // chat, place and model; for as long as the engine runs

  async function list(): Promise<string[]> {
    const read = v.safeParse(v.array(v.string()), await memory.readSetting(LIST));
    return read.success ? read.output : [];
  }

  async function save(record: SentRecord): Promise<void> {
    await memory.saveSetting(`${LIST}/${record.id}`, record);
    const ids = await list();
    if (ids.includes(record.id)) return;
    const next = [record.id, ...ids];
    for (const old of next.slice(KEPT)) await memory.saveSetting(`${LIST}/${old}`, undefined);
    await memory.saveSetting(LIST, next.slice(0, KEPT));
  }

  return {
    async review(outgoing, onEvent, signal) {
      const permit = `${outgoing.chatId} ${outgoing.to} ${outgoing.model}`;
      if (remembered.has(permit)) return { send: true, rememberChat: true, enrolled: [] };
      signal.throwIfAborted();
      const decision = await new Promise<ReviewDecision>((resolve, reject) => {
        const leave = (): void => reject(reasonOf(signal));
        signal.addEventListener('abort', leave, { once: true });
        waiting.set(outgoing.id, (decided) => {
          signal.removeEventListener('abort', leave);
          resolve(decided);
        });
        onEvent({ kind: 'review', outgoing });
      }).finally(() => {
        waiting.delete(outgoing.id);
        onEvent({ kind: 'review', outgoing: undefined });
      });
      if (decision.send && decision.rememberChat) remembered.add(permit);
      return decision;
    },

    decide: (id, decision) => waiting.get(id)?.(decision),

    sender(model, { id, to }, allowed) {
      let record: SentRecord = {
        id,
        at: Date.now(),
        to,
        model: model.model,
        pictures: [],
        texts: [],
        outcome: 'no answer came',
      };
      return {
        async send(request, onText, signal) {
          signal.throwIfAborted();
          refuseStrange(request, allowed);
          const pictures = request.messages.flatMap((message) => message.pictures);
          const text = request.messages.map((message) => `${message.role}: ${message.text}`).join('\n\n');
          if (model.isOurs) return model.complete(request, onText, signal); // nothing leaves: there is nothing to record
          record = {
            ...record,
            pictures: [...new Set([...record.pictures, ...pictures])],
            texts: [...record.texts, text],
          };
          await save(record); // before it goes: what cannot be recorded is not sent
          return model.complete(request, onText, signal);
        },
        async close(outcome) {
          if (record.texts.length === 0) return;
          record = { ...record, outcome };
          await save(record);
        },
      };
    },

    async sent() {
      const records = await Promise.all((await list()).map((id) => memory.readSetting(`${LIST}/${id}`)));
      return records.flatMap((stored) => {
        const read = v.safeParse(SENT_RECORD, stored);
        return read.success ? [read.output] : [];
      });
    },

    async clear() {
      for (const id of await list()) await memory.saveSetting(`${LIST}/${id}`, undefined);
      await memory.saveSetting(LIST, []);
    },
  };
}

/** Throws when a request holds a picture or a line that nobody was shown. */
function refuseStrange({ messages }: LargeRequest, { pictures, lines }: Allowed): void {
  for (const message of messages) {
    const strange =
      message.pictures.some((picture) => !pictures.includes(picture)) ||
      message.text.split('\n').some((line) => !lines.has(line));
    if (strange) throw new AppError('internal', 'Jarvis was about to send something you were not shown, and stopped.');
  }
}
