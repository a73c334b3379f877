// recall: parity with the Python that trained it, what it finds, and what it refuses to read.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { features, parseRecall } from '../../../src/core/recall';

const file = readFileSync('public/models/recall/recall.bin');
const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
const recall = parseRecall(bytes);
const SIZES = { words: 8192, stems: 4096, couples: 8192 };

interface Golden {
  question: string;
  name: string;
  fact: string;
  features: number[];
  cosines: number[]; // with every case's fact, each without its own concept's name
}
const golden = JSON.parse(readFileSync('test/golden/recall/golden.json', 'utf8')) as Golden[];

describe('recall', () => {
  it.each(golden)('sees in "$question" what Python sees', ({ question, name, features: expected, cosines }) => {
    expect(features(question, name, SIZES)).toEqual(expected);
    const asked = recall.ofQuestion(question, name);
    const told = golden.map((other) => recall.ofFact(other.fact, other.name));
    const [zero, one] = [recall.logit(asked, new Float32Array(asked.length)), recall.logit(asked, asked)];
    told.forEach((fact, i) => {
      expect((recall.logit(asked, fact) - zero) / (one - zero)).toBeCloseTo(cosines[i] ?? NaN, 3);
    });
  });

  it('finds a fact that shares no word with the question', () => {
    const facts = [
      'he can only have grain free kibble, everything else upsets his stomach',
      'our dog sleeps in the hallway',
      'the vet is dr patel',
    ];
    const asked = recall.ofQuestion('what can I feed Bo?', 'Bo');
    const odds = facts.map((fact) => recall.logit(asked, recall.ofFact(fact, 'Bo')));
    expect(odds.indexOf(Math.max(...odds))).toBe(0);
  });

  it('leaves the name out and survives texts without words', () => {
    expect(features("Bo's bed", 'Bo', SIZES)).toEqual(features('bed', '', SIZES));
    expect(features('?!', 'Bo', SIZES)).toEqual([]);
    expect(recall.logit(recall.ofQuestion('', ''), recall.ofFact('', ''))).toBeTypeOf('number');
  });

  it('refuses a damaged file', () => {
    expect(() => parseRecall(bytes.slice(0, 10))).toThrow(/damaged/);
    expect(() => parseRecall(bytes.slice(0, -4))).toThrow(/damaged/);
    const other = bytes.slice(0);
    new Uint8Array(other)[0] = 0;
    expect(() => parseRecall(other)).toThrow(/damaged/);
  });
});
