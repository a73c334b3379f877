// A larger model on this device, as the pipeline sees one: nothing is reviewed or recorded, and the small model may be away meanwhile.

import { describe, expect, it } from 'vitest';
import type { AnswerEvent, AskRequest } from '../../../src/core/acts';
import { AppError } from '../../../src/core/errors';
import type { LargeSettings } from '../../../src/core/large';
import type { Message, Pixels } from '../../../src/core/types';
import { awayVlm } from '../../../src/pipeline/away';
import { createEngine } from '../../../src/pipeline/engine';
import { enrolment, startKit, type Kit } from '../../support/engine-kit';
import { fakeLargePort, type FakeLargePort } from '../../support/fake-large-port';
import { fakeEncoder, fakeImages, fakeVlm, imageFile, picture, RED } from '../../support/fake-models';

const RED_LEFT = picture([{ x: 0, y: 0.3, w: 0.45, h: 0.5, rgb: RED }]);
const LARGER: Partial<LargeSettings> = { answerWith: 'larger', larger: 'smolvlm-256m:q4' };

interface Talk extends Kit {
  readonly large: FakeLargePort;
}

async function start(settings: Partial<LargeSettings> = LARGER): Promise<Talk> {
  const large = fakeLargePort();
  const kit = await startKit({ large, vlm: fakeVlm('fake-vlm-1', { checksInWords: true }) });
  await kit.engine.enrol(enrolment('Bo', ['Bo sleeps in the basket.', 'Bo is from Lisbon.'], [RED_LEFT]));
  await kit.engine.idle();
  await kit.engine.editLarge({ settings });
  return Object.assign(kit, { large });
}

async function ask(
  { engine }: Pick<Kit, 'engine'>,
  request: Omit<AskRequest, 'chatId'> & Partial<Pick<AskRequest, 'chatId'>>,
  events: AnswerEvent[] = [],
): Promise<Extract<Message, { role: 'assistant' }>> {
  const chatId = request.chatId ?? (await engine.createChat());
  const message = await engine.ask(
    { ...request, chatId },
    (event) => void events.push(event),
    new AbortController().signal,
  );
  if (message.role !== 'assistant') throw new Error('no answer');
  return message;
}

const photo = (pixels: Pixels) => ({ mime: 'image/x-fake', bytes: imageFile(pixels) });

/** An engine over the same memory whose small model was put away. */
async function withoutSmall({ memory, vlm, large, encoder }: Talk): Promise<Pick<Kit, 'engine' | 'faults'>> {
  const faults: AppError[] = [];
  const engine = createEngine({
    vlm: awayVlm(vlm.info),
    encoder,
    memory,
    images: fakeImages,
    large,
    onMemory: () => undefined,
    onChats: () => undefined,
    onFault: (error) => void faults.push(error),
  });
  await engine.resume();
  return { engine, faults };
}

