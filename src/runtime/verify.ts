// Whether a kept file is what the hub said it would be: its size, and its hash over the bytes as they come back from the disk.
import { createSHA1, createSHA256 } from 'hash-wasm';
import type { KeptFile } from '../core/kept-models';

/** Reads every piece once; memory holds one at a time. A file the hub gave no hash for is judged by its size alone. */
export async function isWhole(
  file: KeptFile,
  pieces: AsyncIterable<ArrayBuffer>,
  onBytes: (count: number) => void = () => undefined,
): Promise<boolean> {
  const wanted = file.sha256 ?? file.gitSha1;
  const hasher = file.sha256 !== undefined || file.gitSha1 === undefined ? await createSHA256() : await createSHA1();
  if (file.sha256 === undefined) hasher.update(`blob ${file.size}\0`); // git hashes its header first
  let bytes = 0;
  for await (const piece of pieces) {
    hasher.update(new Uint8Array(piece));
    bytes += piece.byteLength;
    onBytes(piece.byteLength);
  }
  return bytes === file.size && (wanted === undefined || hasher.digest('hex') === wanted.toLowerCase());
}
