// Starting, restarting and giving up, with real workers that hold no models: the rules of src/client/workers.ts alone.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EngineClient, type EngineOptions, startEngine } from '../../src/client/workers';
import { isAppError } from '../../src/core/errors';
import type { ChatId } from '../../src/core/types';
import type { EngineEvent } from '../../src/rpc/protocol';

const RealWorker = globalThis.Worker;
let engine: EngineClient | undefined;
let events: EngineEvent[] = [];
let workers: Worker[] = [];

beforeEach(() => {
  events = [];
  workers = [];
  globalThis.Worker = class extends RealWorker {
    constructor(url: string | URL) {
      const fake = String(url).includes('encoder')
        ? new URL('../support/fake-encoder.worker.ts', import.meta.url)
        : new URL('../support/fake-vlm.worker.ts', import.meta.url);
      super(fake, { type: 'module' });
      workers.push(this);
    }
  };
});

afterEach(() => {
  engine?.dispose();
  globalThis.Worker = RealWorker;
});

async function start(options: Partial<EngineOptions> = {}): Promise<EngineClient> {
  const whole: EngineOptions = { model: 'fake', encoder: 'fake', backend: 'auto', baseUrl: '/', ...options };
  engine = await startEngine(whole, (event) => events.push(event));
  return engine;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'did not throw',
    (thrown: unknown) => thrown,
  );
  return isAppError(error) ? error.code : String(error);
}

const failures = (): EngineEvent[] => events.filter(({ kind }) => kind === 'failed');

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Ends the newest VLM worker as a crash would, and waits until the page has noticed. */
async function kill(): Promise<void> {
  const before = failures().length;
  workers.at(-2)?.terminate();
  await until(() => failures().length > before);
}

describe('restarting', () => {
  test('a failed run rejects with its code, and the next call runs in new workers', async () => {
    const client = await start();
    expect(await codeOf(client.idle())).toBe('model-run');
    expect(await client.createChat()).toBe('chat');
    expect(workers.length).toBe(4);
    expect(failures()).toMatchObject([{ code: 'model-run' }]);
  });

  test('an error that nothing caught ends the workers', async () => {
    const client = await start();
    const pending = codeOf(client.readChat('never answered' as ChatId));
    workers[0]?.dispatchEvent(new ErrorEvent('error', { message: 'memory access out of bounds' }));
    expect(await pending).toBe('worker-died');
    expect(await client.createChat()).toBe('chat');
    expect(workers.length).toBe(4);
  });

  test('workers that keep ending are given up on, until someone asks again', async () => {
    const client = await start();
    for (let death = 0; death < 3; death++) {
      await kill();
      expect(await client.createChat()).toBe('chat');
    }
    await kill();
    expect(await codeOf(client.createChat())).toBe('worker-died');
    expect(failures().at(-1)).toMatchObject({
      code: 'worker-died',
      message: expect.stringContaining('Reload') as string,
    });
    await client.restart();
    expect(await client.createChat()).toBe('chat');
  });

  test('an engine that was disposed of refuses calls and starts nothing', async () => {
    const client = await start();
    client.dispose();
    expect(await codeOf(client.createChat())).toBe('not-ready');
    expect(await codeOf(client.restart())).toBe('not-ready');
    expect(workers.length).toBe(2);
    expect(failures()).toEqual([]);
  });
});

describe('when WebGPU lets us down', () => {
  test('while loading, WASM takes over and the status says why', async () => {
    const client = await start({ model: 'gpu-fails' });
    expect(client.status()).toMatchObject({ backend: 'wasm', fallback: 'It computes wrongly here.' });
    expect(failures()).toEqual([]);
  });

  test('who asked for WebGPU is told instead', async () => {
    expect(await codeOf(start({ model: 'gpu-fails', backend: 'webgpu' }))).toBe('gpu-lost');
  });

  test('while running, it gets one more chance', async () => {
    const client = await start({ model: 'claims-webgpu' });
    await kill();
    await client.createChat();
    expect(client.status().backend).toBe('webgpu');
    await kill();
    await client.createChat();
    expect(client.status().backend).toBe('wasm');
    expect(client.status().fallback).toBeTruthy();
  });
});

describe('one tab', () => {
  test('is refused while another has the models, unless they are taken over', async () => {
    const theirs = Promise.withResolvers<undefined>();
    const stolen = navigator.locks.request('jarvis-owner', () => theirs.promise).catch((error: unknown) => error);
    expect(await codeOf(start())).toBe('locked');
    await start({ steal: true });
    expect(await stolen).toMatchObject({ name: 'AbortError' });
  });

  test('whose models were taken says so and refuses calls', async () => {
    const client = await start();
    const theirs = Promise.withResolvers<undefined>();
    const stealing = navigator.locks.request('jarvis-owner', { steal: true }, () => theirs.promise);
    await until(() => failures().length > 0);
    expect(failures()).toMatchObject([{ code: 'locked' }]);
    expect(await codeOf(client.createChat())).toBe('locked');
    theirs.resolve(undefined);
    await stealing;
  });

  test('that starts again ends its first engine and goes on', async () => {
    const first = await start();
    const second = await start();
    expect(await codeOf(first.createChat())).toBe('not-ready');
    expect(await second.createChat()).toBe('chat');
  });

  test('that starts again while it is still starting goes on with the second', async () => {
    const first = codeOf(start());
    const second = await start();
    expect(await first).toBe('not-ready');
    expect(await second.createChat()).toBe('chat');
  });
});
