// One file from the hub into the store, from the byte where it was left: pieces are written as they fill, and what is in hand
// when the connection breaks or the user pauses is written too.
import { AppError } from '../core/errors';
import { type KeptModel, type ModelKey, type ModelStore, withFile } from '../core/kept-models';
import { connectionLost, type FetchLike, openFile } from './hub';

/** Read fastest from IndexedDB among the sizes that were measured (platform notes: 16 values of 4 MB, about 530 MB/s). */
export const PIECE_BYTES = 4 * 1024 * 1024;

/** On a slow line a piece is written sooner, so that the bar moves and a closed tab loses a second's worth. */
const WRITE_EVERY_MS = 1_000;
const LEAST_PIECE_BYTES = 256 * 1024;

export interface FilePorts {
  readonly store: ModelStore;
  readonly host: () => string;
  readonly fetch: FetchLike;
  readonly onChange: (model: KeptModel, came: number) => void;
}

/** Resolves when as many bytes are stored as the hub's listing says. Throws AppError 'hub-…' or 'storage-full', or the abort. */
export async function fetchPieces(ports: FilePorts, key: ModelKey, name: string, signal: AbortSignal): Promise<void> {
  const { store } = ports;
  const model = await store.read(key);
  const file = model?.files.find((other) => other.name === name);
  if (!model || !file) throw new DOMException('The model was removed.', 'AbortError');
  const { startsAt, size, etag, body } = await openFile(
    ports.host(),
    { repo: model.repo, revision: model.revision, name },
    { offset: file.received, etag: file.etag },
    ports.fetch,
    signal,
  );
  if (size !== undefined && size !== file.size) {
    await body.cancel();
    throw new AppError('hub-damaged', `${name} has ${size} bytes where the hub's own listing says ${file.size}.`);
  }
  if (startsAt === 0 && file.received > 0) await store.restart(key, name); // the server would not go on, or the file changed
  await store.change(key, (now) => withFile(now, name, { etag }));

  let received = startsAt;
  const reader = body.getReader();
  const piece = new Uint8Array(Math.min(PIECE_BYTES, Math.max(1, file.size)));
  let filled = 0;
  let writtenAt = performance.now();
  async function write(): Promise<void> {
    if (filled === 0) return;
    const bytes = piece.slice(0, filled).buffer;
    filled = 0;
    writtenAt = performance.now();
    const now = await store.append(key, name, bytes);
    if (!now) throw new DOMException('The model was removed.', 'AbortError');
    ports.onChange(now, bytes.byteLength);
  }
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (received + value.byteLength > file.size) {
        throw new AppError('hub-damaged', `The hub sends more of ${name} than its listing says.`);
      }
      received += value.byteLength;
      for (let at = 0; at < value.byteLength;) {
        const count = Math.min(value.byteLength - at, piece.length - filled);
        piece.set(value.subarray(at, at + count), filled);
        filled += count;
        at += count;
        if (filled === piece.length) await write();
      }
      if (filled >= LEAST_PIECE_BYTES && performance.now() - writtenAt > WRITE_EVERY_MS) await write();
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    await write(); // what is in hand is worth keeping, whatever ended it
    signal.throwIfAborted();
    throw connectionLost(error);
  }
  await write();
  if (received < file.size) {
    throw new AppError('hub-offline', `The connection ended before ${name} was whole. What came so far is kept.`);
  }
}
