// A larger model on this device, with real workers: the engine's and, beside them, that of a downloaded model. Its files are mini's under the
// name of a model of the catalogue, put into the store as a download would have left them.
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EngineClient, startEngine } from '../../src/client/workers';
import type { Message } from '../../src/core/types';
import type { LargerState } from '../../src/core/larger';
import type { EngineEvent } from '../../src/rpc/protocol';
import { DATABASE_NAME } from '../../src/storage/db';
import { forgetKept, keepMiniAs } from '../support/keep-mini';

const KEY = 'smolvlm-256m:q4';
const FACT = 'Bo sleeps on the blue sofa.';
const QUESTION = 'Where does Bo sleep?';
const RealWorker = globalThis.Worker;
const memoryGb = Object.getOwnPropertyDescriptor(Navigator.prototype, 'deviceMemory');

let engine: EngineClient | undefined;
let events: EngineEvent[] = [];
let workers: { readonly worker: Worker; readonly url: string }[] = [];

beforeEach(async () => {
  events = [];
  workers = [];
  globalThis.Worker = class extends RealWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      workers.push({ worker: this, url: String(url) });
    }
  };
  await keepMiniAs('smolvlm-256m');
});

afterEach(async () => {
  engine?.dispose();
  engine = undefined;
  globalThis.Worker = RealWorker;
  if (memoryGb) Object.defineProperty(Navigator.prototype, 'deviceMemory', memoryGb);
  await forgetKept(KEY);
});

/** Memory is one for all tests of a run: neither the concept nor the choice of model may be there for the next file. */
afterAll(async () => {
  await new Promise((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase(DATABASE_NAME);
    deleting.onsuccess = resolve;
    deleting.onerror = reject;
  });
});

const started = (name: string): Worker[] => workers.filter(({ url }) => url.includes(name)).map(({ worker }) => worker);
const states = (): LargerState[] => events.flatMap((event) => (event.kind === 'larger' ? [event.state] : []));
const kinds = (): string[] => states().map(({ kind }) => kind);

/** With one fact, so that there is something to ask about, and the larger model chosen. */
async function start(): Promise<EngineClient> {
  engine = await startEngine(
    { model: 'mini', encoder: 'patch', backend: 'wasm', baseUrl: `${location.origin}/` },
    (event) => events.push(event),
  );
  await engine.enrol({ name: 'Bo', aliases: [], facts: [FACT], photos: [] }).catch(() => undefined); // there from the test before
  await engine.idle();
  await engine.editLarge({ settings: { answerWith: 'larger', larger: KEY } });
  return engine;
}

async function photo(): Promise<{ mime: string; bytes: ArrayBuffer }> {
  const canvas = new OffscreenCanvas(96, 64);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.fillStyle = 'rgb(180, 40, 40)';
  context.fillRect(10, 10, 50, 40);
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  return { mime: 'image/png', bytes: await blob.arrayBuffer() };
}

interface Asked {
  readonly withPhoto?: boolean;
  readonly signal?: AbortSignal;
  readonly onText?: () => void;
}

async function ask(client: EngineClient, { withPhoto = false, signal, onText }: Asked = {}) {
  const chatId = await client.createChat();
  const request = { chatId, text: QUESTION, ...(withPhoto && { photo: await photo() }) };
  const message: Message = await client.ask(
    request,
    (event) => {
      if (event.kind === 'text') onText?.();
    },
    signal ?? new AbortController().signal,
  );
  if (message.role !== 'assistant') throw new Error('no answer');
  return { message, collaboration: message.trace?.collaboration, chatId };
}

function sayMemory(gb: number): void {
  Object.defineProperty(Navigator.prototype, 'deviceMemory', { configurable: true, get: () => gb });
}

