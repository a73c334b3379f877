// Chats that keep their cache: what a follow-up prefills, when memory is linked afresh, what is dropped when the context is full.
import { afterEach, describe, expect, it } from 'vitest';
import type { ChatId, Message, Trace } from '../../../src/core/types';
import { fakeVlm, picture, RED } from '../../support/fake-models';
import { ask, enrolment, startKit, type Kit } from '../../support/engine-kit';

const kits: Kit[] = [];
afterEach(() => {
  for (const { engine, faults, vlm } of kits.splice(0)) {
    engine.close();
    expect(faults.map((fault) => fault.message)).toEqual([]);
    expect(vlm.live).toBe(0); // nothing leaks
  }
});

async function kitWith(info: Parameters<typeof fakeVlm>[1] = {}): Promise<{ kit: Kit; chatId: ChatId }> {
  const kit = await startKit({ vlm: fakeVlm('fake-vlm-1', info) });
  kits.push(kit);
  await kit.engine.enrol(enrolment('Bo', ['Bo sleeps on the blue sofa.', 'Bo is allergic to chicken.']));
  await kit.engine.idle();
  return { kit, chatId: await kit.engine.createChat() };
}

function traceOf(message: Message): Trace {
  if (message.role !== 'assistant' || message.trace === undefined) throw new Error('no trace');
  return message.trace;
}

const noteOf = (message: Message): string =>
  traceOf(message).stages.find(({ stage }) => stage === 'assemble')?.note ?? '';

/** Tokens of the fake are characters. */
const turnOf = (question: string): number => `User: ${question}<end_of_utterance>\nAssistant:`.length;

describe('a chat of a model that reads one turn', () => {
  it('prefills only what a follow-up with the same hits does not share with the turn before', async () => {
    const { kit, chatId } = await kitWith();
    const first = await ask(kit, 'Where does Bo sleep?', { chatId });
    expect(traceOf(first).tokensPrefilled).toBe(turnOf('Where does Bo sleep?'));
    expect(noteOf(first)).toContain('linked');
    const second = await ask(kit, 'Where does Bo sleep now?', { chatId });
    expect(second.text).toBe('Bo sleeps on the blue sofa.');
    expect(noteOf(second)).toContain('kept');
    expect(traceOf(second).tokensPrefilled).toBe(
      turnOf('Where does Bo sleep now?') - 'User: Where does Bo sleep'.length,
    );
    expect(traceOf(second).tokensLinked).toBe(traceOf(first).tokensLinked);
    expect(kit.vlm.live).toBe(1);
  });

  it('reads one token to answer the same question again, and the tail of an edited one', async () => {
    const { kit, chatId } = await kitWith();
    const first = await ask(kit, 'Where does Bo sleep?', { chatId });
    const again = await kit.engine.ask(
      { chatId, text: '', regenerate: first.id },
      () => undefined,
      new AbortController().signal,
    );
    expect(traceOf(again).tokensPrefilled).toBe(1);
    expect(again.text).toBe(first.text);
  });

  it('links afresh when the hits change, when a fact was edited, and in another chat', async () => {
    const { kit, chatId } = await kitWith();
    await ask(kit, 'Where does Bo sleep?', { chatId });
    expect(noteOf(await ask(kit, 'What is Bo allergic to?', { chatId }))).toContain('linked');
    expect(noteOf(await ask(kit, 'What is Bo allergic to?', { chatId }))).toContain('kept');
    const fact = (await kit.memory.listFacts()).find(({ text }) => text.includes('allergic'));
    if (fact === undefined) throw new Error('no fact');
    await kit.engine.editFact(fact.id, 'Bo is allergic to pollen.');
    await kit.engine.idle();
    const edited = await ask(kit, 'What is Bo allergic to?', { chatId });
    expect(edited.text).toBe('Bo is allergic to pollen.');
    expect(noteOf(edited)).toContain('linked');
    expect(noteOf(await ask(kit, 'What is Bo allergic to?'))).toContain('linked');
  });

  it('holds few caches, and none of a deleted chat', async () => {
    const { kit } = await kitWith();
    const chats = [];
    for (let i = 0; i < 5; i++) {
      const chatId = await kit.engine.createChat();
      await ask(kit, 'Where does Bo sleep?', { chatId });
      chats.push(chatId);
    }
    expect(kit.vlm.live).toBe(2);
    await kit.engine.deleteChat(chats[4] as ChatId);
    await expect.poll(() => kit.vlm.live).toBe(1);
  });

  it('answers to the end when its chat is deleted meanwhile', async () => {
    const { kit, chatId } = await kitWith();
    let deleted: Promise<unknown> | undefined;
    const message = await kit.engine.ask(
      { chatId, text: 'Where does Bo sleep?' },
      (event) => {
        if (event.kind === 'text') deleted ??= kit.engine.deleteChat(chatId);
      },
      new AbortController().signal,
    );
    await deleted;
    expect(message.text).toBe('Bo sleeps on the blue sofa.');
    await expect.poll(() => kit.vlm.live).toBe(0);
  });

  it('goes on after a question that was stopped', async () => {
    const { kit, chatId } = await kitWith();
    const stop = new AbortController();
    await kit.engine.ask(
      { chatId, text: 'Where does Bo sleep?' },
      (event) => {
        if (event.kind === 'text') stop.abort();
      },
      stop.signal,
    );
    const next = await ask(kit, 'Where does Bo sleep?', { chatId });
    expect(next.text).toBe('Bo sleeps on the blue sofa.');
    expect(noteOf(next)).toContain('kept');
  });
});

describe('a chat of a model that reads several turns', () => {
  it('prefills the new turn and the end of the answer before it, photos included', async () => {
    const { kit, chatId } = await kitWith({ readsTurns: true });
    const photo = picture([{ x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb: RED }]);
    await ask(kit, 'Where does Bo sleep?', { chatId, photo });
    const second = await ask(kit, 'Where does Bo sleep now?', { chatId });
    expect(kit.vlm.turns.at(-1)?.turn).toContain('Where does Bo sleep?<end_of_utterance>');
    expect(noteOf(second)).toContain('1 earlier turn');
    expect(traceOf(second).tokensPrefilled).toBe('<end_of_utterance>\n'.length + turnOf('Where does Bo sleep now?'));
  });

  it('drops the oldest turns first, then the lowest hits, and says so', async () => {
    const { kit, chatId } = await kitWith({ readsTurns: true, maxTokens: 800 });
    let last = await ask(kit, 'Where does Bo sleep?', { chatId });
    for (let i = 0; i < 6; i++) last = await ask(kit, 'Where does Bo sleep?', { chatId });
    expect(noteOf(last)).toMatch(/oldest turns? left out/);
    expect(last.text).toBe('Bo sleeps on the blue sofa.'); // no hit was given up for a turn
    expect(noteOf(last)).not.toMatch(/blocks? left out/);

    const small = await kitWith({ readsTurns: true, maxTokens: 200 });
    const squeezed = await ask(small.kit, 'Where does Bo sleep?', { chatId: small.chatId });
    expect(noteOf(squeezed)).toMatch(/blocks? left out/);
  });
});
