// A model hub on loopback that lays files out and answers as the Hugging Face Hub does, as far as src/runtime/hub.ts depends on it
// (see [Note: Hashes from the hub] there for where each behaviour was read), and that can be told to fail.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface HubRepo {
  readonly repo: string;
  readonly revision: string;
  /** Names in the repository → bytes, or the path of a file that is read once. */
  readonly files: Readonly<Record<string, Uint8Array | string>>;
}

export interface HubFaults {
  /** Answers instead of the hub: a status and headers, for requests whose path it knows. */
  refuse?: (path: string) => { status: number; headers?: Record<string, string> } | undefined;
  /** Ends the connection of a file after this many bytes of its body, once for each name. */
  cutAfter?: Map<string, number>;
  /** Flips a byte of these files, as often as said. */
  corrupt?: Record<string, number>;
  /** Ends these files this many bytes early as if they were no longer, once for each name. */
  shorten?: Map<string, number>;
  /** Sends the whole file whatever range is asked for. */
  ignoresRanges?: boolean;
  /** Allows no If-Range across origins, as the hub's CDN seems to. */
  forbidsIfRange?: boolean;
  bytesPerS?: number;
}

const CUT_AFTER_MS = 1_500;

export interface LoopbackHub {
  readonly url: string; // no '/' at the end
  readonly faults: HubFaults;
  /** Method, path and Range of everything that was asked, in order. */
  readonly requests: { method: string; path: string; range: string | undefined; ifRange: string | undefined }[];
  /** Ends every connection and stops answering. */
  kill(): Promise<void>;
  /** Answers again, at the same address. */
  revive(): Promise<void>;
  close(): Promise<void>;
}

/** Small text lies in git, the rest in LFS: the hub's own rule goes by name and size. */
const LFS_FROM_BYTES = 1_000_000;

interface Served {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly gitSha1: string;
  readonly isLfs: boolean;
}

