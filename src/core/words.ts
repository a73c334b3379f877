// Words: folding case and accents, splitting, a light stemmer, function words and bounded edit distance.

/** Lower case, accents off, curly quotes straight, "é" = "e". */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[’‘ʼ]/g, "'")
    .toLowerCase();
}

/** A word of a text, as written and folded, possessive 's taken off. */
export interface Word {
  readonly raw: string;
  readonly folded: string;
  readonly startsSentence: boolean;
}

/** Letters, digits and inner hyphens or apostrophes of any script. Chinese, Japanese and Thai come out as runs. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  const straight = text.replace(/[’‘ʼ]/g, "'");
  let end = 0;
  let first = true;
  for (const match of straight.matchAll(/[\p{L}\p{N}\p{M}]+(?:['.-][\p{L}\p{N}\p{M}]+)*/gu)) {
    const between = straight.slice(end, match.index);
    const startsSentence = first || /[.!?\n]\s*["'(]*$/.test(between);
    first = false;
    end = match.index + match[0].length;
    const raw = match[0].replace(/'s$/i, '');
    words.push({ raw, folded: fold(raw), startsSentence });
  }
  return words;
}

const SHORT_FORMS: ReadonlyMap<string, readonly string[]> = new Map([
  ["don't", ['do', 'not']],
  ["doesn't", ['does', 'not']],
  ["didn't", ['did', 'not']],
  ["isn't", ['is', 'not']],
  ["aren't", ['are', 'not']],
  ["wasn't", ['was', 'not']],
  ["can't", ['can', 'not']],
  ["won't", ['will', 'not']],
]);

/** Folded words with "doesn't" opened up: the unit of matching. */
export function foldedWords(text: string): string[] {
  return wordsOf(text).flatMap(({ folded }) => SHORT_FORMS.get(folded) ?? [folded.replace(/'(re|ll|ve|d|m)$/, '')]);
}

// English grammar words: they carry no claim and no topic. From the closed classes of English (articles, pronouns,
// prepositions, auxiliaries, question words), not from a frequency list, so that no noun or colour slips in.
const FUNCTION_WORDS = new Set(
  `a an the this that these those some any each every no not yes only also too very just really quite so then now there here
  i me my mine myself you your yours yourself he him his she her hers it its we us our ours they them their theirs
  who whom whose what which where when why how and or but nor if as than because while of in on at by for from to with
  without about into onto over under up down out off again through between during before after above below near
  is are am was were be been being do does did doing done have has had having can could will would shall should may might
  must ought need dare got get gets let lets please tell remind know knows remember say says said called name named
  much many more most less least lot kind sort thing something anything nothing someone anyone somebody
  always usually often sometimes never ever still already hey hi hello ok okay oh well
  one's mr mrs ms dr`.split(/\s+/),
);

export function isFunctionWord(folded: string): boolean {
  if (FUNCTION_WORDS.has(folded) || SHORT_FORMS.has(folded)) return true;
  return folded.includes("'") && FUNCTION_WORDS.has(folded.replace(/'(re|ll|ve|d|m|s)$/, ''));
}

/** What a text is about: its stems without function words. */
export function contentStems(text: string): string[] {
  return foldedWords(text)
    .filter((word) => !isFunctionWord(word))
    .map(stem);
}

const IRREGULAR: ReadonlyMap<string, string> = new Map(
  `slept sleep|ate eat|eaten eat|bought buy|brought bring|went go|gone go|goes go|gave give|given give|made make|born bear|
  broke break|broken break|wore wear|worn wear|drank drink|drunk drink|ran run|sang sing|sung sing|swam swim|wrote write|
  written write|spoke speak|spoken speak|found find|kept keep|lost lose|left leave|met meet|paid pay|sold sell|sat sit|
  stood stand|taught teach|thought think|told tell|took take|taken take|won win|knew know|grew grow|grown grow|drove drive|
  driven drive|felt feel|fell fall|flew fly|hid hide|hidden hide|held hold|heard hear|hung hang|built build|caught catch|
  chose choose|chosen choose|came come|feet foot|teeth tooth|mice mouse|men man|women woman|children child|wives wife|
  lives live|loves love|leaves leaf|favourite favorite|favourites favorite|colour color|colours color|coloured color|
  colored color|grey gray|greys gray|mum mom|mummy mom|neighbour neighbor|neighbours neighbor|jewellery jewelry|
  one 1|two 2|three 3|four 4|five 5|six 6|seven 7|eight 8|nine 9|ten 10|eleven 11|twelve 12|dying die|lying lie`
    .split('|')
    .map((pair) => {
      const [from = '', to = ''] = pair.trim().split(' ');
      return [from, to] as const;
    }),
);

/**
 * A light English stem: plurals, -ing, -ed, -ly and a few irregulars; American spelling. Made to bring together the
 * forms a question and a fact use ("sleeps", "sleeping", "slept"), not to be linguistically right. Words of other
 * scripts pass unchanged.
 */
export function stem(folded: string): string {
  let word = IRREGULAR.get(folded) ?? folded;
  if (!/^[a-z]+$/.test(word) || word.length < 4) return word;
  if (/(ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies') && word.length > 4) word = `${word.slice(0, -3)}y`;
  else if (/(x|ch|sh|ss|zz|o)es$/.test(word)) word = word.slice(0, -2);
  else if (word.endsWith('s')) word = word.slice(0, -1);
  if (word.endsWith('ied') && word.length > 4) word = `${word.slice(0, -3)}y`;
  else if (word.endsWith('ing') && word.length > 5) word = undouble(word.slice(0, -3));
  else if (word.endsWith('ed') && word.length > 4) word = undouble(word.slice(0, -2));
  else if (word.endsWith('ly') && word.length > 5) word = word.slice(0, -2);
  // "like", "liked" and "liking" meet at "lik".
  return word.length > 3 && word.endsWith('e') ? word.slice(0, -1) : word;
}

function undouble(word: string): string {
  return /([bdgmnprt])\1$/.test(word) ? word.slice(0, -1) : word;
}

/** How two words differ when at most `limit` edits (insert, delete, substitute, swap neighbours) apart; else undefined. */
export function editsBetween(
  a: string,
  b: string,
  limit: number,
): { edits: number; substitutions: number } | undefined {
  if (Math.abs(a.length - b.length) > limit) return undefined;
  const width = b.length + 1;
  const cost = new Uint8Array((a.length + 1) * width);
  for (let i = 0; i <= a.length; i++) cost[i * width] = i;
  for (let j = 0; j <= b.length; j++) cost[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      let best = (cost[(i - 1) * width + j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      best = Math.min(best, (cost[(i - 1) * width + j] as number) + 1, (cost[i * width + j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (cost[(i - 2) * width + j - 2] as number) + 1);
      }
      cost[i * width + j] = best;
    }
  }
  const edits = cost[a.length * width + b.length] as number;
  if (edits > limit) return undefined;
  // With equal length and sorted letters alike, the edits are swaps; else same length means substitutions.
  const swapped = a.length === b.length && letters(a) === letters(b);
  return { edits, substitutions: a.length === b.length && !swapped ? edits : 0 };
}

function letters(word: string): string {
  return Array.from(word).sort().join('');
}

/**
 * Whether `typed` is likely `known` misspelt. Another letter in a short name is another name ("Mila", "Milo"), so words
 * of 4–5 letters allow a missing, doubled or swapped letter only; from 6 letters any one edit, from 9 any two. The first
 * letter must be right. Of the 705,078 pairs of training/mini/lexicon.json's first names 151 fall together ("Brook", "Brooke").
 */
export function isTypoOf(typed: string, known: string): boolean {
  if (typed === known) return true;
  const length = Math.min(typed.length, known.length);
  if (length < 4 || typed[0] !== known[0]) return false;
  const found = editsBetween(typed, known, length >= 9 ? 2 : 1);
  return found !== undefined && (length >= 6 || found.substitutions === 0);
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

/** The text as a regular expression finds it. */
export function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
