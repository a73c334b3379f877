import { afterEach, describe, expect, it, vi } from 'vitest';
import { builtInModel, hasBuiltIn } from '../../../src/client/prompt-api';
import type { LargeRequest } from '../../../src/core/large';

const REQUEST: LargeRequest = {
  messages: [
    { role: 'system', text: 'Answer shortly.', pictures: [] },
    { role: 'user', text: 'Who is this?', pictures: [{ mime: 'image/jpeg', bytes: new Uint8Array([1]).buffer }] },
  ],
  maxTokens: 20,
  yesNo: false,
};
const NEVER = new AbortController().signal;

/** The browser's API as the specification has it, with these chunks behind it. */
function installed(chunks: readonly string[], availability = 'available') {
  const asked: unknown[] = [];
  const created: unknown[] = [];
  const destroy = vi.fn();
  vi.stubGlobal('LanguageModel', {
    availability: () => Promise.resolve(availability),
    create: (options: unknown) => {
      created.push(options);
      return Promise.resolve({
        destroy,
        promptStreaming: (prompt: unknown) => {
          asked.push(prompt);
          return new ReadableStream({
            start(controller) {
              for (const chunk of chunks) controller.enqueue(chunk);
              controller.close();
            },
          });
        },
      });
    },
  });
  return { asked, created, destroy };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the browser's own model", () => {
  it('is not offered where there is none', async () => {
    expect(await hasBuiltIn()).toBe(false);
    expect(builtInModel()).toBeUndefined();
    installed([], 'unavailable');
    expect(await hasBuiltIn()).toBe(false);
    installed([], 'downloadable');
    expect(await hasBuiltIn()).toBe(true);
  });

  it('streams, gets pictures as blobs, and is let go afterwards', async () => {
    const { asked, created, destroy } = installed(['This ', 'is Bo.']);
    const texts: string[] = [];
    const reply = await builtInModel()?.complete(REQUEST, (text) => void texts.push(text), NEVER);
    expect(reply).toMatchObject({ text: 'This is Bo.', counted: false });
    expect(texts).toEqual(['This ', 'This is Bo.']);
    expect(created[0]).toMatchObject({ initialPrompts: [{ role: 'system', content: 'Answer shortly.' }] });
    expect(asked[0]).toMatchObject([
      { role: 'user', content: [{ type: 'image' }, { type: 'text', value: 'Who is this?' }] },
    ]);
    expect(destroy).toHaveBeenCalledOnce();
  });

  it('fails with a sentence', async () => {
    installed([]);
    vi.stubGlobal('LanguageModel', {
      availability: () => Promise.resolve('available'),
      create: () => Promise.reject(new DOMException('no', 'NotSupportedError')),
    });
    await expect(builtInModel()?.complete(REQUEST, () => undefined, NEVER)).rejects.toMatchObject({
      code: 'large-model',
      message: expect.stringMatching(/does not read pictures/) as string,
    });
  });
});
