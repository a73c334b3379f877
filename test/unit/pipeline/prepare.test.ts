// Two engines over one memory: one answers while the other encodes memory for its own model, and then takes over.
import { afterEach, expect, it } from 'vitest';
import type { Prepared } from '../../../src/pipeline/prepare';
import { createEngine, type Engine } from '../../../src/pipeline/engine';
import type { MemoryPort } from '../../../src/pipeline/ports';
import { ask, enrolment, startKit, type Kit } from '../../support/engine-kit';
import { fakeMemory } from '../../support/fake-memory';
import { fakeEncoder, fakeImages, fakeVlm, type FakeVlm } from '../../support/fake-models';

const NEVER = new AbortController().signal;
let answering: Kit | undefined;
let next: Engine | undefined;
afterEach(() => {
  answering?.engine.close();
  next?.close();
});

async function twoConcepts(): Promise<MemoryPort> {
  const memory = fakeMemory();
  answering = await startKit({ memory, vlm: fakeVlm('mini-1', { id: 'mini' }) });
  for (const name of ['Bo', 'Max']) {
    await answering.engine.enrol(enrolment(name, [`${name} sleeps in ${name}'s room.`, `${name} likes cheese.`]));
  }
  await answering.engine.idle();
  await ask(answering, 'Where does Max sleep?');
  return memory;
}

/** Loaded, but waiting: not resumed. */
function waitingEngine(memory: MemoryPort, vlm: FakeVlm): Engine {
  return (next = createEngine({
    vlm,
    encoder: fakeEncoder(),
    memory,
    images: fakeImages,
    onMemory: () => undefined,
    onChats: () => undefined,
    onFault: (error) => {
      throw error;
    },
  }));
}

it('encodes most used first, tells how far it is, and leaves what answers as it was', async () => {
  const memory = await twoConcepts();
  const before = await memory.listBlocks();
  const vlm = fakeVlm('hub-1', { id: 'hub' });
  const told: Prepared[] = [];
  await waitingEngine(memory, vlm).prepare((progress) => told.push(progress), NEVER);
  expect(vlm.encoded.map((text) => /Max|Bo/.exec(text)?.[0])).toEqual(['Max', 'Max', 'Max', 'Bo', 'Bo', 'Bo']);
  expect(told[0]).toEqual({ done: 0, total: 6 });
  expect(told.at(-1)).toEqual({ done: 6, total: 6 });
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b));
  expect(await memory.listBlocks()).toEqual(expect.arrayContaining(before));
  if (!answering) throw new Error('nobody answers');
  expect((await ask(answering, 'Where does Bo sleep?')).text).toBe("Bo sleeps in Bo's room.");
});

it('knows after taking over what was told to the other one meanwhile', async () => {
  const memory = await twoConcepts();
  const vlm = fakeVlm('hub-1', { id: 'hub' });
  const engine = waitingEngine(memory, vlm);
  let first = true;
  vlm.gate = async () => {
    if (!first) return;
    first = false;
    await answering?.engine.enrol(enrolment('Mia', ['Mia sleeps on the roof.'])); // while the other one is at work
    await answering?.engine.idle();
  };
  await engine.prepare(() => undefined, NEVER);
  expect(vlm.encoded.some((text) => text.includes('on the roof'))).toBe(true);
  answering?.engine.close();
  await engine.resume();
  await engine.idle();
  const chatId = await engine.createChat();
  const message = await engine.ask({ chatId, text: 'Where does Mia sleep?' }, () => undefined, NEVER);
  expect(message).toMatchObject({ role: 'assistant', text: 'Mia sleeps on the roof.' });
  expect(message.role === 'assistant' && message.trace?.model).toBe('hub');
  const encoded = vlm.encoded.length;
  expect(new Set(vlm.encoded).size).toBe(encoded); // nothing was encoded twice
});

it('stops when another model is chosen meanwhile, and keeps what it made', async () => {
  const memory = await twoConcepts();
  const vlm = fakeVlm('hub-1', { id: 'hub' });
  const controller = new AbortController();
  vlm.gate = () => {
    if (vlm.encoded.length === 2) controller.abort();
    return Promise.resolve();
  };
  await expect(waitingEngine(memory, vlm).prepare(() => undefined, controller.signal)).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect((await memory.listBlocks()).filter(({ model }) => model === 'hub-1')).toHaveLength(2);
});
