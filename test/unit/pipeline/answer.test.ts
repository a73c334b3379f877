// The engine over fakes: what a question costs, what it answers and what it rests on.
import { afterEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/core/types';
import { BLUE, GREEN, imageFile, picture, RED } from '../../support/fake-models';
import { ask, enrolment, startKit, type Kit } from '../../support/engine-kit';

const redMug = picture([{ x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb: RED }]);
const redMugAgain = picture([{ x: 0.375, y: 0.25, w: 0.5, h: 0.5, rgb: RED }]);
const blueBall = picture([{ x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb: BLUE }]);
const both = picture([
  { x: 0, y: 0.25, w: 0.375, h: 0.5, rgb: RED },
  { x: 0.625, y: 0.25, w: 0.375, h: 0.5, rgb: BLUE },
]);

const kits: Kit[] = [];
async function kitOf(...parts: Parameters<typeof startKit>): Promise<Kit> {
  const kit = await startKit(...parts);
  kits.push(kit);
  return kit;
}
afterEach(() => {
  for (const { engine, faults } of kits.splice(0)) {
    engine.close();
    expect(faults.map((fault) => fault.message)).toEqual([]);
  }
});

async function withBo(): Promise<Kit> {
  const kit = await kitOf();
  await kit.engine.enrol(enrolment('Bo', ['Bo sleeps on the blue sofa.', 'He is allergic to chicken.'], [redMug]));
  await kit.engine.idle();
  return kit;
}

describe('answer', () => {
  it('answers from a linked fact, names it as source and traces the stages', async () => {
    const kit = await withBo();
    const message = await ask(kit, 'Where does Bo sleep?');
    expect(message.text).toBe('Bo sleeps on the blue sofa.');
    expect(message.sources[0]).toMatchObject({ kind: 'fact', name: 'Bo', text: 'Bo sleeps on the blue sofa.' });
    expect(message.trace?.stages.map(({ stage }) => stage)).toEqual(['retrieve', 'assemble', 'decode', 'reflect']);
    expect(message.trace?.verdict).toEqual({ kind: 'kept' });
    expect(message.trace?.tokensLinked).toBeGreaterThan(0);
    expect(message.trace?.ttftMs).toBeGreaterThanOrEqual(0);
  });

  it('runs no block again for a question', async () => {
    const kit = await withBo();
    kit.vlm.encoded.length = 0;
    await ask(kit, 'Where does Bo sleep?');
    await ask(kit, 'What is Bo allergic to?');
    expect(kit.vlm.encoded).toEqual([]);
  });

  it('encodes what the background has not reached yet', async () => {
    const kit = await kitOf();
    const { conceptId } = await kit.engine.enrol(enrolment('Bo'));
    await kit.engine.idle();
    const open: (() => void)[] = [];
    let first = true;
    kit.vlm.gate = () => {
      if (!first) return Promise.resolve();
      first = false;
      return new Promise((resolve) => void open.push(resolve));
    };
    await kit.engine.addFacts(conceptId, ['Bo fears thunder.', 'Bo likes cheese.']);
    const asked = ask(kit, 'What does Bo fear?');
    await expect.poll(() => open.length).toBe(1);
    open[0]?.();
    expect((await asked).text).toBe('Bo fears thunder.');
  });

  it('makes a damaged block again', async () => {
    const kit = await withBo();
    const records = [...(await kit.memory.readBlocks((await kit.memory.listBlocks()).map(({ key }) => key))).values()];
    await kit.memory.saveBlocks(records.map((record) => ({ ...record, bytes: record.bytes.slice(0, -8) })));
    const fresh = await kitOf({ memory: kit.memory });
    await fresh.engine.idle();
    expect((await ask(fresh, 'Where does Bo sleep?')).text).toBe('Bo sleeps on the blue sofa.');
  });

  it('has later blocks repaired from what they were made of, and counts the tokens, when asked to', async () => {
    const kit = await kitOf({ recompute: 4 });
    await kit.engine.enrol(enrolment('Bo', ['Bo sleeps on the blue sofa.', 'He is allergic to chicken.'], [redMug]));
    await kit.engine.idle();
    const { trace } = await ask(kit, 'Who is Bo?');
    const [repair] = kit.vlm.repairs.slice(-1);
    const linked = kit.vlm.turns.at(-1)?.linked ?? [];
    expect(repair?.recompute).toBe(4);
    expect(linked.length).toBeGreaterThan(1);
    const texts = repair?.segments.map((segment) =>
      segment?.map((part) => (part.kind === 'text' ? part.text : '[image]')).join(''),
    );
    expect(texts).toEqual(linked);
    const turn = kit.vlm.turns.at(-1)?.turn.length ?? 0;
    expect(trace?.tokensPrefilled).toBe(turn + 4 * (linked.length - 1));
  });

  it('knows nothing of a stranger, by name or by photo', async () => {
    const kit = await withBo();
    const byName = await ask(kit, 'Where does Zorro sleep?');
    expect(byName).toMatchObject({ text: "I don't know.", sources: [] });
    expect(kit.vlm.turns.at(-1)?.linked).toEqual([]);
    const green = picture([{ x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb: GREEN }]);
    kit.vlm.script = () => 'This is Bo.'; // the model errs; reflection does not
    const byPhoto = await ask(kit, 'Who is this?', { photo: green });
    expect(byPhoto).toMatchObject({ text: "I don't know.", trace: { verdict: { kind: 'erased' } } });
    expect(kit.vlm.turns.at(-1)?.turn).toContain('The photo shows nobody I know. ');
  });

  it('recognises two concepts in one photo, each in its place', async () => {
    const kit = await kitOf();
    await kit.engine.enrol(enrolment('Bo', ['Bo sleeps on the sofa.'], [redMug]));
    await kit.engine.enrol(enrolment('Max', ['Max sleeps in the hall.'], [blueBall]));
    await kit.engine.idle();
    const message = await ask(kit, 'Who are they?', { photo: both });
    expect(message.text).toBe('This is Bo and Max.');
    const place = new Map(message.cues.map((cue) => [cue.name, cue.place]));
    expect(place.get('Bo')?.x).toBeLessThan(0.2);
    expect(place.get('Max')?.x).toBeGreaterThan(0.5);
    expect(message.sources.filter(({ kind }) => kind === 'patch').length).toBeGreaterThanOrEqual(2);
  });

  it('carries the last turn over to "she" and to "and …?", in its own chat only', async () => {
    const kit = await withBo();
    const chatId = await kit.engine.createChat();
    await ask(kit, 'Where does Bo sleep?', { chatId });
    expect((await ask(kit, 'What is she allergic to?', { chatId })).text).toBe('He is allergic to chicken.');
    expect(kit.vlm.turns.at(-1)?.turn).toContain('User: Where does Bo sleep?'); // the exchange it leans on is read with it
    expect((await ask(kit, 'And the sofa?', { chatId })).text).toBe('Bo sleeps on the blue sofa.');
    await ask(kit, 'Where does Bo sleep?', { chatId });
    expect(kit.vlm.turns.at(-1)?.turn).not.toContain('And the sofa?');
    await kit.engine.enrol(enrolment('Max')); // with one concept alone, "she" can only be that one
    await ask(kit, 'What does she eat?');
    expect(kit.vlm.turns.at(-1)?.linked).toEqual([]);
  });

  it('answers without memory when asked to', async () => {
    const kit = await withBo();
    const message = await ask(kit, 'Where does Bo sleep?', { noMemory: true });
    expect(message).toMatchObject({ text: "I don't know.", sources: [] });
    expect(kit.vlm.turns.at(-1)?.linked).toEqual([]);
  });

  it('erases what no source says and offers the nearest fact', async () => {
    const kit = await withBo();
    kit.vlm.script = () => 'Bo sleeps in the garage.';
    const message = await ask(kit, 'Where does Bo sleep?');
    expect(message).toMatchObject({ text: "I don't know.", nearest: 'Bo: Bo sleeps on the blue sofa.' });
    expect(message.trace).toMatchObject({
      draft: 'Bo sleeps in the garage.',
      verdict: { kind: 'erased', claim: 'garage' },
    });
  });

  it('keeps half a sentence when it is stopped, and the question when it is stopped before', async () => {
    const kit = await withBo();
    const chatId = await kit.engine.createChat();
    const stop = new AbortController();
    const message = await kit.engine.ask(
      { chatId, text: 'Where does Bo sleep?' },
      (event) => {
        if (event.kind === 'text') stop.abort();
      },
      stop.signal,
    );
    expect(message).toMatchObject({ stopped: true, text: 'Bo' });
    await expect(kit.engine.ask({ chatId, text: 'Again?' }, () => undefined, stop.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(textsOf((await kit.engine.readChat(chatId))?.messages)).toEqual(['Where does Bo sleep?', 'Bo', 'Again?']);
  });

  it('regenerates an answer in its place and drops what came after', async () => {
    const kit = await withBo();
    const chatId = await kit.engine.createChat();
    const first = await ask(kit, 'Where does Bo sleep?', { chatId });
    await ask(kit, 'What is he allergic to?', { chatId });
    kit.vlm.script = () => 'On the blue sofa.';
    await kit.engine.ask({ chatId, text: '', regenerate: first.id }, () => undefined, new AbortController().signal);
    expect(textsOf((await kit.engine.readChat(chatId))?.messages)).toEqual([
      'Where does Bo sleep?',
      'On the blue sofa.',
    ]);
  });

  it('titles, renames, deletes and restores chats', async () => {
    const kit = await withBo();
    const chatId = await kit.engine.createChat();
    await ask(kit, 'Where does Bo sleep?', { chatId });
    expect(kit.chats.map(({ title }) => title)).toEqual(['Where does Bo sleep?']);
    await kit.engine.renameChat(chatId, ' Bo ');
    expect(kit.chats.map(({ title }) => title)).toEqual(['Bo']);
    const token = await kit.engine.deleteChat(chatId);
    expect(kit.chats).toEqual([]);
    await kit.engine.undo(token);
    expect(kit.chats).toHaveLength(1);
  });

  it('keeps the question photo small and gives photos back', async () => {
    const kit = await withBo();
    const [photo] = await kit.memory.listPhotos();
    if (photo === undefined) throw new Error('no photo');
    expect((await kit.engine.readPhoto(photo.id))?.bytes.byteLength).toBe(imageFile(redMug).byteLength);
    const message = await ask(kit, 'Who is this?', { photo: redMugAgain });
    expect(message.text).toBe('This is Bo.');
  });
});

function textsOf(messages: readonly Message[] | undefined): string[] {
  return (messages ?? []).map((message) => message.text);
}