describe('a larger model beside the small one', () => {
  test('is loaded by the first question, sees its photo, and answers with what it cost', async () => {
    const client = await start();
    expect(started('larger.worker')).toHaveLength(0);
    const { message, collaboration } = await ask(client, { withPhoto: true });
    expect(collaboration).toMatchObject({
      by: 'large',
      model: 'SmolVLM 256M',
      answered: true,
      fault: undefined,
      counted: true,
    });
    expect(message.text).not.toBe('');
    expect(message.trace?.verdict.kind).toMatch(/large|unknown/);
    expect(collaboration?.tokensIn).toBeGreaterThan(50); // the rules, the note, and the picture's own tokens
    expect(kinds()).toContain('loading');
    expect(states().at(-1)).toMatchObject({ kind: 'ready', backend: 'wasm', isAlone: false });
    await ask(client);
    expect(started('larger.worker')).toHaveLength(1); // and stays
    expect(await client.listSent()).toEqual([]);
  });

  test('says yes or no with a probability of its own', async () => {
    const client = await start();
    await client.testLarge(new AbortController().signal);
    const { createLargerHost } = await import('../../src/client/larger-model');
    const host = createLargerHost({
      backend: 'wasm',
      baseUrl: `${location.origin}/`,
      small: () => 'mini',
      isAlone: () => false,
      onState: () => undefined,
      onLeft: () => undefined,
    });
    const model = await host.open(KEY);
    const asked = async (text: string) =>
      model.complete(
        { messages: [{ role: 'user', text, pictures: [await photo()] }], maxTokens: 8, yesNo: true },
        () => undefined,
        new AbortController().signal,
      );
    const first = await asked('Is there a mug in the picture?');
    const again = await asked('Is there a mug in the picture?');
    host.keep(undefined);
    expect(first.yes).toBeGreaterThan(0);
    expect(first.yes).toBeLessThan(1);
    expect(again.yes).toBeCloseTo(first.yes ?? Number.NaN, 5); // read behind what stood in the cache
    expect(first.text).toMatch(/^(yes|no)/i);
  });

  test('whose worker dies in the middle leaves the small one answering, and comes back with the next question', async () => {
    const client = await start();
    await ask(client);
    let killed = false;
    const { message, collaboration } = await ask(client, {
      onText: () => {
        if (!killed) started('larger.worker').at(-1)?.terminate();
        killed = true;
      },
    });
    expect(collaboration?.fault).toBe('SmolVLM 256M stopped unexpectedly. It is loaded again with your next question.');
    expect(message.text).toContain('sofa');
    expect((await ask(client)).collaboration?.answered).toBe(true);
    expect(started('larger.worker')).toHaveLength(2);
  });

  test('that cannot be loaded, or is not there any more, is a sentence', async () => {
    await keepMiniAs('smolvlm-256m', { spoil: 'onnx/decoder_model_merged_q4.onnx' });
    const client = await start();
    const broken = await ask(client);
    expect(broken.collaboration?.fault).toMatch(/could not be loaded.*Remove it under Models and download it again/);
    expect(broken.message.text).toContain('sofa');
    await forgetKept(KEY);
    const gone = await ask(client);
    expect(gone.collaboration?.fault).toBe(
      'SmolVLM 256M is not on this device any more. Download it again under Models.',
    );
    expect(gone.message.text).toContain('sofa');
    await expect(client.testLarge(new AbortController().signal)).rejects.toMatchObject({ code: 'large-model' });
  });

  test('that is stopped while it loads ends, and the question stays to be asked again', async () => {
    const client = await start();
    const controller = new AbortController();
    const asked = ask(client, { signal: controller.signal });
    await expect.poll(kinds).toContain('loading');
    controller.abort(new DOMException('Stopped', 'AbortError'));
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    expect(states().at(-1)).toEqual({ kind: 'away' });
    expect((await ask(client)).collaboration?.answered).toBe(true);
    expect(started('larger.worker')).toHaveLength(2);
  });

  test('ends when the setting changes, and when nobody asks for long', async () => {
    const client = await start();
    await ask(client);
    await client.editLarge({ settings: { answerWith: 'device' } });
    expect(states().at(-1)).toEqual({ kind: 'away' });
    expect((await ask(client)).collaboration).toBeUndefined();
    await client.editLarge({ settings: { answerWith: 'larger' } });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      expect((await ask(client)).collaboration?.answered).toBe(true);
      vi.advanceTimersByTime(4 * 60_000);
      expect(states().at(-1)?.kind).toBe('ready');
      vi.advanceTimersByTime(2 * 60_000);
      expect(states().at(-1)).toEqual({ kind: 'away' });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('where memory is short', () => {
  test('the small model is put away first, and comes back when it is needed', async () => {
    sayMemory(0.25);
    const client = await start();
    const { message, collaboration, chatId } = await ask(client, { withPhoto: true });
    expect(collaboration).toMatchObject({ model: 'SmolVLM 256M', answered: true, fault: undefined });
    expect(kinds()).toContain('making room');
    expect(states().at(-1)).toMatchObject({ kind: 'ready', isAlone: true });
    expect(started('vlm.worker')).toHaveLength(2); // the second holds no model
    expect((await client.readChat(chatId))?.messages).toHaveLength(2); // asked once, for who reads it
    expect(message.text).not.toBe('');

    await ask(client); // still without the small one
    expect(started('vlm.worker')).toHaveLength(2);

    const { conceptId } = await client.enrol({
      name: `Mia ${Date.now()}`,
      aliases: [],
      facts: ['Mia is five.'],
      photos: [],
    });
    await client.idle();
    expect(kinds()).toContain('coming back');
    expect(states().at(-1)).toEqual({ kind: 'away' });
    expect(started('vlm.worker')).toHaveLength(3);
    await client.deleteConcept(conceptId);
  });

  test('it comes back too when the larger one fails, and says why it answers', async () => {
    sayMemory(0.25);
    await keepMiniAs('smolvlm-256m', { spoil: 'onnx/decoder_model_merged_q4.onnx' });
    const client = await start();
    const { message, collaboration, chatId } = await ask(client);
    expect(collaboration?.fault).toMatch(/could not be loaded/);
    expect(message.text).toContain('sofa');
    expect((await client.readChat(chatId))?.messages).toHaveLength(2);
    expect(started('vlm.worker')).toHaveLength(3);
    await expect.poll(() => states().at(-1)).toEqual({ kind: 'away' });
  });

  test('it comes back when another way to answer is chosen', async () => {
    sayMemory(0.25);
    const client = await start();
    await ask(client);
    await client.editLarge({ settings: { answerWith: 'device' } });
    const { message, collaboration } = await ask(client);
    expect(collaboration).toBeUndefined();
    expect(message.text).toContain('sofa');
    expect(started('vlm.worker')).toHaveLength(3);
  });
});