describe('a larger model on this device', () => {
  it('sees the photo and the notes, streams, and is neither reviewed nor recorded', async () => {
    const kit = await start();
    const events: AnswerEvent[] = [];
    const message = await ask(kit, { text: 'Where does Bo sleep?', photo: photo(RED_LEFT) }, events);
    expect(message.text).toBe('Bo sleeps in the basket.');
    expect(events.map(({ kind }) => kind)).not.toContain('review');
    expect(events.map(({ kind }) => kind)).toContain('text');
    expect(await kit.engine.listSent()).toEqual([]);
    const last = kit.large.requests.at(-1)?.messages.at(-1);
    expect(last?.pictures).toHaveLength(1);
    expect(last?.text).toContain('Note about Bo: Bo sleeps in the basket.');
    expect(last?.text).toContain('Report on the picture:');
    expect(message.trace?.collaboration).toMatchObject({
      by: 'large',
      model: 'smolvlm-256m:q4',
      to: undefined, // it went nowhere
      answered: true,
      calls: kit.large.requests.length,
      tokensIn: 10 * kit.large.requests.length,
    });
    expect(message.trace?.collaboration?.fates.every(({ ms }) => ms !== undefined && ms >= 0)).toBe(true);
  });

  it('is refused what was not put together for the question, as any other', async () => {
    const kit = await start();
    await ask(kit, { text: 'Where does Bo sleep?' });
    expect(kit.large.requests.flatMap(({ messages }) => messages.flatMap(({ pictures }) => pictures))).toEqual([]);
  });

  it('that is not chosen, or answers by itself, leaves the small one answering with a sentence', async () => {
    const kit = await start();
    for (const [larger, sentence] of [
      ['', /^Choose a larger model in Settings\.$/],
      [kit.vlm.info.id, /is the one that answers here/],
    ] as const) {
      await kit.engine.editLarge({ settings: { larger } });
      const message = await ask(kit, { text: 'Where does Bo sleep?' });
      expect(message.text).toBe('Bo sleeps in the basket.');
      expect(message.trace?.collaboration?.fault).toMatch(sentence);
    }
    expect(kit.large.requests).toEqual([]);
  });

  it('is tested without a word of memory', async () => {
    const kit = await start();
    await kit.engine.testLarge(new AbortController().signal);
    expect(kit.large.requests).toHaveLength(1);
    expect(JSON.stringify(kit.large.requests)).not.toContain('Bo');
  });

  it('that wants the small one’s memory ends the question, which stays to be asked again', async () => {
    const kit = await start();
    kit.large.reply = () => {
      throw new AppError('wants-room', 'It needs room.');
    };
    const chatId = await kit.engine.createChat();
    await expect(ask(kit, { chatId, text: 'Where does Bo sleep?' })).rejects.toMatchObject({ code: 'wants-room' });
    kit.large.reply = () => 'In the basket.';
    expect((await ask(kit, { chatId, text: 'Where does Bo sleep?' })).text).toBe('In the basket.');
    expect((await kit.engine.readChat(chatId))?.messages).toHaveLength(2);
  });

  it('that could not answer is not asked again for the same question', async () => {
    const kit = await start();
    const message = await ask(kit, { text: 'Where does Bo sleep?', withoutLarger: 'It stopped unexpectedly.' });
    expect(message.text).toBe('Bo sleeps in the basket.');
    expect(message.trace?.collaboration).toMatchObject({
      answered: false,
      fault: 'It stopped unexpectedly.',
      calls: 0,
    });
    expect(kit.large.requests).toEqual([]);
  });
});

describe('while the small model is away', () => {
  it('questions are found and answered by the larger one', async () => {
    const kit = await start();
    const lean = await withoutSmall(kit);
    const message = await ask(lean, { text: 'Where does Bo sleep?', photo: photo(RED_LEFT) });
    expect(message.text).toBe('Bo sleeps in the basket.');
    expect(message.cues.find(({ name }) => name === 'Bo')?.present).toBe(true);
    expect(message.sources.map(({ kind }) => kind)).toContain('fact');
    expect(lean.faults).toEqual([]);
  });

  it('a larger one that fails asks for the small one, with why', async () => {
    const kit = await start();
    const lean = await withoutSmall(kit);
    kit.large.reply = () => {
      throw new AppError('large-model', 'It stopped unexpectedly.');
    };
    await expect(ask(lean, { text: 'Where does Bo sleep?' })).rejects.toMatchObject({
      code: 'wants-small',
      message: 'It stopped unexpectedly.',
    });
  });

  it('what needs it is refused with a code, and nothing runs in the background', async () => {
    const kit = await start();
    const lean = await withoutSmall(kit);
    await kit.engine.editLarge({ settings: { answerWith: 'device' } });
    await expect(ask(lean, { text: 'Where does Bo sleep?' })).rejects.toMatchObject({ code: 'wants-small' });
    await lean.engine.idle();
    expect(lean.faults).toEqual([]);
  });
});

it('an engine that wakes with photos waiting leaves them while the small model is away', async () => {
  const kit = await start();
  const [waiting] = await kit.memory.listJobs();
  if (waiting === undefined) throw new Error('no job');
  await kit.memory.saveJobs([{ ...waiting, status: 'waiting' }]);
  const encoder = fakeEncoder();
  const lean = await withoutSmall({ ...kit, encoder });
  await lean.engine.idle();
  expect(encoder.calls).toBe(0);
  expect((await kit.memory.listJobs())[0]?.status).toBe('waiting');
});
