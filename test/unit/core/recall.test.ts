// recall: parity with the Python that trained it, what it finds, and what it refuses to read.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRecall } from '../../../src/core/recall';
import { isOneSlip, topicWords } from '../../../src/core/recall-words';

const file = readFileSync('public/models/recall/recall.bin');
const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
const recall = parseRecall(bytes);

interface Golden {
  question: string;
  name: string;
  fact: string;
  words: string[];
  logits: number[]; // with every case's fact
}
const golden = JSON.parse(readFileSync('test/golden/recall/golden.json', 'utf8')) as Golden[];

describe('recall', () => {
  it.each(golden)('sees in "$question" what Python sees', ({ question, name, words, logits }) => {
    expect(topicWords(question, name)).toEqual(words);
    golden.forEach((other, i) => {
      expect(recall.odds(question, other.fact, name)).toBeCloseTo(logits[i] ?? NaN, 2);
    });
  });

  it('finds a fact that shares no word with the question', () => {
    const facts = [
      'he can only have grain free kibble, everything else upsets his stomach',
      'our dog sleeps in the hallway',
      'the vet is dr patel',
    ];
    const odds = facts.map((fact) => recall.odds('what can I feed Bo?', fact, 'Bo'));
    expect(odds.indexOf(Math.max(...odds))).toBe(0);
  });

  it('gives the same odds whatever it was asked before', () => {
    const ask = (): number => recall.odds('where does she sleep', 'naps in the airing cupboard', 'Mia');
    const first = ask();
    for (let i = 0; i < 500; i++) recall.odds('when', `note ${String(i)}`, 'Mia');
    expect(ask()).toBe(first);
  });

  it('leaves the name out and survives texts without words', () => {
    expect(topicWords("Bo's bed", 'Bo')).toEqual(['bed']);
    expect(topicWords('?!', 'Bo')).toEqual([]);
    expect(recall.odds('', 'he barks', '')).toBeLessThan(-10);
    expect(recall.odds('does he bark', '', '')).toBeLessThan(-10);
  });

  it('reads a slip of the keyboard as the word that was meant', () => {
    const pairs = [
      ['birthdya', 'birthday'],
      ['brithday', 'birthday'],
      ['birthay', 'birthday'],
      ['birthdday', 'birthday'],
      ['birthdau', 'birthday'],
    ];
    for (const [typed = '', meant = ''] of pairs) {
      expect(isOneSlip(typed, meant), typed).toBe(true);
      const odds = (word: string): number => recall.odds(`when is his ${word}`, 'he turns four in May', '');
      expect(odds(typed)).toBe(odds(meant));
    }
    expect(isOneSlip('birhtdya', 'birthday')).toBe(false);
  });

  it('refuses a damaged file', () => {
    expect(() => parseRecall(bytes.slice(0, 10))).toThrow(/damaged/);
    expect(() => parseRecall(bytes.slice(0, -4))).toThrow(/damaged/);
    expect(() => parseRecall(new Uint8Array([...new Uint8Array(bytes), 0]).buffer)).toThrow(/damaged/);
    const other = bytes.slice(0);
    new Uint8Array(other)[0] = 0;
    expect(() => parseRecall(other)).toThrow(/damaged/);
  });
});
