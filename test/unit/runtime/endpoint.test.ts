import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LargeRequest } from '../../../src/core/large';
import { listModels, openEndpoint } from '../../../src/runtime/endpoint';
import { guardedFetch, parseBaseUrl } from '../../../src/runtime/guarded-fetch';
import { startDouble, type Double, type Manner } from '../../support/large-double';

let double: Double;
beforeEach(async () => {
  double = await startDouble({ kind: 'answers', text: 'Bo sleeps in the basket.' });
});
afterEach(() => double.close());

const NEVER = new AbortController().signal;
const QUESTION: LargeRequest = {
  messages: [{ role: 'user', text: 'Where does Bo sleep?', pictures: [] }],
  maxTokens: 50,
  yesNo: false,
};

const open = (change: Partial<Parameters<typeof openEndpoint>[0]> = {}) =>
  openEndpoint({ baseUrl: double.url, model: 'large-vl', key: '', timeoutMs: 400, probabilities: false, ...change });

const ask = (request = QUESTION, signal = NEVER, texts: string[] = []) =>
  open().complete(request, (text) => void texts.push(text), signal);

describe('a server that answers', () => {
  it('streams, and counts its tokens', async () => {
    const texts: string[] = [];
    const reply = await ask(QUESTION, NEVER, texts);
    expect(reply).toMatchObject({ text: 'Bo sleeps in the basket.', tokensIn: 100, tokensOut: 7, counted: true });
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.at(-1)).toBe('Bo sleeps in the basket.');
  });

  it('gets pictures as data URLs, before the text', async () => {
    const picture = { mime: 'image/jpeg', bytes: new Uint8Array([1, 2, 3]).buffer };
    await ask({ ...QUESTION, messages: [{ role: 'user', text: 'Who?', pictures: [picture] }] });
    const body = JSON.parse(double.received[0]?.body ?? '') as { messages: unknown[] };
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,AQID' } },
          { type: 'text', text: 'Who?' },
        ],
      },
    ]);
  });

  it('learns nothing of this machine, and gets a key only where there is one', async () => {
    await ask();
    await open({ key: 'sk-1' }).complete(QUESTION, () => undefined, NEVER);
    const [without, with_] = double.received.map(({ headers }) => headers);
    expect(
      Object.keys(without ?? {}).filter((name) => /stainless|openai|cookie|referer|authorization/.test(name)),
    ).toEqual([]);
    expect(with_?.authorization).toBe('Bearer sk-1');
  });

  it('is asked plainly once it refused more', async () => {
    double.manner = { kind: 'picky', text: 'Yes' };
    const yesNo = { ...QUESTION, yesNo: true };
    const model = open({ probabilities: true });
    expect(await model.complete(yesNo, () => undefined, NEVER)).toMatchObject({ text: 'Yes', counted: false });
    await model.complete(yesNo, () => undefined, NEVER);
    expect(double.received).toHaveLength(3); // refused, plain, plain
  });

  it('lists its models', async () => {
    const options = { baseUrl: double.url, key: '', timeoutMs: 400, probabilities: false };
    expect(await listModels(options, NEVER)).toEqual(['a-small-one', 'large-vl']);
  });
});

describe('every fault is a sentence that says what to do, within its time', () => {
  it.each<[string, Manner, RegExp]>([
    ['401', { kind: 'status', status: 401 }, /did not accept the key. Check the key in Settings/],
    ['404', { kind: 'status', status: 404 }, /knows no model “large-vl”.*usually ends in \/v1/],
    ['413', { kind: 'status', status: 413 }, /too large. Ask without a picture/],
    [
      '429 that asks for a long wait',
      { kind: 'status', status: 429, headers: { 'retry-after': '90' } },
      /Ask again in 90 s/,
    ],
    ['429 that does not say', { kind: 'status', status: 429 }, /Ask again in a while/],
    ['500', { kind: 'status', status: 500 }, /failed \(500\). Look at its log/],
    ['a refusal', { kind: 'status', status: 400 }, /refused the question \(400/],
    ['a cut stream', { kind: 'cut', text: 'Bo sleeps ' }, /broke in the middle of the answer. Ask again/],
    ['a stream that ends early', { kind: 'ends early', text: 'Bo ' }, /broke in the middle/],
    ['a web page', { kind: 'garbage', body: '<html>Hello</html>' }, /cannot read. Check that the address/],
    ['broken JSON', { kind: 'garbage', body: 'data: {"choices": [{"delta"\n\n' }, /cannot read/],
    ['JSON of another shape', { kind: 'garbage', body: 'data: {"choices": {"text": 4}}\n\n' }, /cannot read/],
    ['silence', { kind: 'silent' }, /said nothing for 0 s. It may still be loading/],
    ['a stream that stalls', { kind: 'stalls', text: 'Bo ' }, /said nothing/],
  ])('%s', async (_, manner, sentence) => {
    double.manner = manner;
    const startedAt = performance.now();
    await expect(ask()).rejects.toMatchObject({
      code: 'large-model',
      message: expect.stringMatching(sentence) as string,
    });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('a server that is not there', async () => {
    await double.close();
    await expect(ask()).rejects.toMatchObject({
      code: 'large-model',
      message: expect.stringMatching(/could not be asked. If it is not running, start it; if it runs, allow/) as string,
    });
  });

  it('waits as a 429 asks, where a person would', async () => {
    double.manner = { kind: 'status', status: 429, headers: { 'retry-after': '0.2' }, times: 1 };
    const startedAt = performance.now();
    expect((await ask()).text).toBe('At last.');
    expect(performance.now() - startedAt).toBeGreaterThan(190);
  });

  it('an abort is none: its own reason comes back at once', async () => {
    double.manner = { kind: 'stalls', text: 'Bo ' };
    const controller = new AbortController();
    const asked = ask(QUESTION, controller.signal);
    setTimeout(() => controller.abort(new DOMException('Stopped', 'AbortError')), 50);
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the guard', () => {
  it('lets nothing go anywhere but below the address that was set', () => {
    const guarded = guardedFetch(new URL('https://api.example.com/v1'), true);
    for (const address of [
      'https://api.example.com/v2/models',
      'https://api.example.com/v10/models',
      'https://example.com/v1/models',
      'http://api.example.com/v1/models',
    ]) {
      expect(() => guarded(address)).toThrow(/may only ask/);
    }
  });

  it.each(['localhost:11434', 'ftp://example.com', 'javascript:alert(1)', '', 'http://user:pass@example.com/v1'])(
    'takes %j for no address',
    (text) => {
      expect(() => parseBaseUrl(text)).toThrow(/no address of a server/);
    },
  );
});