export async function startHub(repos: readonly HubRepo[], port = 0): Promise<LoopbackHub> {
  const served = new Map<string, Map<string, Served>>();
  for (const { repo, revision, files } of repos) {
    const all = new Map(Object.entries(files).map(([name, content]) => [name, serve(name, content)]));
    served.set(`${repo}@${revision}`, all);
  }
  const faults: HubFaults = {};
  const requests: LoopbackHub['requests'] = [];
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let at = port;

  async function listen(): Promise<void> {
    const started = createServer((request, response) => {
      answer(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
    started.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      started.once('error', reject);
      started.listen(at, '127.0.0.1', resolve);
    });
    at = (started.address() as AddressInfo).port;
    server = started;
  }

  async function kill(): Promise<void> {
    const ending = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => (ending ? ending.close(resolve) : resolve(undefined)));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://hub');
    const path = decodeURIComponent(url.pathname);
    const headers: Record<string, string> = {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers':
        'Accept-Ranges, Content-Range, Content-Type, ETag, Link, X-Linked-Size, X-Linked-ETag',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    };
    if (request.method === 'OPTIONS') {
      const allowed = faults.forbidsIfRange ? 'Range, Content-Type' : 'Range, If-Range, Content-Type';
      response.writeHead(204, { ...headers, 'Access-Control-Allow-Headers': allowed }).end();
      return;
    }
    const header = (name: string): string | undefined => request.headers[name] as string | undefined;
    requests.push({ method: request.method ?? '', path, range: header('range'), ifRange: header('if-range') });
    const refused = faults.refuse?.(path);
    if (refused) {
      response.writeHead(refused.status, { ...headers, ...refused.headers }).end();
      return;
    }
    const tree = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/([^/]+)$/.exec(path);
    if (tree) {
      const files = served.get(`${tree[1]}@${tree[2]}`);
      if (!files) {
        notFound(response, headers, 'RepoNotFound');
        return;
      }
      const body = JSON.stringify(
        [...files].map(([name, { bytes, sha256, gitSha1, isLfs }]) => ({
          type: 'file',
          oid: isLfs ? createHash('sha1').update(sha256).digest('hex') : gitSha1,
          size: bytes.length,
          path: name,
          ...(isLfs ? { lfs: { oid: sha256, size: bytes.length, pointerSize: 134 } } : {}),
        })),
      );
      response.writeHead(200, { ...headers, 'Content-Type': 'application/json' }).end(body);
      return;
    }
    const [, resolvedRepo, revision, name] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const file = served.get(`${resolvedRepo ?? ''}@${revision ?? ''}`)?.get(name ?? '');
    if (file?.isLfs) {
      const location = `/cdn/${file.sha256}?name=${encodeURIComponent(name ?? '')}`;
      response
        .writeHead(302, {
          ...headers,
          Location: location,
          'X-Linked-ETag': `"${file.sha256}"`,
          'X-Linked-Size': `${file.bytes.length}`,
          'X-Repo-Commit': revision ?? '',
        })
        .end();
      return;
    }
    if (file) return send(request, response, headers, name ?? '', file);
    const [, hash] = /^\/cdn\/([0-9a-f]{64})$/.exec(path) ?? [];
    const linked = [...served.values()].flatMap((files) => [...files.values()]).find(({ sha256 }) => sha256 === hash);
    if (linked) return send(request, response, headers, url.searchParams.get('name') ?? '', linked);
    notFound(response, headers, 'EntryNotFound');
  }

  async function send(
    request: IncomingMessage,
    response: ServerResponse,
    headers: Record<string, string>,
    name: string,
    { bytes, sha256, gitSha1, isLfs }: Served,
  ): Promise<void> {
    // The CDN's ETag is no SHA-256 of the file, only stable.
    const etag = `"${isLfs ? createHash('sha1').update(sha256).digest('hex') : gitSha1}"`;
    const ifRange = request.headers['if-range'];
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const offset =
      from === undefined || faults.ignoresRanges === true || (ifRange !== undefined && ifRange !== etag)
        ? 0
        : Number(from);
    if (offset > bytes.length) {
      response.writeHead(416, { ...headers, 'Content-Range': `bytes */${bytes.length}` }).end();
      return;
    }
    const missing = faults.shorten?.get(name) ?? 0;
    faults.shorten?.delete(name);
    let body = bytes.subarray(offset, bytes.length - missing);
    const corruptions = faults.corrupt?.[name] ?? 0;
    if (corruptions > 0 && faults.corrupt && body.length > 0) {
      faults.corrupt[name] = corruptions - 1;
      body = Uint8Array.from(body);
      body[0] = (body[0] ?? 0) ^ 1;
    }
    response.writeHead(from !== undefined && offset > 0 ? 206 : 200, {
      ...headers,
      ETag: etag,
      'Accept-Ranges': 'bytes',
      'Content-Type': name.endsWith('.json') ? 'application/json' : 'application/octet-stream',
      'Content-Length': `${body.length}`,
      ...(offset > 0
        ? { 'Content-Range': `bytes ${offset}-${offset + body.length - 1}/${bytes.length - missing}` }
        : {}),
    });
    const cut = faults.cutAfter?.get(name);
    faults.cutAfter?.delete(name);
    await trickle(response, body.subarray(0, cut ?? body.length), faults);
    if (cut === undefined || cut >= body.length) {
      response.end();
      return;
    }
    // A browser throws away what it has received and nobody has read when the line breaks: it gets a moment to read.
    await new Promise((resolve) => setTimeout(resolve, CUT_AFTER_MS));
    response.destroy();
  }

  await listen();
  return {
    url: `http://127.0.0.1:${at}`,
    faults,
    requests,
    kill,
    revive: listen,
    close: kill,
  };
}

async function trickle(response: ServerResponse, body: Uint8Array, faults: HubFaults): Promise<void> {
  const step = 64 * 1024;
  for (let at = 0; at < body.length && !response.destroyed; at += step) {
    const part = body.subarray(at, at + step);
    if (!response.write(part)) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          response.off('drain', go).off('close', go);
          resolve();
        };
        response.on('drain', go).on('close', go);
      });
    }
    const { bytesPerS } = faults;
    if (bytesPerS !== undefined) await new Promise((resolve) => setTimeout(resolve, (part.length / bytesPerS) * 1000));
  }
}

function notFound(response: ServerResponse, headers: Record<string, string>, code: string): void {
  response.writeHead(404, { ...headers, 'X-Error-Code': code }).end();
}

function serve(name: string, content: Uint8Array | string): Served {
  const bytes = typeof content === 'string' ? readFileSync(content) : content;
  return {
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    gitSha1: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
    isLfs: name.endsWith('.onnx') || bytes.length >= LFS_FROM_BYTES,
  };
}
