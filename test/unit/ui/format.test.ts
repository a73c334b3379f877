// Numbers and addresses as people read them.

import { expect, test } from 'vitest';
import { count, formatBytes, formatMs } from '../../../src/ui/format';
import { hrefOf, parseRoute } from '../../../src/ui/router';
import type { ChatId, ConceptId } from '../../../src/core/types';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KB'],
  [799_400, '799 KB'],
  [999_600, '1.0 MB'],
  [11_000_000_000, '11 GB'],
])('%d bytes are %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});

test.each([
  [0.4, '<1 ms'],
  [12.4, '12 ms'],
  [1400, '1.4 s'],
  [12_000, '12 s'],
])('%d ms are %s', (ms, words) => {
  expect(formatMs(ms)).toBe(words);
});

test('one of a kind has no plural', () => {
  expect([count(1, 'patch', 'patches'), count(2, 'patch', 'patches'), count(0, 'fact')]).toEqual([
    '1 patch',
    '2 patches',
    '0 facts',
  ]);
});

test('routes survive the address bar, and a strange address is the chat', () => {
  const routes = [
    { place: 'chat', chatId: undefined },
    { place: 'chat', chatId: 'a b/ü' as ChatId },
    { place: 'memory', conceptId: undefined },
    { place: 'memory', conceptId: 'x' as ConceptId },
  ] as const;
  for (const route of routes) expect(parseRoute(hrefOf(route))).toEqual(route);
  expect(parseRoute('#/nowhere')).toEqual({ place: 'chat', chatId: undefined });
  expect(parseRoute('')).toEqual({ place: 'chat', chatId: undefined });
});
