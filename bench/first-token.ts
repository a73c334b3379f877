// `npm run bench -- first-token`: the figures of linked memory against full prefill, and the table of docs/kv-memory.md.

import { concepts, type Figure, figureOf, find, format, type Measured } from './figures';
import type { Sample } from './measure.worker';

const SIZES = [1, 4, 16]; // concepts, as in measure.worker.ts
const WAYS = {
  linked: 'linked, blocks read from IndexedDB',
  held: 'linked, blocks held in memory',
  'full prefill': 'full prefill',
};
const PARTS = {
  reading: 'reading and checking the blocks',
  linking: 'putting the cache together',
};

export function firstTokenFigures({ device, samples }: { device: string; samples: readonly Sample[] }): Measured {
  const of = (kind: string, size: number): Figure => figureOf(find(samples, `${kind} ${size}`));
  const memory = (size: number): string => `${concepts(size)}, ${of('tokens', size).value} memory tokens`;
  const ratio = (name: string, over: Figure, under: Figure): Figure => ({
    name,
    value: over.value / under.value,
    unit: '×',
  });
  printTable(of);
  return {
    device,
    figures: [
      ...(['linked', 'held'] as const).flatMap((kind) =>
        SIZES.map((size) =>
          ratio(`full prefill / ${WAYS[kind]}, ${memory(size)}`, of('full prefill', size), of(kind, size)),
        ),
      ),
      ...Object.entries(WAYS).map(([kind, name]) =>
        ratio(`${name}, 16 concepts / 1 concept`, of(kind, 16), of(kind, 1)),
      ),
      ...SIZES.flatMap((size) =>
        Object.entries({ ...WAYS, ...PARTS }).map(([kind, name]) => ({
          ...of(kind, size),
          name: `${name}, ${memory(size)}`,
        })),
      ),
    ],
  };
}

/** Markdown, to be pasted. */
function printTable(of: (kind: string, size: number) => Figure): void {
  const kinds = ['linked', 'held', 'full prefill', 'reading', 'linking'];
  console.log(`| ms to the first token | ${SIZES.map(concepts).join(' | ')} | 16 / 1 |`);
  console.log('| --- | --- | --- | --- | --- |');
  for (const kind of kinds) {
    const name = { ...WAYS, ...PARTS }[kind as keyof typeof WAYS];
    const growth = `${(of(kind, 16).value / of(kind, 1).value).toFixed(2)} ×`;
    console.log(`| ${[name, ...SIZES.map((size) => format(of(kind, size).value)), growth].join(' | ')} |`);
  }
  for (const kind of ['linked', 'held'] as const) {
    const ratios = SIZES.map((size) => `${format(of('full prefill', size).value / of(kind, size).value)} ×`);
    console.log(`| full prefill / ${WAYS[kind]} | ${ratios.join(' | ')} | |`);
  }
  console.log('');
}
