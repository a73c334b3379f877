// The whole engine as the page has it: two real workers, real IndexedDB, the embedded models, WASM. And what happens when
// a worker dies.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EngineClient, type EngineOptions, startEngine } from '../../src/client/workers';
import { isAppError } from '../../src/core/errors';
import type { Message } from '../../src/core/types';
import type { AnswerEvent, EngineEvent } from '../../src/rpc/protocol';

const OPTIONS: EngineOptions = {
  model: 'mini',
  encoder: 'patch',
  backend: 'wasm',
  baseUrl: `${location.origin}/`,
};

let engine: EngineClient | undefined;
let events: EngineEvent[] = [];
let workers: Worker[] = [];
const RealWorker = globalThis.Worker;

beforeEach(() => {
  events = [];
  workers = [];
  // The only way to get hold of the workers, to kill them as a crash would: they know nothing of it.
  globalThis.Worker = class extends RealWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      workers.push(this);
    }
  };
});

afterEach(() => {
  engine?.dispose();
  engine = undefined;
  globalThis.Worker = RealWorker;
});

async function start(options: Partial<EngineOptions> = {}): Promise<EngineClient> {
  engine = await startEngine({ ...OPTIONS, ...options }, (event) => events.push(event));
  return engine;
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  const settled: unknown = await promise.then(
    () => 'did not throw',
    (error: unknown) => error,
  );
  return settled;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await errorOf(promise);
  return isAppError(error) ? error.code : String(error);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function ask(client: EngineClient, text: string): Promise<{ message: Message; seen: AnswerEvent[] }> {
  const seen: AnswerEvent[] = [];
  const chatId = await client.createChat();
  const message = await client.ask({ chatId, text }, (event) => seen.push(event), new AbortController().signal);
  return { message, seen };
}

describe('a running engine', () => {
  test('remembers a fact, answers with its source, can be stopped and reports errors with their codes', async () => {
    const client = await start();
    const status = client.status();
    expect(status).toMatchObject({ model: 'mini', encoder: 'patch', backend: 'wasm' });
    expect(status.selfTest.maxLogitDifference).toBeLessThan(1e-3);
    expect(events.some(({ kind }) => kind === 'loading')).toBe(true);
    expect(events.some(({ kind }) => kind === 'ready')).toBe(true);

    const { conceptId } = await client.enrol({
      name: 'Bo',
      aliases: [],
      facts: ['Bo sleeps on the blue sofa.'],
      photos: [],
    });
    await client.idle();
    const { message, seen } = await ask(client, 'Where does Bo sleep?');
    if (message.role !== 'assistant') throw new Error('no answer');
    expect(message.text.length).toBeGreaterThan(0);
    expect(message.trace?.tokensLinked).toBeGreaterThan(0);
    expect(message.trace?.backend).toBe('wasm');
    expect(seen.some(({ kind }) => kind === 'stage')).toBe(true);
    await client.deleteConcept(conceptId);

    const chatId = await client.createChat();
    const settled = await client
      .ask({ chatId, text: 'What is this?' }, () => undefined, AbortSignal.abort())
      .then(
        (stopped) => (stopped.role === 'assistant' && stopped.stopped ? 'stopped' : 'answered'),
        (error: unknown) => (error instanceof Error ? error.name : 'thrown'),
      );
    expect(['stopped', 'AbortError']).toContain(settled);

    expect(await codeOf(client.enrol({ name: '', aliases: [], facts: [], photos: [] }))).toBe('bad-input');
  });
});

describe('a worker that ends', () => {
  test.each([
    ['the VLM worker', 0],
    ['the encoder worker', 1],
  ])('%s: pending calls reject, the engine restarts, later calls work', async (_, index) => {
    const client = await start();
    expect(workers.length).toBe(2);
    const chatId = await client.createChat();
    const pending = codeOf(
      client.ask({ chatId, text: 'Where does Bo sleep?' }, () => undefined, new AbortController().signal),
    );
    workers[index]?.terminate();
    expect(await pending).toBe('worker-died');
    expect(events.some((event) => event.kind === 'failed' && event.code === 'worker-died')).toBe(true);
    const chat = await client.readChat(chatId); // waits for the restart
    expect(chat?.id).toBe(chatId);
    expect(workers.length).toBe(4);
  });

  test('an error that nothing caught ends it too', async () => {
    const client = await start();
    workers[0]?.dispatchEvent(new ErrorEvent('error', { message: 'memory access out of bounds' }));
    await until(() => events.some(({ kind }) => kind === 'failed'));
    await client.createChat();
    expect(workers.length).toBe(4);
  });

  test('that will not stay up is given up on', async () => {
    const client = await start();
    for (let death = 0; death < 4; death++) {
      workers.at(-1)?.terminate();
      await until(() => events.filter(({ kind }) => kind === 'failed').length > death);
      await client.createChat().catch(() => undefined);
    }
    expect(await codeOf(client.createChat())).toBe('worker-died');
    const last = events.findLast((event) => event.kind === 'failed');
    expect(last?.message).toContain('Reload');
  });
});

describe('starting', () => {
  test('fails with a code when the model is not there', async () => {
    expect(await codeOf(start({ model: 'nothing-here' }))).toBe('model-load');
    expect(await codeOf(start({ encoder: 'nothing-here' }))).toBe('model-load');
    await start(); // and the models are free again
  });

  test('is refused while another tab has the models, unless they are taken over', async () => {
    const theirs = Promise.withResolvers<undefined>();
    const stolen = navigator.locks.request('jarvis-owner', () => theirs.promise);
    expect(await codeOf(start())).toBe('locked');
    stolen.catch(() => undefined);
    await start({ steal: true });
    expect((await errorOf(stolen)) as Error).toMatchObject({ name: 'AbortError' });
  });

  test('an engine whose models were taken says so and refuses calls', async () => {
    const client = await start();
    const released = Promise.withResolvers<undefined>();
    void navigator.locks.request('jarvis-owner', { steal: true }, () => released.promise);
    await until(() => events.some((event) => event.kind === 'failed' && event.code === 'locked'));
    expect(await codeOf(client.createChat())).toBe('locked');
    released.resolve(undefined);
  });

  test('again in the same page ends the first and goes on', async () => {
    const first = await start();
    const second = await start();
    expect(await codeOf(first.createChat())).toBe('not-ready');
    expect(await second.createChat()).toBeTruthy();
  });
});
