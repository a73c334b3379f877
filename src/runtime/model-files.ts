// Reading model files, from this origin or from those kept of the hub: progress, a content hash of every byte, and 404 where a dev server would answer
// with the page. The fingerprint of a model is made from these hashes.
import { AppError } from '../core/errors';
import { hashParts } from '../core/hash';
import type { Fingerprint } from '../core/types';

export type OnProgress = (loadedBytes: number, totalBytes: number) => void;

export interface ModelFiles {
  /** In place of `fetch` for model files. */
  readonly fetch: (input: string | URL, init?: RequestInit) => Promise<Response>;
  /** Reads a file as JSON; undefined when there is none. Throws AppError 'model-load' when it is damaged. */
  readonly json: (name: string) => Promise<unknown>;
  /** Throws AppError 'model-load', or 'out-of-memory' where it does not fit. */
  readonly bytes: (name: string) => Promise<ArrayBuffer>;
  /** Hash of all bytes of `names` that were read so far, and of `extra` (dtype, prompt version). */
  readonly fingerprint: (names: readonly string[], extra: readonly string[]) => Fingerprint;
}

/**
 * Where bytes come from: as `fetch` for one URL, 404 for what there is not. `again`: the body of the first answer broke off. Chromium's
 * HTTP cache does that (ERR_CACHE_WRITE_FAILURE) when a large file does not fit it while another worker reads the same; seen with 156.
 */
export type ReadFile = (url: string, again: boolean) => Promise<Response>;

/** Files of one model under `folderUrl` (ends in '/'). Each is read once, whoever asks. */
export function openModelFiles(
  folderUrl: string,
  onProgress: OnProgress,
  readFile: ReadFile = (url, again) => fetch(url, again ? { cache: 'no-store' } : {}),
): ModelFiles {
  const hashes = new Map<string, string>(); // by URL
  const pending = new Map<string, Promise<ArrayBuffer | undefined>>(); // small files only, see below
  let loadedBytes = 0;
  let totalBytes = 0;

  async function read(url: string, again = false): Promise<ArrayBuffer | undefined> {
    const response = await readFile(url, again).catch((error: unknown) => {
      throw new AppError('model-load', `The model file ${url} could not be fetched.`, { cause: error });
    });
    // Vite answers a missing file with the page, status 200.
    if (response.status === 404 || response.headers.get('content-type')?.startsWith('text/html')) return undefined;
    if (!response.ok) throw new AppError('model-load', `The model file ${url} gave status ${response.status}.`);
    const length = Number(response.headers.get('content-length') ?? 0);
    if (!again) totalBytes += length;
    let came = 0;
    let bytes: ArrayBuffer;
    try {
      bytes = await readCounted(response, (count) => {
        came += count;
        loadedBytes += count;
        totalBytes = Math.max(totalBytes, loadedBytes); // a compressed response is longer than it said
        onProgress(loadedBytes, totalBytes);
      });
    } catch (cause) {
      // Nothing else throws it here: the buffer for the whole file could not be had. Reading again would fail alike.
      if (cause instanceof RangeError) {
        throw new AppError('out-of-memory', 'There is not enough memory here to read the model.', { cause });
      }
      loadedBytes -= came;
      if (!again) return read(url, true);
      throw new AppError('model-load', `The model file ${url} could not be read to its end.`, { cause });
    }
    hashes.set(url, hex(await crypto.subtle.digest('SHA-256', bytes)));
    return bytes;
  }

  function readOnce(url: string): Promise<ArrayBuffer | undefined> {
    const known = pending.get(url);
    if (known) return known;
    const reading = read(url);
    // JSON files are asked for by us and by the library; weights are asked for once and must not stay in memory.
    if (url.endsWith('.json')) pending.set(url, reading);
    return reading;
  }

  const urlOf = (name: string): string => new URL(name, folderUrl).href;
  const files: ModelFiles = {
    async fetch(input) {
      const bytes = await readOnce(new URL(input, folderUrl).href);
      if (!bytes) return new Response(null, { status: 404 });
      return new Response(bytes, { status: 200, headers: { 'content-length': `${bytes.byteLength}` } });
    },
    async json(name) {
      const bytes = await readOnce(urlOf(name));
      if (!bytes) return undefined;
      try {
        return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
      } catch (error) {
        throw new AppError('model-load', `The model file ${name} is damaged.`, { cause: error });
      }
    },
    async bytes(name) {
      const bytes = await readOnce(urlOf(name));
      if (!bytes) throw new AppError('model-load', `The model file ${urlOf(name)} is missing.`);
      return bytes;
    },
    fingerprint(names, extra) {
      const parts = names.map((name) => `${name}=${hashes.get(urlOf(name)) ?? 'none'}`);
      return hashParts([...parts, ...extra]) as Fingerprint;
    },
  };
  return files;
}

/** Into one buffer where the length is known: a model of half a gigabyte must not lie in memory twice. */
async function readCounted(response: Response, onBytes: (count: number) => void): Promise<ArrayBuffer> {
  const reader = response.body?.getReader();
  if (!reader) return response.arrayBuffer();
  let whole = new Uint8Array(Number(response.headers.get('content-length') ?? 0));
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.byteLength > whole.length) {
      // No length was said, or a compressed response is longer than it said.
      const larger = new Uint8Array(Math.max(2 * whole.length, length + value.byteLength));
      larger.set(whole.subarray(0, length));
      whole = larger;
    }
    whole.set(value, length);
    length += value.byteLength;
    onBytes(value.byteLength);
  }
  return length === whole.length ? whole.buffer : whole.buffer.slice(0, length);
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
