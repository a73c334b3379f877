// What crosses a seam: errors with their codes and causes, aborts, callbacks. Over a real MessagePort, with Comlink.
import * as Comlink from 'comlink';
import { beforeAll, expect, test } from 'vitest';
import { AppError, isAbort, isAppError } from '../../src/core/errors';
import { installTransferHandlers, releaseSignal, signalForCall } from '../../src/rpc/transfer';

interface Far {
  fail(kind: 'app' | 'range' | 'abort' | 'text'): Promise<void>;
  waitForAbort(signal: AbortSignal): Promise<string>;
  count(to: number, onNumber: (n: number) => unknown): Promise<void>;
}

let far: Comlink.Remote<Far>;
beforeAll(() => {
  installTransferHandlers();
  const { port1, port2 } = new MessageChannel();
  const api: Far = {
    // eslint-disable-next-line @typescript-eslint/require-await
    async fail(kind) {
      if (kind === 'app') {
        const inner = new RangeError('row 7 of 5');
        throw new AppError('bad-block', 'This block is damaged.', { cause: new Error('outer', { cause: inner }) });
      }
      if (kind === 'range') throw new RangeError('too far');
      if (kind === 'abort') throw new DOMException('The user stopped.', 'AbortError');
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw 'just words';
    },
    async waitForAbort(signal) {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return (signal.reason as Error).name;
    },
    async count(to, onNumber) {
      for (let n = 1; n <= to; n++) await onNumber(n);
    },
  };
  Comlink.expose(api, port1);
  far = Comlink.wrap<Far>(port2);
});

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('did not throw');
}

test('an AppError keeps its code and its causes', async () => {
  const error = await errorOf(far.fail('app'));
  if (!isAppError(error)) throw new Error('not an AppError');
  expect(error.code).toBe('bad-block');
  expect(error.message).toBe('This block is damaged.');
  expect((error.cause as Error).message).toBe('outer');
  expect(((error.cause as Error).cause as Error).name).toBe('RangeError');
});

test('other errors keep name and message; an abort stays one', async () => {
  const range = await errorOf(far.fail('range'));
  expect(range).toMatchObject({ name: 'RangeError', message: 'too far' });
  const abort = await errorOf(far.fail('abort'));
  expect(abort).toBeInstanceOf(DOMException);
  expect(isAbort(abort)).toBe(true);
  expect(await errorOf(far.fail('text'))).toMatchObject({ message: 'just words' });
});

test('a signal aborts on the other side, before and during the call', async () => {
  expect(await far.waitForAbort(AbortSignal.abort())).toBe('AbortError');
  const controller = new AbortController();
  const waiting = far.waitForAbort(controller.signal);
  controller.abort(new DOMException('enough', 'TimeoutError'));
  expect(await waiting).toBe('TimeoutError');
});

test('releasing the signal of one call leaves another call with the same signal alone', async () => {
  const controller = new AbortController();
  const [first, second] = [signalForCall(controller.signal), signalForCall(controller.signal)];
  const never = far.waitForAbort(first);
  const waiting = far.waitForAbort(second);
  releaseSignal(first);
  controller.abort();
  expect(await waiting).toBe('AbortError');
  const late = Promise.race([never, new Promise((resolve) => setTimeout(resolve, 50, 'still waiting'))]);
  expect(await late).toBe('still waiting');
});

test('a callback is called in order', async () => {
  const seen: number[] = [];
  await far.count(
    3,
    Comlink.proxy((n: number) => {
      seen.push(n);
    }),
  );
  expect(seen).toEqual([1, 2, 3]);
});
