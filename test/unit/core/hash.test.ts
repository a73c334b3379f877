// MurmurHash3 x86_128 against the reference; parts never run together.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashBytes, hashParts, hashText } from '../../../src/core/hash';

describe('hash', () => {
  // From a transcription in Python that passes SMHasher's verification of x86_128 (0xB3ECE62A).
  it('equals the reference implementation', () => {
    const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    expect(hashBytes(ascii(''))).toBe('00000000000000000000000000000000');
    expect(hashBytes(ascii('I will not buy this record, it is scratched.'))).toBe('a0a9683b25ac5e40d9af2895890dddf5');
  });

  it('tells lists of parts apart', () => {
    expect(hashParts(['ab', 'c'])).not.toBe(hashParts(['a', 'bc']));
    expect(hashParts(['a'])).not.toBe(hashParts([Uint8Array.from([97, 0])]));
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => a === b || hashText(a) !== hashText(b)),
      { seed: 5 },
    );
  });
});
