// The sample concepts shipped with the app: rendered by us, enrolled like anything else.

import * as v from 'valibot';
import type { ConceptId } from '../core/types';
import type { NewPhoto } from '../rpc/protocol';
import { enrol } from './memory-commands';
import { app } from './state';

const Samples = v.array(
  v.object({
    name: v.string(),
    aliases: v.array(v.string()),
    category: v.string(),
    facts: v.array(v.string()),
    photos: v.array(v.string()),
    tryPhotos: v.array(v.string()), // new photos of it, not enrolled
    questions: v.array(v.object({ text: v.string(), photo: v.optional(v.string()) })),
  }),
);
export type Sample = v.InferOutput<typeof Samples>[number];

let cached: Promise<Sample[]> | undefined;

export function readSamples(): Promise<Sample[]> {
  cached ??= fetch(sampleUrl('samples.json'))
    .then((response) => response.json())
    .then((json: unknown) => v.parse(Samples, json));
  cached.catch(() => {
    cached = undefined;
  });
  return cached;
}

/** Enrols every sample concept that is not there yet. Throws as `enrol` does. */
export async function loadSamples(): Promise<ConceptId[]> {
  const known = new Set((app.get().memory?.concepts ?? []).map((view) => view.concept.name));
  const ids: ConceptId[] = [];
  for (const sample of await readSamples()) {
    if (known.has(sample.name)) continue;
    const photos = await Promise.all(sample.photos.map(readSamplePhoto));
    ids.push(await enrol({ name: sample.name, aliases: sample.aliases, facts: sample.facts, photos }));
  }
  return ids;
}

export async function readSamplePhoto(fileName: string): Promise<NewPhoto> {
  const blob = await (await fetch(sampleUrl(fileName))).blob();
  return { fileName, mime: blob.type, bytes: await blob.arrayBuffer() };
}

export function sampleUrl(fileName: string): string {
  return `${import.meta.env.BASE_URL}samples/${fileName}`;
}
