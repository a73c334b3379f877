// How the hub answers: the listing of a repository at a revision, and a file from a byte on. Every fault becomes an AppError
// with a sentence.
//
// [Note: Hashes from the hub] `/{repo}/resolve/{revision}/{file}` redirects large files to a CDN. The redirect carries
// X-Linked-ETag (SHA-256) and X-Linked-Size, but a browser follows it before anyone can read them, and the CDN's own ETag is no
// SHA-256 (ngxson/wllama pull 248). `/api/models/{repo}/tree/{revision}` gives size and SHA-256 (`lfs.oid`) of every file at once,
// and for small ones git's own SHA-1 (`oid`): huggingface.js, packages/hub/src/lib/list-files.ts.

import * as v from 'valibot';
import { AppError, isAbort } from '../core/errors';

export type FetchLike = (input: string, init?: RequestInit) => Promise<Response>;

export interface HubFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string | undefined;
  readonly gitSha1: string | undefined;
}

const TreeEntry = v.object({
  type: v.string(),
  path: v.string(),
  size: v.number(),
  oid: v.optional(v.string()),
  lfs: v.optional(v.object({ oid: v.string(), size: v.number() })),
});

/** More pages than this is no model. The hub gives 1,000 entries a page. */
const MAX_PAGES = 10;

/** All files of `repo` at `revision`. `host` ends in no '/'. */
export async function listFiles(
  host: string,
  repo: string,
  revision: string,
  fetcher: FetchLike,
  signal: AbortSignal,
): Promise<HubFile[]> {
  const files: HubFile[] = [];
  let url: string | undefined = `${host}/api/models/${repo}/tree/${revision}?recursive=true`;
  for (let page = 0; url !== undefined && page < MAX_PAGES; page++) {
    const response = await ask(fetcher, url, { signal, headers: { accept: 'application/json' } });
    const entries = v.safeParse(v.array(TreeEntry), await bodyOf(response));
    if (!entries.success) throw new AppError('hub-fault', `${hostOf(host)} does not answer as a model hub does.`);
    for (const { type, path, size, oid, lfs } of entries.output) {
      if (type !== 'file') continue;
      files.push({ name: path, size: lfs?.size ?? size, sha256: lfs?.oid, gitSha1: lfs ? undefined : oid });
    }
    url = nextPage(response, url);
  }
  return files;
}

export interface FileStream {
  readonly startsAt: number; // 0 when the hub sends the whole file, whatever was asked for
  readonly size: number | undefined; // of the whole file
  readonly etag: string | undefined;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * A file from `offset` on. `etag` is of the response whose bytes are here already: if the file changed, all of it is sent.
 *
 * If-Range makes the browser ask first whether the header is allowed, and the CDN behind the hub allows no such header in what was
 * seen of it (huggingface/datasets issue 7931). A refusal looks like a lost connection, so the same is asked once more without it,
 * and the ETags are compared here.
 */
export async function openFile(
  host: string,
  { repo, revision, name }: { repo: string; revision: string; name: string },
  { offset, etag }: { offset: number; etag: string | undefined },
  fetcher: FetchLike,
  signal: AbortSignal,
): Promise<FileStream> {
  const url = `${host}/${repo}/resolve/${revision}/${name}`;
  const range: Record<string, string> = offset > 0 ? { Range: `bytes=${offset}-` } : {};
  const isStrong = etag !== undefined && !etag.startsWith('W/');
  let response: Response;
  if (offset > 0 && isStrong) {
    try {
      response = await ask(fetcher, url, { signal, headers: { ...range, 'If-Range': etag } });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'hub-offline') throw error;
      response = await ask(fetcher, url, { signal, headers: range });
    }
  } else {
    response = await ask(fetcher, url, { signal, headers: range });
  }
  const got = response.headers.get('etag') ?? undefined;
  if (response.status === 206 && offset > 0) {
    const [, from, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    const isSame = etag === undefined || got === undefined || got === etag;
    // Not exposed to the page: the range was asked for and 206 says that it is what came. The hash has the last word.
    const startsAt = from === undefined ? offset : Number(from);
    if (!isSame || startsAt !== offset) {
      await response.body?.cancel();
      return openFile(host, { repo, revision, name }, { offset: 0, etag: undefined }, fetcher, signal);
    }
    return {
      startsAt,
      size: size === undefined || size === '*' ? undefined : Number(size),
      etag: got,
      body: body(response),
    };
  }
  const length = response.headers.get('content-length');
  const isEncoded = response.headers.get('content-encoding') !== null;
  return {
    startsAt: 0,
    size: length === null || isEncoded ? undefined : Number(length),
    etag: got,
    body: body(response),
  };
}

/** What a lost connection in the middle of a body throws, as an AppError. */
export function connectionLost(cause: unknown): unknown {
  if (cause instanceof AppError || isAbort(cause)) return cause;
  return new AppError('hub-offline', 'The connection was lost. What came so far is kept.', { cause });
}

/** Seconds the hub asks to be left alone, in the error's cause chain; undefined where it does not say. */
export class RetryAfter extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super(`retry after ${seconds} s`);
    this.seconds = seconds;
  }
}

async function ask(fetcher: FetchLike, url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    // No cookies of the hub's, and nothing of ours kept twice: models have a store of their own.
    response = await fetcher(url, { ...init, credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' });
  } catch (cause) {
    if (isAbort(cause)) throw cause;
    const offline = typeof navigator !== 'undefined' && 'onLine' in navigator && !navigator.onLine;
    const why = offline ? 'This device is offline.' : `${hostOf(url)} cannot be reached.`;
    throw new AppError('hub-offline', `${why} What came so far is kept.`, { cause });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw refusal(response, url);
}

function refusal(response: Response, url: string): AppError {
  const { status } = response;
  const host = hostOf(url);
  if (status === 401 || status === 403) {
    return new AppError(
      'hub-gated',
      `${host} gives this model only to people who are signed in or accepted its licence there (${status}). Get the files in ` +
        'another way and use “Import from a folder”, or choose another model.',
    );
  }
  if (status === 404 || status === 410) {
    return new AppError('hub-missing', `${host} has no such file (${new URL(url).pathname}).`);
  }
  if (status === 416) return new AppError('hub-damaged', 'What is here is longer than the file. It is fetched anew.');
  const after = Number(response.headers.get('retry-after') ?? NaN);
  const cause = Number.isFinite(after) ? { cause: new RetryAfter(after) } : {};
  if (status === 429) return new AppError('hub-busy', `${host} asks for a pause: too many downloads at once.`, cause);
  return new AppError('hub-fault', `${host} has a fault of its own (${status}). Try again in a while.`, cause);
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw connectionLost(cause);
  }
}

function body(response: Response): ReadableStream<Uint8Array> {
  return response.body ?? new ReadableStream({ start: (controller) => controller.close() });
}

/** `Link: <url>; rel="next"`, only within the same host. */
function nextPage(response: Response, from: string): string | undefined {
  const [, next] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.headers.get('link') ?? '') ?? [];
  if (next === undefined) return undefined;
  const url = new URL(next, from);
  return url.origin === new URL(from).origin ? url.href : undefined;
}

function hostOf(url: string): string {
  return new URL(url).host;
}
