// An engine over fakes, with what it told the page: for tests of the pipeline.
import type { AnswerEvent, ChatSummary, EnrolRequest, MemorySnapshot } from '../../src/core/acts';
import type { AppError } from '../../src/core/errors';
import type { Recall } from '../../src/core/recall';
import type { ChatId, Message, Pixels } from '../../src/core/types';
import { createEngine, type Engine } from '../../src/pipeline/engine';
import type { LargePort } from '../../src/pipeline/large-model';
import type { MemoryPort, VlmPort } from '../../src/pipeline/ports';
import { fakeMemory } from './fake-memory';
import { fakeEncoder, fakeImages, fakeVlm, imageFile, type FakeEncoder, type FakeVlm } from './fake-models';

export interface Kit<Vlm extends VlmPort = FakeVlm> {
  readonly engine: Engine;
  readonly memory: MemoryPort;
  readonly vlm: Vlm;
  readonly encoder: FakeEncoder;
  readonly faults: AppError[];
  readonly snapshots: MemorySnapshot[];
  chats: readonly ChatSummary[];
}

interface Parts {
  readonly memory?: MemoryPort;
  readonly encoder?: FakeEncoder;
  readonly recompute?: number;
  readonly recall?: Recall;
  readonly large?: LargePort;
}

/** Fakes for what is not given. */
export function startKit(parts: Parts & { readonly vlm?: FakeVlm } = {}): Promise<Kit> {
  return startKitOn(parts.vlm ?? fakeVlm(), parts);
}

/** On any VLM, the real one too. */
export async function startKitOn<Vlm extends VlmPort>(vlm: Vlm, parts: Parts = {}): Promise<Kit<Vlm>> {
  const memory = parts.memory ?? fakeMemory();
  const encoder = parts.encoder ?? fakeEncoder();
  const faults: AppError[] = [];
  const snapshots: MemorySnapshot[] = [];
  const engine = createEngine({
    vlm,
    encoder,
    memory,
    images: fakeImages,
    recall: parts.recall,
    large: parts.large,
    ...(parts.recompute === undefined ? {} : { recompute: parts.recompute }),
    onMemory: (snapshot) => void snapshots.push(snapshot),
    onChats: (chats) => void (kit.chats = chats),
    onFault: (error) => void faults.push(error),
  });
  const kit: Kit<Vlm> = { engine, memory, vlm, encoder, faults, snapshots, chats: [] };
  await engine.resume();
  return kit;
}

export function enrolment(name: string, facts: readonly string[] = [], photos: readonly Pixels[] = []): EnrolRequest {
  return {
    name,
    aliases: [],
    facts,
    photos: photos.map((pixels, i) => ({
      fileName: `${name}-${i}.fake`,
      mime: 'image/x-fake',
      bytes: imageFile(pixels),
    })),
  };
}

export async function ask(
  { engine }: Pick<Kit, 'engine'>,
  text: string,
  options: { chatId?: ChatId; photo?: Pixels; noMemory?: boolean } = {},
): Promise<Message & { role: 'assistant' }> {
  const events: AnswerEvent[] = [];
  const chatId = options.chatId ?? (await engine.createChat());
  const message = await engine.ask(
    {
      chatId,
      text,
      ...(options.photo === undefined ? {} : { photo: { mime: 'image/x-fake', bytes: imageFile(options.photo) } }),
      ...(options.noMemory === undefined ? {} : { noMemory: options.noMemory }),
    },
    (event) => void events.push(event),
    new AbortController().signal,
  );
  if (message.role !== 'assistant') throw new Error('the engine answered as the user');
  return message;
}
