// A larger model that tests script: it keeps every request it gets, and seals keys by reversing them.

import type { LargeReply, LargeRequest } from '../../src/core/large';
import type { LargePort } from '../../src/pipeline/large-model';

export interface FakeLargePort extends LargePort {
  readonly requests: LargeRequest[];
  /** Addresses and keys a model was opened with. */
  readonly opened: { baseUrl: string; key: string }[];
  /** What it says; throwing is a fault. */
  reply: (request: LargeRequest, signal: AbortSignal) => string | Promise<string>;
}

export function fakeLargePort(): FakeLargePort {
  const fake: FakeLargePort = {
    requests: [],
    opened: [],
    reply: ({ yesNo }) => (yesNo ? 'Yes.' : 'Bo sleeps in the basket.'),
    endpoint({ baseUrl, key, model }) {
      fake.opened.push({ baseUrl, key });
      return {
        model,
        to: new URL(baseUrl).origin,
        leaves: true,
        isOurs: false,
        async complete(request, onText, signal): Promise<LargeReply> {
          fake.requests.push(request);
          const text = await fake.reply(request, signal);
          onText(text);
          return { text, tokensIn: 10, tokensOut: 5, counted: true };
        },
      };
    },
    listModels: () => Promise.resolve(['large-vl']),
    builtIn: () => Promise.resolve(undefined),
    larger: (key) =>
      Promise.resolve({
        ...fake.endpoint({ baseUrl: 'http://nobody.test', key: '', model: key, timeoutMs: 1, probabilities: false }),
        to: 'this device',
        leaves: false,
        isOurs: true,
      }),
    seal: (key) => {
      const bytes = new TextEncoder().encode(key).reverse();
      return Promise.resolve({ kind: 'sealed', salt: bytes, iv: bytes, data: bytes, rounds: 1 });
    },
    unseal: ({ data }, passphrase) =>
      Promise.resolve(passphrase === 'right' ? new TextDecoder().decode(Uint8Array.from(data).reverse()) : undefined),
  };
  return fake;
}

/** All words and pictures that went out. */
export function sentText({ requests }: FakeLargePort): string {
  return requests.flatMap(({ messages }) => messages.map(({ text }) => text)).join('\n');
}
