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

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'did not throw',
    (thrown: unknown) => thrown,
  );
  return isAppError(error) ? error.code : String(error);
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
});

describe('starting', () => {
  test('left to itself takes WASM here and says why', async () => {
    const client = await start({ backend: 'auto' });
    expect(client.status().backend).toBe('wasm');
    expect(client.status().fallback).toBeTruthy();
  });

  test('fails with a code when the model is not there', async () => {
    expect(await codeOf(start({ model: 'nothing-here' }))).toBe('model-load');
    expect(await codeOf(start({ encoder: 'nothing-here' }))).toBe('model-load');
    await start(); // and the models are free again
  });
});
