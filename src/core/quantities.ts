// Quantities in what people write: ages, weights, lengths, prices, days, hours.

/** Amounts of one unit can be compared. */
export interface Quantity {
  readonly unit: string;
  readonly amount: number;
}

export type Reader = (text: string) => Quantity | undefined;

const NUMBERS = new Map(
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
    .split(' ')
    .map((word, at) => [word, at + 1]),
);
const NUMBER = `\\d+(?:[.,]\\d+)*|half an?|an?|${[...NUMBERS.keys()].join('|')}`;

function numberOf(text: string): number {
  const word = text.toLowerCase();
  if (/^half/.test(word)) return 0.5;
  if (/^an?$/.test(word)) return 1;
  const bare = word.replace(/,(?=\d{3}\b)/g, '').replace(',', '.');
  return NUMBERS.get(word) ?? Number(bare);
}

/** The first number with one of these units, in the smallest of them. `factors`: how many of it each unit has, by its pattern. */
function withUnit(unit: string, factors: readonly (readonly [pattern: string, factor: number])[]): Reader {
  const any = factors.map(([pattern]) => pattern).join('|');
  const found = new RegExp(
    `(?<![\\p{L}\\d.,])(${NUMBER})[ -]?(${any})(?![\\p{L}\\d])(?:(?: and)?(?: an?)? (half))?`,
    'iu',
  );
  return (text) => {
    const [, number, name, half] = found.exec(text) ?? [];
    if (number === undefined || name === undefined) return undefined;
    const [, factor = NaN] = factors.find(([pattern]) => new RegExp(`^(?:${pattern})$`, 'iu').test(name)) ?? [];
    const amount = (numberOf(number) + (half === undefined ? 0 : 0.5)) * factor;
    return Number.isFinite(amount) ? { unit, amount } : undefined;
  };
}

const agedBy = withUnit('age', [
  ['days?', 1],
  ['weeks?|wks?', 7],
  ['months?|mths?', 30.4],
  ['years?|yrs?|yo|y/o', 365],
]);
export const weight = withUnit('weight', [
  ['g|grams?', 1],
  ['kg|kgs|kilos?|kilograms?', 1000],
  ['lbs?|pounds?', 453.6],
  ['st|stones?', 6350],
]);
export const length = withUnit('length', [
  ['mm', 1],
  ['cm|centimet(?:re|er)s?', 10],
  ['inch(?:es)?|in', 25.4],
  ['hands?', 101.6],
  ['ft|foot|feet', 304.8],
  ['m|met(?:re|er)s?', 1000],
]);
export const distance = withUnit('distance', [
  ['m|met(?:re|er)s?', 1],
  ['km|kilomet(?:re|er)s?|kms', 1000],
  ['miles?|mi', 1609],
]);
export const duration = withUnit('duration', [
  ['min|mins|minutes?', 1],
  ['h|hrs?|hours?', 60],
  ['days?', 1440],
  ['weeks?|wks?', 10_080],
]);
export const volume = withUnit('volume', [
  ['ml', 1],
  ['cl', 10],
  ['l|lit(?:re|er)s?', 1000],
]);

/** "is 7", "turned nine": an age without a unit. */
const bareAge: Reader = (text) => {
  const [, number] =
    new RegExp(
      `\\b(?:is|turned|turns|aged?|just|hes|shes|he's|she's)\\s+(${NUMBER})(?![\\p{L}\\d:/-]|[.,]\\d)`,
      'iu',
    ).exec(text) ?? [];
  return number === undefined || /^(an?|half)/i.test(number)
    ? undefined
    : { unit: 'age', amount: 365 * numberOf(number) };
};

export const age: Reader = (text) => agedBy(text) ?? bareAge(text);

/** Born or made later is less old. */
export const birth: Reader = (text) => {
  const [, year] = /\b(?:born|hatched|built|made|from|since|in)\b[^.;]*?\b((?:1[89]|20)\d\d)\b/i.exec(text) ?? [];
  return year === undefined ? undefined : { unit: 'year', amount: -Number(year) };
};

export const money: Reader = (text) => {
  const before = /([£$€])\s?(\d+(?:[.,]\d+)*)(k)?/i.exec(text);
  if (before?.[2] !== undefined) return { unit: before[1] ?? '', amount: numberOf(before[2]) * (before[3] ? 1000 : 1) };
  const behind =
    /(\d+(?:[.,]\d+)*)(k)?\s?(£|€|\$|quid|pounds|euros?|eur|dollars|usd|kr|kroner|kronor|francs?|chf)(?!\p{L})/iu.exec(
      text,
    );
  if (behind?.[1] === undefined || behind[3] === undefined) return plainPrice(text);
  const unit = CURRENCIES.find(([names]) => names.test(behind[3] ?? ''))?.[1] ?? behind[3].toLowerCase();
  return { unit, amount: numberOf(behind[1]) * (behind[2] ? 1000 : 1) };
};

