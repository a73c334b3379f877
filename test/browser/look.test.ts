// The look on the real files: what PyTorch sees (training/look/export.py wrote it), once a picture, and not at all where there is no model for it.
import { beforeAll, expect, test } from 'vitest';
import * as v from 'valibot';
import type { LookQuery } from '../../src/core/look';
import type { Pixels } from '../../src/core/types';
import type { LookPort } from '../../src/pipeline/ports';
import { connectEncoder, exposeEncoder } from '../../src/rpc/encoder-port';
import { installTransferHandlers } from '../../src/rpc/transfer';
import { type OpenedEncoder, openEncoder } from '../../src/runtime/encoder';
import { createImages } from '../../src/runtime/image';
import { openLook } from '../../src/runtime/look';
import { openModelFiles } from '../../src/runtime/model-files';
import { NEVER } from '../support/mini';

const Golden = v.array(
  v.object({
    query: v.tuple([v.picklist([0, 1, 2]), v.number(), v.number()]),
    colours: v.array(v.number()),
    kinds: v.array(v.number()),
    place: v.array(v.number()), // presence, x0, y0, x1, y1
  }),
);

installTransferHandlers();

let encoder: OpenedEncoder;
let look: LookPort;
let looks = 0;
let pixels: Pixels;
let golden: v.InferOutput<typeof Golden>;
let queries: LookQuery[];
beforeAll(async () => {
  encoder = await openEncoder('patch', `${location.origin}/`);
  look = await lookOf('mini');
  pixels = await createImages().decode(await bytesOf('photo.png'), 'image/png', 4096);
  golden = v.parse(Golden, JSON.parse(new TextDecoder().decode(await bytesOf('look.json'))));
  queries = golden.map(({ query: [task, category, part] }) => ({ task, category, part }));
});

async function bytesOf(name: string): Promise<ArrayBuffer> {
  return (await fetch(`/test/golden/look/${name}`)).arrayBuffer();
}

async function lookOf(folder: string): Promise<LookPort> {
  const files = openModelFiles(`${location.origin}/models/${folder}/`, () => undefined);
  const opened = await openLook(files, (picture, signal) => {
    looks += 1;
    return encoder.encoder.encode(picture, signal);
  });
  if (!opened) throw new Error(`${folder} has no look.`);
  return opened;
}

test('sees what PyTorch sees, to a hundredth, and encodes a picture once', async () => {
  const findings = await look.at(pixels, queries, NEVER);
  expect(findings).toHaveLength(golden.length);
  for (const [i, expected] of golden.entries()) {
    const seen = findings[i];
    expect(distance(seen?.colours ?? [], expected.colours)).toBeLessThan(0.01);
    expect(distance(seen?.kinds ?? [], expected.kinds)).toBeLessThan(0.01);
    const { x0 = NaN, y0 = NaN, x1 = NaN, y1 = NaN } = seen?.box ?? {};
    expect(distance([seen?.present ?? NaN, x0, y0, x1, y1], expected.place)).toBeLessThan(0.01);
  }
  expect(await look.at(pixels, queries.slice(0, 1), NEVER)).toEqual(findings.slice(0, 1));
  expect(looks).toBe(1);
});

test('stops where it is told to, before it encodes', async () => {
  const before = looks;
  await expect(look.at({ ...pixels }, queries, AbortSignal.abort())).rejects.toThrow();
  expect(looks).toBe(before);
});

test('is not there for a model without one', async () => {
  await expect(lookOf('recall')).rejects.toThrow('recall has no look.');
});

test('sees through the embedded encoder, also where another one was chosen', async () => {
  const { port1, port2 } = new MessageChannel();
  const { encoder: own } = encoder;
  const chosen = { ...own, info: { ...own.info, id: 'of-the-hub' }, encode: () => Promise.reject(new Error('not me')) };
  exposeEncoder(port1, Promise.resolve({ encoder: chosen, warmUp: () => Promise.resolve() }), () =>
    Promise.resolve(encoder),
  );
  const connected = await connectEncoder(port2);
  expect(connected.encoder.info.id).toBe('of-the-hub');
  expect(await connected.see(pixels, NEVER)).toEqual(await own.encode(pixels, NEVER));
  await expect(connected.encoder.encode(pixels, NEVER)).rejects.toThrow('not me');
});

/** The greatest difference; NaN where the lengths differ. */
function distance(a: readonly number[], b: readonly number[]): number {
  return a.length === b.length ? Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)))) : NaN;
}
