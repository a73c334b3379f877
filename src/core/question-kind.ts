// What kind of answer a question wants, as far as grammar tells: used to rank facts and to check drafts.

import { fold } from './words';

export interface WantedKind {
  readonly what: 'when' | 'where' | 'how much' | 'who';
  /** Whether a text holds such a thing. Loose on purpose: it may only rule out what cannot be an answer. */
  fits(text: string): boolean;
}

const NUMBER =
  /\d|\b(zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|hundred|thousand|dozen|once|twice|half|no|both|several|many|few)\b/;
const TIME =
  /\d|\b(january|february|march|april|may|june|july|august|september|october|november|december|(mon|tues|wednes|thurs|fri|satur|sun)days?|spring|summer|autumn|fall|winter|yesterday|today|tomorrow|tonight|last|ago|next|every|daily|weekly|monthly|yearly|mornings?|afternoons?|evenings?|nights?|noon|midnight|lunch|breakfast|dinner|school|christmas|easter|birthday|wedding|holidays?|before|after|during|when|while|years?|months?|weeks?|days?|hours?|weekends?|always|never|often|sometimes|dawn|dusk|sunrise|sunset|century|childhood|then|since|until|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b/;
const PLACE =
  /\b(in|on|at|under|by|near|next|behind|beside|besides|inside|outside|from|to|above|below|between|around|upstairs|downstairs|home|here|there|with|over|of|opposite|across|along|beneath|underneath|within|into|off|abroad|everywhere|nowhere|anywhere|somewhere|front|lives?)\b/;
// Of the places, those that nearly always say where; "of" and "with" seldom do.
const FIRM_PLACE =
  /\b(in|on|at|under|by|near|next|behind|beside|inside|outside|from|above|below|between|upstairs|downstairs|lives?)\b/;
const PERSON =
  /\b(my|your|our|his|her)\b|\b(mum|mom|dad|mother|father|sister|brother|aunt|uncle|grandma|grandpa|grandmother|grandfather|friend|neighbou?r|son|daughter|wife|husband|cousin|boss|teacher)\b/;

// "Hey Jarvis, do you remember where …": what may stand before the question word.
export const LEAD_IN =
  /^\W*(?:(?:and|so|but|hey|hi|ok|okay|jarvis|please|tell me|remind me|quick question|do you (?:know|remember)|can you tell(?: me)?)\W+)*/;

/** Yes/no and what-questions want nothing particular: undefined. */
export function wantedKind(question: string): WantedKind | undefined {
  const text = fold(question);
  const start = text.replace(LEAD_IN, '');
  if (/\bhow (old|many|much)\b/.test(text)) {
    return { what: 'how much', fits: (said) => NUMBER.test(fold(said)) || /\bold/.test(fold(said)) };
  }
  if (/^(when|at what time|what time|(in )?(which|what) (year|month|day)|on (which|what) day)\b/.test(start)) {
    return { what: 'when', fits: (said) => TIME.test(fold(said)) };
  }
  if (/^where\b/.test(start) && !asksOrigin(question)) return { what: 'where', fits: (said) => PLACE.test(fold(said)) };
  return undefined;
}

/** "Where is Oslo from?", "Where did I get it from?": from a place or a person, so that grammar does not tell what answers it. */
export function asksOrigin(question: string): boolean {
  const text = fold(question);
  return /^where\b/.test(text.replace(LEAD_IN, '')) && /\bfrom\b/.test(text);
}

/**
 * Whether a fact holds the kind of thing the question wants, to rank facts that share no word with it; undefined for a question
 * that wants nothing particular. Only an order: nothing is ruled out.
 */
export function kindFit(question: string, fact: string): 0 | 1 | undefined {
  const text = fold(question);
  const said = fold(fact);
  if (/\bhow (old|many|much|long|tall|big|heavy)\b|\bwhat size\b|\bcosts?\b/.test(text))
    return NUMBER.test(said) ? 1 : 0;
  if (/\bwhen\b|\bwhat time\b|\b(which|what) (year|month|day)\b/.test(text)) return TIME.test(said) ? 1 : 0;
  if (/\bwhere\b|\b(which|what) (town|city|country|place|room)s?\b/.test(text)) return FIRM_PLACE.test(said) ? 1 : 0;
  if (/\b(who|whose|whom)\b/.test(text)) return PERSON.test(said) || /[a-z,] \p{Lu}/u.test(fact) ? 1 : 0;
  return undefined;
}

/** "Who is this?", "Whose mug is this?", "What's his name?": identity, which only memory can give. */
export function asksWho(question: string): boolean {
  const text = fold(question);
  return (
    /\b(who|whose|whom)\b/.test(text) ||
    /\b(name|called)\b|\bwhich\b.*\b(this|that|these|those)\b/.test(text) ||
    /\bdo (you|i) (know|recogni[sz]e) (this|that|him|her|it|them)\b/.test(text)
  );
}

// "Who is this fellow?", "Which two are these?", "What is this?", but not "What is this made of?" or "What colour is this?".
const IDENTITY = [
  /^(?:who|what|which(?: (?!colou?r|size|kind|sort|type|brand|part)\w+){0,2})(?:'?s| is| are|'?re) (?:this|that|these|those|it|he|she|they|in|on|here)\b(?: (?!made|used|worth|about|for|from|of|doing|wearing|holding)\w+){0,4}$/,
  /^(?:who|what|which(?: \w+)?) (?:do|can) you (?:see|recogni[sz]e|spot)\b/,
  /^do (?:you|i) (?:know|recogni[sz]e) (?:who |what )?(?:this|that|him|her|them|it|these|those)\b/,
  /^who(?:se)? (?:does|do|is) (?:this|that|the) (?:photo|picture)\b/,
  /^whose \w+ (?:is|are) (?:this|that|these|those)\b/,
  /^what(?:'?s| is) (?:his|her|its|their|the) name\b/,
  /^is (?:this|that|it) .+ or .+$/,
];

/** Whether a photo's question only wants to know who or what it shows: then what retrieval recognised is the answer. */
export function asksIdentity(question: string): boolean {
  const text = fold(question)
    .replace(LEAD_IN, '')
    .replace(/[\s?!.]+$/, '');
  return IDENTITY.some((form) => form.test(text));
}

const IN_VIEW =
  /\b(do|can) you see\b|\b(is|are) there\b|\b(left|right|top|bottom|middle|cent(re|er)|corner|upper|lower|background|foreground|next to|beside)\b/;

/** "Do you see a mug on the left?": whether something is in the photo, or where in it. */
export function asksWhereInView(question: string): boolean {
  return IN_VIEW.test(fold(question));
}

/** "What colour is Bo in this picture?": of what the photo shows, whatever memory says. */
export function asksOfPicture(question: string): boolean {
  return IN_PICTURE.test(question);
}

/** The question without "in this picture" at its end: for eyes there is nothing else. */
export function withoutPicture(question: string): string {
  return question.replace(IN_PICTURE, '');
}

const IN_PICTURE = /\s+(?:in|on) (?:the|this|that|my) (?:picture|photo|image)(?=\W*$)/i;

/** A question whose answer is not in the pixels: identity, places in the world, times, habits, reasons. */
export function asksForMemory(question: string): boolean {
  if (asksWho(question)) return true;
  return (
    !asksWhereInView(question) &&
    /\b(where|when|why|how old|how often|how long|does|did|do|like|likes|favou?rite|belong|bought|owns?)\b/.test(
      fold(question),
    )
  );
}

const LOOKS =
  /\b(colou?rs?|looks?|wear(s|ing)?|shapes?|patterns?|photos?|pictures?|prints?|printed|logos?|stripes?|striped|spots?|materials?|made of|see|shows?|describe|cover)\b/;

/** Whether the question asks what something looks like: then a patch says more than a fact. */
export function asksForLooks(question: string): boolean {
  return LOOKS.test(fold(question));
}
