// A key sealed with a passphrase: PBKDF2 makes a key of it, AES-GCM seals with that; nothing of our own.

import type { SealedKey } from '../core/large';

/** OWASP's figure for PBKDF2 with HMAC-SHA-256 (2023); about 0.3 s on a laptop. */
const ROUNDS = 600_000;

export async function seal(key: string, passphrase: string): Promise<SealedKey> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const secret = await secretOf(passphrase, salt, ROUNDS);
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, secret, new TextEncoder().encode(key));
  return { kind: 'sealed', salt, iv, data: new Uint8Array(data), rounds: ROUNDS };
}

/** undefined when the passphrase is wrong, or what was stored is damaged: AES-GCM cannot tell them apart. */
export async function unseal({ salt, iv, data, rounds }: SealedKey, passphrase: string): Promise<string | undefined> {
  const secret = await secretOf(passphrase, own(salt), rounds);
  try {
    const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: own(iv) }, secret, own(data));
    return new TextDecoder().decode(opened);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'OperationError') return undefined;
    throw error;
  }
}

async function secretOf(passphrase: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<CryptoKey> {
  const words = new TextEncoder().encode(passphrase);
  const material = await crypto.subtle.importKey('raw', words, 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return crypto.subtle.deriveKey(how, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** A copy on a buffer of its own, which is what WebCrypto's types ask for. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
