// Everyday synonyms: what questions and facts say in different words. General English, no names, no values.

import { stem } from './words';

// One line, one idea that people ask their own things about. Collected from the commonest question verbs; kept small, since
// each pair can also bring a wrong fact.
const GROUPS = `afraid scared fear frighten fright hate terrified
  allergic allergy intolerant
  gift present give gave got
  return bring back
  buy bought purchase get got find found
  cost price pay paid
  keep kept store stored stand hang live park parked leave put lie stay
  belong own owner
  old age born birthday year
  weigh weight heavy kilo kg gram
  sleep bed nap doze asleep
  eat food meal feed snack diet
  drink beverage
  like love enjoy fond adore favourite prefer
  work job profession employed
  live home address
  scared afraid
  fix repair mend
  clean wash
  train practise lesson school
  doctor vet physician
  make made sew sewn built build craft
  name called nickname
  car vehicle
  town city village
  code combination pin password number
  size measure
  bulb light
  sing song music
  walk stroll
  speak talk language tongue
  play practise
  toy plaything
  ill sick disease
  come origin`
  .split('\n')
  .map((line) => [...new Set(line.trim().split(/\s+/).map(stem))]);

const byStem = new Map<string, Set<string>>();
for (const group of GROUPS) {
  for (const word of group) {
    const others = byStem.get(word) ?? new Set<string>();
    for (const other of group) if (other !== word) others.add(other);
    byStem.set(word, others);
  }
}

const NONE: ReadonlySet<string> = new Set();

/** Stems that may say the same as this one. */
export function synonymsOf(root: string): ReadonlySet<string> {
  return byStem.get(root) ?? NONE;
}
