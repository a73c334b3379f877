// Words as recall reads them: rows of a table, whatever the typing.

export const WIDEST = 40; // words of a text that are looked at
const SLIP_LETTERS = 5; // shorter words are not corrected
const BARE = new Set(['the', 'my', 'our', 'a', 'an', 'of', 'and']);

/** A text's words without the concept's name; digits are all alike. */
export function topicWords(text: string, name: string): string[] {
  const drop = new Set(wordsOf(name).filter((word) => !BARE.has(word)));
  return wordsOf(text)
    .filter((word) => !drop.has(word))
    .map((word) => word.replace(/\p{Nd}/gu, '0'))
    .slice(0, WIDEST);
}

function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replace(/['\u2019](s\b)?/g, '')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Rows of the table: the vocabulary's words, most common first, then the buckets of letter triples and of neighbouring words. */
export class Vocabulary {
  private readonly row: Map<string, number>;
  private readonly near = new Map<string, string[]>();

  constructor(
    readonly words: readonly string[],
    private readonly triples: number,
    private readonly pairs: number,
  ) {
    this.row = new Map(words.map((word, i) => [word, i]));
    for (const word of words) {
      if (word.length < SLIP_LETTERS - 1) continue;
      const first = word.charAt(0);
      const list = this.near.get(first);
      if (list === undefined) this.near.set(first, [word]);
      else list.push(word);
    }
  }

  /** The word itself, or the vocabulary's that is one slip of the keyboard away. */
  meant(word: string): string {
    if (this.row.has(word) || word.length < SLIP_LETTERS || word.includes('0')) return word;
    return this.near.get(word.charAt(0))?.find((other) => isOneSlip(word, other)) ?? word;
  }

  /** The rows whose mean is the vector of a word that is meant: its own, or those of its letter triples. */
  rows(word: string): readonly number[] {
    const own = this.row.get(word);
    if (own !== undefined) return [own];
    const framed = `<${word}>`;
    return Array.from(
      { length: framed.length - 2 },
      (_, i) => this.words.length + bucket(framed.slice(i, i + 3), this.triples),
    );
  }

  /** The rows of each two words that stand together. */
  couples(words: readonly string[]): readonly number[] {
    const first = this.words.length + this.triples;
    return words.slice(1).map((word, i) => first + bucket(`${words[i] ?? ''} ${word}`, this.pairs));
  }
}

/** Whether a letter lost, added, changed or two neighbours swapped make `a` of `b`. */
export function isOneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  if (a.length !== b.length) return a.length > b.length ? a.slice(i + 1) === b.slice(i) : a.slice(i) === b.slice(i + 1);
  if (a.slice(i + 1) === b.slice(i + 1)) return true;
  return a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2);
}

/** FNV-1a over UTF-16 code units. */
function bucket(text: string, size: number): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return (hash >>> 0) % size;
}
