// Text from tokens, one at a time: nothing shown twice, no half characters, and stop strings found wherever they are cut.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextReader, scanStops } from '../../../src/core/stages/decode-text';

/** A tokenizer whose tokens are the bytes of UTF-8: characters are cut in the middle all the time. */
const decodeBytes = (ids: readonly number[]): string => new TextDecoder().decode(Uint8Array.from(ids));

/** One whose words lose the space in front when they come first, as SentencePiece's do. */
const decodeWords = (ids: readonly number[]): string =>
  ids
    .map((id) => ` w${id}`)
    .join('')
    .trimStart();

describe('createTextReader', () => {
  it('gives the text that decoding everything at once gives', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const reader = createTextReader(decodeBytes);
        expect([...new TextEncoder().encode(text)].map((id) => reader.push(id)).join('')).toBe(text);
      }),
      { seed: 3 },
    );
  });

  it('never gives a half character', () => {
    const reader = createTextReader(decodeBytes);
    const parts = [...new TextEncoder().encode('a🦆é')].map((id) => reader.push(id));
    expect(parts).toEqual(['a', '', '', '', '🦆', '', 'é']);
  });

  it('keeps spaces that depend on the token before, and decodes no more than a few tokens at a time', () => {
    let longest = 0;
    const reader = createTextReader((ids) => {
      longest = Math.max(longest, ids.length);
      return decodeWords(ids);
    });
    const ids = Array.from({ length: 50 }, (_, i) => i);
    expect(ids.map((id) => reader.push(id)).join('')).toBe(decodeWords(ids));
    expect(longest).toBeLessThan(10);
  });

  it('does not wait forever for bytes that never come', () => {
    const reader = createTextReader(decodeBytes);
    const said = [0xff, 0xff, 0xff, 0xff, 0x61].map((id) => reader.push(id)).join('');
    expect(said).toContain('a');
  });
});

describe('scanStops', () => {
  it('finds the first stop string, also one that came in pieces', () => {
    expect(scanStops('Bo. User: hi', ['User:', '.'])).toEqual({ shown: 2, stopped: true });
    expect(scanStops('Bo sleeps. Us', ['User:'])).toEqual({ shown: 11, stopped: false });
    expect(scanStops('Bo sleeps. User', ['User:'], 11)).toEqual({ shown: 11, stopped: false });
    expect(scanStops('Bo sleeps. User:', ['User:'], 11)).toEqual({ shown: 11, stopped: true });
    expect(scanStops('Bo sleeps. Usual', ['User:'], 11)).toEqual({ shown: 16, stopped: false });
    expect(scanStops('Bo', [])).toEqual({ shown: 2, stopped: false });
    expect(scanStops('Bo', [''])).toEqual({ shown: 2, stopped: false });
  });

  it('shows in pieces exactly what stands before the stop string, however the text is cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 30 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(letters, stops, fc.infiniteStream(fc.integer({ min: 1, max: 4 })), (text, stop, sizes) => {
        let shown = 0;
        let sofar = 0;
        let stopped = false;
        while (sofar < text.length && !stopped) {
          sofar += Number(sizes.next().value);
          const scanned = scanStops(text.slice(0, sofar), stop, shown);
          expect(scanned.shown).toBeGreaterThanOrEqual(shown);
          ({ shown, stopped } = scanned);
        }
        const found = stop.map((one) => text.indexOf(one)).filter((at) => at >= 0);
        expect(stopped).toBe(found.length > 0);
        if (stopped) expect(stop.some((one) => text.startsWith(one, shown))).toBe(true);
        else expect(stop.some((one) => one.startsWith(text.slice(shown))) || shown === text.length).toBe(true);
      }),
      { seed: 4 },
    );
  });
});
