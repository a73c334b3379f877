// The page's side of a larger model, with real workers that hold no model: the rules of src/client/larger-model.ts alone.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLargerHost, type LargerHost } from '../../src/client/larger-model';
import { AppError, isAppError } from '../../src/core/errors';
import type { LargeReply } from '../../src/core/large';
import type { LargerState } from '../../src/core/larger';
import type { Backend } from '../../src/core/types';

const RealWorker = globalThis.Worker;
let workers = 0;
let states: LargerState[] = [];
let isAlone = false;
let left = 0;
let host: LargerHost | undefined;

beforeEach(() => {
  workers = left = 0;
  states = [];
  isAlone = false;
  globalThis.Worker = class extends RealWorker {
    constructor() {
      super(new URL('../support/fake-larger.worker.ts', import.meta.url), { type: 'module' });
      workers++;
    }
  };
});

afterEach(() => {
  vi.useRealTimers();
  host?.end(new AppError('internal', 'The test is over.'));
  globalThis.Worker = RealWorker;
});

function create(backend: 'auto' | Backend = 'auto'): LargerHost {
  host = createLargerHost({
    backend,
    baseUrl: '/',
    small: () => 'mini',
    isAlone: () => isAlone,
    onState: (state) => states.push(state),
    onLeft: () => left++,
  });
  return host;
}

async function ask(
  one: LargerHost,
  key: string,
  { signal = new AbortController().signal, onText }: { signal?: AbortSignal; onText?: () => void } = {},
): Promise<LargeReply> {
  const model = await one.open(key);
  const messages = [{ role: 'user' as const, text: 'Where does Bo sleep?', pictures: [] }];
  return model.complete({ messages, maxTokens: 8, yesNo: false }, () => onText?.(), signal);
}

async function faultOf(promise: Promise<unknown>): Promise<AppError | undefined> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return isAppError(error) ? error : undefined;
}

test('one worker answers question after question, and another model gets another', async () => {
  const one = create();
  expect((await ask(one, 'answers:q4')).text).toBe('Bo sleeps.');
  await ask(one, 'answers:q4');
  expect([workers, left]).toEqual([1, 0]);
  await ask(one, 'other:q4');
  expect([workers, left]).toEqual([2, 1]);
  one.keep('other:q4');
  expect(left).toBe(1);
  one.keep(undefined);
  expect(left).toBe(2);
});

test('a stop does not wait for what the worker is computing', async () => {
  const one = create();
  const controller = new AbortController();
  const asked = ask(one, 'stalls:q4', {
    signal: controller.signal,
    onText: () => controller.abort(new DOMException('Stopped', 'AbortError')),
  });
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  expect(states.at(-1)).toMatchObject({ kind: 'ready' }); // it stays for the next question
});

test('a worker that says nothing for three minutes is given up, with a sentence', async () => {
  const one = create();
  await ask(one, 'answers:q4');
  await one.open('stalls:q4');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const said = Promise.withResolvers<undefined>();
  const fault = faultOf(ask(one, 'stalls:q4', { onText: () => said.resolve(undefined) }));
  await said.promise;
  vi.advanceTimersByTime(179_000);
  expect(states.at(-1)).toMatchObject({ kind: 'ready' });
  vi.advanceTimersByTime(2_000);
  expect(await fault).toMatchObject({
    code: 'large-model',
    message: 'stalls said nothing for 180 s. It is loaded again with your next question.',
  });
  expect(states.at(-1)).toEqual({ kind: 'away' });
});

test('a load that runs out of memory asks for the small model’s, and is a sentence where that is free already', async () => {
  const one = create();
  expect(await faultOf(ask(one, 'too-large:q4'))).toMatchObject({ code: 'wants-room' });
  const before = workers;
  expect(await faultOf(ask(one, 'too-large:q4'))).toMatchObject({ code: 'wants-room' }); // without loading it again
  expect(states.filter(({ kind }) => kind === 'loading').length).toBeGreaterThan(0);
  expect(workers).toBe(before + 1); // only asked what it is called
  isAlone = true;
  expect(await faultOf(ask(one, 'too-large:q4'))).toMatchObject({
    code: 'large-model',
    message: 'There is not enough memory here for too-large. Close other tabs, or choose a smaller model in Settings.',
  });
});

test('where WebGPU lets it down it is loaded on WASM, in a new worker', async () => {
  const one = create();
  expect((await ask(one, 'gpu-fails:q4')).text).toBe('Bo sleeps.');
  expect(states.at(-1)).toMatchObject({ kind: 'ready', backend: 'wasm' });
  expect([workers, left]).toEqual([2, 0]);
});
