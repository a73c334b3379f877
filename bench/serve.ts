// Serves folders to a browser of our own: cross-origin isolated, so that WASM has threads, and nothing cached by time.

import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
};

export interface Server {
  readonly url: string; // ends in '/'
  close(): Promise<void>;
}

/** Serves each folder under its path prefix ('' is the root); longer prefixes win. Picks a free port. */
export async function serve(folders: Readonly<Record<string, string>>): Promise<Server> {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)).slice(1);
    const prefix = prefixes.find((candidate) => path.startsWith(candidate)) ?? '';
    const wanted = join(folders[prefix] ?? '', path.slice(prefix.length));
    const file = wanted.endsWith('/') ? join(wanted, 'index.html') : wanted;
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat?.isFile() || path.includes('..')) {
      response.writeHead(404).end('Not found');
      return;
    }
    const etag = `"${stat.size}-${stat.mtimeMs}"`;
    const headers = {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cache-Control': 'no-cache',
      ETag: etag,
    };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': stat.size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
