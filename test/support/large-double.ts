// A protocol double for faults that a real server cannot be asked for: an OpenAI-compatible address that fails in a chosen way.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Manner =
  | { readonly kind: 'answers'; readonly text: string; readonly usage?: boolean }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly times?: number;
    }
  | { readonly kind: 'cut'; readonly text: string } // the connection breaks after these words
  | { readonly kind: 'ends early'; readonly text: string } // no finish_reason
  | { readonly kind: 'garbage'; readonly body: string }
  | { readonly kind: 'silent' }
  | { readonly kind: 'stalls'; readonly text: string } // says this, then nothing
  | { readonly kind: 'picky'; readonly text: string } // 422 for anything but the plain protocol
  | { readonly kind: 'answers by'; readonly reply: (body: DoubleBody) => string };

export interface DoubleBody {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly [field: string]: unknown;
}

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Double {
  readonly url: string; // ends in /v1
  manner: Manner;
  cors: boolean;
  readonly received: Received[];
  close(): Promise<void>;
}

export async function startDouble(manner: Manner): Promise<Double> {
  const server = createServer((request, response) => {
    void collect(request).then((body) => {
      if (double.cors) {
        response.setHeader('Access-Control-Allow-Origin', '*');
        response.setHeader('Access-Control-Allow-Headers', 'authorization, content-type, accept');
      }
      if (request.method === 'OPTIONS') {
        response.writeHead(double.cors ? 204 : 405).end();
        return;
      }
      double.received.push({ path: request.url ?? '', headers: request.headers, body });
      if (request.url === '/v1/models' && double.manner.kind.startsWith('answers')) {
        json(response, 200, { object: 'list', data: [{ id: 'large-vl' }, { id: 'a-small-one' }] });
        return;
      }
      behave(double, body, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const double: Double = {
    url: `http://127.0.0.1:${port}/v1`,
    manner,
    cors: true,
    received: [],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;
}

function behave(double: Double, body: string, response: ServerResponse): void {
  const { manner } = double;
  switch (manner.kind) {
    case 'answers':
      stream(response, manner.text, { finish: true, usage: manner.usage ?? true });
      return;
    case 'answers by':
      stream(response, manner.reply(JSON.parse(body) as DoubleBody), { finish: true, usage: true });
      return;
    case 'status': {
      const { times = Infinity, status, headers = {} } = manner;
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.setHeader('Access-Control-Expose-Headers', 'retry-after');
      if (times <= 1) double.manner = { kind: 'answers', text: 'At last.' };
      else double.manner = { ...manner, times: times - 1 };
      json(response, status, { error: { message: `status ${status}` } });
      return;
    }
    case 'cut':
      stream(response, manner.text, { finish: false });
      setTimeout(() => response.destroy(), 50);
      return;
    case 'ends early':
      stream(response, manner.text, { finish: false });
      response.end();
      return;
    case 'garbage':
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(manner.body);
      return;
    case 'silent':
      return;
    case 'stalls':
      stream(response, manner.text, { finish: false });
      return;
    case 'picky': {
      const plain = new Set(['model', 'messages', 'max_tokens', 'temperature', 'stream']);
      const strange = Object.keys(JSON.parse(body) as object).filter((field) => !plain.has(field));
      if (strange.length > 0) json(response, 422, { detail: `Unsupported fields: ${strange.join(', ')}` });
      else stream(response, manner.text, { finish: true, usage: false });
      return;
    }
    default:
      manner satisfies never;
  }
}

function stream(response: ServerResponse, text: string, { finish, usage }: { finish: boolean; usage?: boolean }): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const event = (value: unknown): void => void response.write(`data: ${JSON.stringify(value)}\n\n`);
  for (const word of text.split(/(?<= )/)) event({ choices: [{ index: 0, delta: { content: word } }] });
  if (!finish) return;
  event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  if (usage) event({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 7, total_tokens: 107 } });
  response.end('data: [DONE]\n\n');
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

async function collect(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
