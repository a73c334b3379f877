// Decode's text side: tokens become readable text at a constant cost each, and an answer ends before a stop string.

// [Note: Stop strings] A stop string is looked for in the text, not in the tokens: it may begin in the middle of one token
// and end in the middle of another. Text that may yet become a stop string is held back until the next token decides.

/** A character whose last bytes are still missing decodes to this. */
const REPLACEMENT = '\uFFFD';

/** A character is at most four tokens of one byte; a longer run of replacements is really in the text. */
const MAX_OPEN_TOKENS = 4;

/** Tokens decoded together again, so that what depends on the neighbour (a leading space) comes out right. */
const CONTEXT_TOKENS = 4;

export interface TextReader {
  /** The new text that `id` completes; empty while a character is cut in the middle. */
  push(id: number): string;
}

/** Decodes token by token, at a cost that does not grow with the answer. `decode` turns ids into text. */
export function createTextReader(decode: (ids: readonly number[]) => string): TextReader {
  const window: number[] = []; // the last tokens that were given out, then those that are still open
  let given = 0; // how many of `window` were given out
  let givenText = ''; // what these decode to
  return {
    push(id) {
      window.push(id);
      const text = decode(window);
      const open = text.endsWith(REPLACEMENT) && window.length - given < MAX_OPEN_TOKENS;
      if (open) return '';
      const added = text.slice(givenText.length);
      if (window.length > CONTEXT_TOKENS) window.splice(0, window.length - CONTEXT_TOKENS);
      given = window.length;
      givenText = decode(window);
      return added;
    },
  };
}

export interface Scanned {
  readonly shown: number; // length of the text that may be shown now
  readonly stopped: boolean; // the answer ends there
}

/**
 * Looks for the first stop string in `text`. Only what came after `from`, the length that was shown before, can be new.
 * Empty stop strings stop nothing.
 */
export function scanStops(text: string, stops: readonly string[], from = 0): Scanned {
  let first = -1;
  let held = text.length;
  for (const stop of stops) {
    if (stop === '') continue;
    const at = text.indexOf(stop, from);
    if (at >= 0 && (first < 0 || at < first)) first = at;
    for (let start = Math.max(from, text.length - stop.length + 1); start < text.length; start++) {
      if (!stop.startsWith(text.slice(start))) continue;
      held = Math.min(held, start);
      break;
    }
  }
  return first >= 0 ? { shown: first, stopped: true } : { shown: held, stopped: false };
}
