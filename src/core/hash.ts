// A synchronous 128-bit content hash (MurmurHash3 x86_128, public domain, A. Appleby). Addresses, not security.

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/** Hash of bytes as 32 hex digits. */
export function hashBytes(bytes: Uint8Array): string {
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  const whole = bytes.length & ~15;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < whole; i += 16) {
    h1 ^= scramble(view.getUint32(i, true), C1, 15, C2);
    h1 = (Math.imul(rotl(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= scramble(view.getUint32(i + 4, true), C2, 16, C3);
    h2 = (Math.imul(rotl(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= scramble(view.getUint32(i + 8, true), C3, 17, C4);
    h3 = (Math.imul(rotl(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= scramble(view.getUint32(i + 12, true), C4, 18, C1);
    h4 = (Math.imul(rotl(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  const tail = [0, 0, 0, 0];
  for (let i = whole; i < bytes.length; i++) {
    const at = i - whole;
    tail[at >> 2] = (tail[at >> 2] ?? 0) | ((bytes[i] ?? 0) << (8 * (at & 3)));
  }
  h1 ^= scramble(tail[0] ?? 0, C1, 15, C2);
  h2 ^= scramble(tail[1] ?? 0, C2, 16, C3);
  h3 ^= scramble(tail[2] ?? 0, C3, 17, C4);
  h4 ^= scramble(tail[3] ?? 0, C4, 18, C1);

  h1 ^= bytes.length;
  h2 ^= bytes.length;
  h3 ^= bytes.length;
  h4 ^= bytes.length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = finish(h1);
  h2 = finish(h2);
  h3 = finish(h3);
  h4 = finish(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  return hex(h1) + hex(h2) + hex(h3) + hex(h4);
}

/** Hash of a text (its UTF-16 code units), 32 hex digits. */
export function hashText(text: string): string {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit & 0xff;
    bytes[2 * i + 1] = unit >> 8;
  }
  return hashBytes(bytes);
}

/** Hash of several parts; no two different lists of parts share an input. */
export function hashParts(parts: readonly (string | Uint8Array | Uint8ClampedArray | Int32Array)[]): string {
  const digests = parts.map((part) =>
    typeof part === 'string'
      ? `t${hashText(part)}`
      : `b${hashBytes(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))}`,
  );
  return hashText(digests.join('/'));
}

function scramble(word: number, first: number, turn: number, second: number): number {
  return Math.imul(rotl(Math.imul(word, first), turn), second);
}

function rotl(value: number, turn: number): number {
  return (value << turn) | (value >>> (32 - turn));
}

function finish(value: number): number {
  let h = value;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
