// `npm run bench -- search`: exact search over typed arrays at 1,000 to 10,000 concepts.

import type { App } from './app';
import { SHARE } from './figures';
import type { Figure, Measured } from './figures';
import { median } from './report';

const CONCEPTS = [1_000, 3_000, 10_000];
const QUERIES = 200;

export async function benchSearch(app: App): Promise<Measured> {
  const page = await app.openPage();
  const request = { concepts: CONCEPTS, queries: QUERIES };
  const sizes = await page.evaluate((wanted) => window.jarvisBench.search(wanted), request);
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was searched');
  const named = (name: string, value: number, unit: string): Figure => ({ name, value, unit });
  return {
    device: 'WASM with SIMD, 1 thread',
    figures: [
      named('full float32 search / two passes, 10,000 concepts, medians', mid(last.fullMs) / mid(last.twoPassMs), '×'),
      named('two passes without SIMD / with, 10,000 concepts, medians', mid(last.scalarMs) / mid(last.twoPassMs), '×'),
      named(`p95, ${last.concepts} / ${first.concepts} concepts`, p95(last.twoPassMs) / p95(first.twoPassMs), '×'),
      ...sizes.flatMap(({ concepts, rows, bytes, twoPassMs, agree, addMs, removeMs }) => {
        const size = `${concepts.toLocaleString('en')} concepts, ${rows.toLocaleString('en')} patch vectors`;
        return [
          named(`p95, ${size}`, p95(twoPassMs), 'ms'),
          named(`median, ${size}`, mid(twoPassMs), 'ms'),
          named(`memory, ${size}`, bytes / 1e6, 'MB'),
          named(`queries in which two passes found what a full search finds, ${size}`, agree, SHARE),
          named(`a concept more, ${size}`, addMs, 'ms'),
          named(`a concept fewer, ${size}`, removeMs, 'ms'),
        ];
      }),
    ],
  };
}

function mid(values: readonly number[]): number {
  return median(values) ?? 0;
}

function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(0.95 * sorted.length) - 1)] ?? 0;
}