const CURRENCIES: readonly (readonly [RegExp, string])[] = [
  [/^(quid|pounds)$/i, '£'],
  [/^(euros?|eur)$/i, '€'],
  [/^(dollars|usd)$/i, '$'],
  [/^(francs?|chf)$/i, 'chf'],
  [/^(kr|kroner|kronor)$/i, 'kr'],
];

/** "paid 140", "valued at 2,150": in whatever people pay in there. */
function plainPrice(text: string): Quantity | undefined {
  const [, number] =
    /\b(?:paid|pay|costs?|charges?|rent|worth|valued at|price|for only|bought for|was|deposit)\s+(?:me\s+|us\s+|is\s+|was\s+|about\s+)?(\d+(?:[.,]\d+)*)(?![\d:]|\s?(?:years?|kg|km|cm|m|am|pm)\b)/i.exec(
      text,
    ) ?? [];
  return number === undefined ? undefined : { unit: 'money', amount: numberOf(number) };
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:\\p{L}*)';

/** A day of the year; with the year where it is told. Of a month alone its middle, "early" and "end of" its sides. */
export const day: Reader = (text) => {
  const iso = /\b(20\d\d)-(\d\d)-(\d\d)\b/.exec(text);
  if (iso) return { unit: 'date', amount: Number(iso[1]) * 372 + Number(iso[2]) * 31 + Number(iso[3]) };
  const written = [
    new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)?(?: of)? ${MONTH}(?:,? (20\\d\\d))?\\b`, 'iu').exec(text),
    swapped(new RegExp(`\\b${MONTH} (\\d{1,2})(?:st|nd|rd|th)?(?:,? (20\\d\\d))?(?![\\d:.])`, 'iu').exec(text)),
  ]
    .filter((found) => found !== null)
    .sort((a, b) => a.index - b.index)[0];
  if (written) return dateOf(written[2], Number(written[1]), written[3]);
  const rough = new RegExp(
    `\\b(?:(early|beginning of|start of|mid|middle of|late|end of)[ -])?${MONTH}\\b(?: (20\\d\\d))?`,
    'iu',
  ).exec(text);
  if (!rough || /^(may|mar|march)$/i.test(rough[0])) return undefined; // "may" is a word first
  const part = (rough[1] ?? '').toLowerCase();
  return dateOf(rough[2], /^(early|beg|start)/.test(part) ? 5 : /^(late|end)/.test(part) ? 27 : 15, rough[3]);
};

function swapped(found: RegExpExecArray | null): { 1: string; 2: string; 3: string | undefined; index: number } | null {
  return found === null ? null : { 1: found[2] ?? '', 2: found[1] ?? '', 3: found[3], index: found.index };
}

function dateOf(month: string | undefined, date: number, year: string | undefined): Quantity {
  const amount = (1 + MONTHS.indexOf((month ?? '').slice(0, 3).toLowerCase())) * 31 + date;
  return year === undefined
    ? { unit: 'day of the year', amount }
    : { unit: 'date', amount: Number(year) * 372 + amount };
}

/** Minutes after midnight: "half eight", "5.30", "7pm", "at 6". Without am or pm as it stands. */
export const hour: Reader = (text) => {
  const half = new RegExp(`\\bhalf (?:past )?(${NUMBER})\\b`, 'iu').exec(text);
  if (half?.[1] !== undefined) return { unit: 'hour', amount: 60 * numberOf(half[1]) + 30 };
  const clock =
    /(?<![\d£$€.,])(\d{1,2})(?:[.:](\d\d))\s?(am|pm)?(?![\d%])/i.exec(text) ??
    /(?<![\d£$€.,])(\d{1,2})()\s?(am|pm)\b/i.exec(text);
  if (clock === null) return undefined;
  const [hours, minutes] = [Number(clock[1]), Number(clock[2] === '' ? 0 : clock[2])];
  if (hours > 24 || minutes > 59) return undefined;
  const noon = clock[3]?.toLowerCase() === 'pm' && hours < 12 ? 12 : 0;
  return { unit: 'hour', amount: 60 * (hours + noon) + minutes };
};
