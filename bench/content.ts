// Seeded concepts for the benchmarks: names of our own, cards, facts and photos from the shipped samples.

import * as v from 'valibot';
import { cropPixels, squareBox } from '../src/core/image';
import { cardSegment, factSegment, patchSegment } from '../src/core/prompt';
import type {
  BlockSource,
  Card,
  Concept,
  ConceptId,
  Fact,
  FactId,
  PatchId,
  PhotoId,
  Pixels,
  Segment,
} from '../src/core/types';
import { createImages } from '../src/runtime/image';
import { createRng, shuffle } from '../src/core/random';

/** One concept as the app would have it after enrolment: a card, three facts and one mined patch. */
export interface BenchConcept {
  readonly concept: Concept;
  readonly facts: readonly Fact[];
  readonly photoId: PhotoId;
  readonly pixels: Pixels;
  readonly blocks: readonly { readonly source: BlockSource; readonly segment: Segment }[];
}

const FACTS = 3;

const NAMES = [
  'Bo', 'Milo', 'Juno', 'Pepper', 'Ziggy', 'Flash', 'Gizmo', 'Nala', 'Otto', 'Piper', 'Rusty', 'Sadie', 'Tango',
  'Waffle', 'Luna', 'Basil', 'Clementine', 'Dexter', 'Echo', 'Frida',
]; // prettier-ignore

const sampleSchema = v.array(
  v.object({ name: v.string(), category: v.string(), facts: v.array(v.string()), photos: v.array(v.string()) }),
);

/** The same `count` concepts for the same seed. */
export async function makeConcepts(count: number, baseUrl: string, seed: number): Promise<BenchConcept[]> {
  const folder = new URL('samples/', baseUrl);
  const samples = v.parse(sampleSchema, await (await fetch(new URL('samples.json', folder))).json());
  const images = createImages();
  const random = createRng(seed);
  const names = shuffle(NAMES, seed);
  const photos = new Map<string, Pixels>();
  const concepts: BenchConcept[] = [];
  for (let i = 0; i < count; i++) {
    const sample = samples[i % samples.length];
    const name = names[i];
    if (!sample || name === undefined) throw new Error(`no content for ${count} concepts`);
    const fileName = sample.photos[Math.floor(i / samples.length) % sample.photos.length] ?? '';
    const pixels = photos.get(fileName) ?? (await readPixels(images, new URL(fileName, folder)));
    photos.set(fileName, pixels);
    concepts.push(makeConcept(i, name, sample, pixels, random));
  }
  return concepts;
}

function makeConcept(
  index: number,
  name: string,
  sample: v.InferOutput<typeof sampleSchema>[number],
  photo: Pixels,
  random: () => number,
): BenchConcept {
  const conceptId = `bench-${index}` as ConceptId;
  const photoId = `bench-${index}-photo` as PhotoId;
  const card: Card = {
    name,
    category: sample.category,
    caption: `${name} is a small ${sample.category} that stands on a light floor, seen from the front, with a soft shadow to its right.`,
    fingerprints: [{ part: 'colour', descriptor: 'orange and white' }],
    edited: false,
  };
  const facts = shuffle(sample.facts, index)
    .slice(0, FACTS)
    .map((text, i): Fact => {
      const id = `bench-${index}-fact-${i}` as FactId;
      return { id, conceptId, text: text.replaceAll(sample.name, name), createdAt: i };
    });
  // A mined box is about a third of a photo; where it lies differs from concept to concept.
  const box = { x: 0.2 + 0.2 * random(), y: 0.2 + 0.2 * random(), w: 0.35, h: 0.35 };
  const pixels = cropPixels(photo, squareBox(box, photo, 0));
  return {
    concept: { id: conceptId, name, aliases: [], card, createdAt: index, updatedAt: index },
    facts,
    photoId,
    pixels,
    blocks: [
      { source: { kind: 'card', conceptId }, segment: cardSegment(card) },
      ...facts.map(({ id, text }) => ({
        source: { kind: 'fact', conceptId, factId: id } as const,
        segment: factSegment(name, text),
      })),
      {
        source: { kind: 'patch', conceptId, photoId, patchId: `bench-${index}-patch` as PatchId },
        segment: patchSegment(name, pixels),
      },
    ],
  };
}

async function readPixels(images: ReturnType<typeof createImages>, url: URL): Promise<Pixels> {
  const response = await fetch(url);
  return images.decode(await response.arrayBuffer(), response.headers.get('content-type') ?? 'image/jpeg', 1024);
}
