// Encodes the photos of sibling sets with the app's encoder and mines them with the app's miner, in one worker.

import * as Comlink from 'comlink';
import { boxOverlap } from '../src/core/image';
import type { PhotoMatch } from '../src/core/match';
import { MINE_DEFAULTS } from '../src/core/stages/mine';
import { ENROL_LIMITS } from '../src/core/stages/enrol';
import type { Box, ConceptId, PatchFeatures, PhotoId, PhotoVectors, Pixels } from '../src/core/types';
import { libraryOf, type PhotoLibrary } from '../src/pipeline/photo-library';
import { recognise } from '../src/pipeline/recognise';
import { openEncoder } from '../src/runtime/encoder';
import type { OpenedEncoder } from '../src/runtime/encoder';
import { createImages } from '../src/runtime/image';
import { crowded, type Asked } from './crowded';
import {
  areaOf,
  byGlobal,
  byPatches,
  hitRate,
  isHit,
  isHitTogether,
  mineAll,
  optionsOf,
  placedElsewhere,
  siblingTopOne,
  SIGNALS,
  type SeenPhoto,
  type SeenThing,
} from './mine-figures';
import type { MarkedPhoto, SiblingSuite } from './mine';

export interface MineRequest {
  readonly encoder: string;
  readonly baseUrl: string;
  readonly folder: string; // below baseUrl, ends in '/'
  readonly suite: SiblingSuite;
  /** Real photos, for recognition by patches alone; paths below baseUrl. May be empty. */
  readonly subjects: readonly { readonly subject: string; readonly path: string }[];
}

/** Name and value; shares of 1 unless the name says otherwise. */
export type MineFigures = readonly (readonly [name: string, value: number])[];

export interface MineApi {
  mine(request: MineRequest): Promise<{ device: string; figures: MineFigures }>;
}

const K = [1, 2, 4];
const never = new AbortController().signal;

Comlink.expose({
  async mine({ encoder: id, baseUrl, folder, suite, subjects }) {
    const opened = await openEncoder(id, baseUrl);
    await opened.warmUp();
    const encode = encoderOf(opened, new URL(folder, baseUrl));
    const things: SeenThing[] = [];
    for (const { id: set, siblings } of suite.sets) {
      for (const thing of siblings) {
        things.push({
          id: thing.id,
          set,
          photos: await seen(thing.photos, suite.cells, encode),
          asked: await seen(thing.asked, suite.cells, encode),
        });
      }
    }
    const figures = [
      ...mining(things, opened),
      ...(await pairs(suite, things, opened, new URL(folder, baseUrl))),
      ...(await recognition(subjects, opened, encoderOf(opened, new URL(baseUrl)))),
      ...(await openSet(subjects, opened, new URL(baseUrl))),
      ...(await amongMany(subjects, things, opened, new URL(baseUrl))),
    ];
    return { device: opened.device.name, figures };
  },
} satisfies MineApi);

const images = createImages();

async function decoded(file: string, folder: URL): Promise<Pixels> {
  const response = await fetch(new URL(file, folder));
  return images.decode(await response.arrayBuffer(), 'image/jpeg', ENROL_LIMITS.photoEdgePx);
}

function encoderOf({ encoder }: OpenedEncoder, folder: URL): (file: string) => Promise<PatchFeatures> {
  return async (file) => encoder.encode(await decoded(file, folder), never);
}

async function seen(
  photos: readonly MarkedPhoto[],
  cells: number,
  encode: (file: string) => Promise<PatchFeatures>,
): Promise<SeenPhoto[]> {
  const out: SeenPhoto[] = [];
  for (const { file, part } of photos) {
    const counts = new Float32Array(cells * cells);
    for (let i = 0; i + 1 < part.length; i += 2) counts[part[i] as number] = part[i + 1] as number;
    out.push({ features: await encode(file), part: counts, cells });
  }
  return out;
}

function mining(things: readonly SeenThing[], { encoder }: OpenedEncoder): MineFigures {
  const mined = mineAll(things, encoder.background, optionsOf(4, []));
  const global = siblingTopOne(things, byGlobal(things));
  const figures: [string, number][] = [];
  const rules = [
    ['one box covers half of the part', isHit],
    ['the boxes together cover half', isHitTogether],
  ] as const;
  for (const [words, rule] of rules) {
    for (const k of K) figures.push([`${words}: top ${k}`, hitRate(things, mined, k, rule)]);
    for (const where of ['anywhere', 'on the subject', 'centre'] as const) {
      figures.push([`${words}: 4 of the same sizes, ${where}`, placedElsewhere(things, mined, 4, where, rule)]);
    }
  }
  const saliency = mineAll(
    things,
    encoder.background,
    optionsOf(
      4,
      SIGNALS.filter((name) => name !== 'coSegmentation'),
    ),
  );
  for (const [words, rule] of rules)
    figures.push([`${words}: top 4 by saliency alone`, hitRate(things, saliency, 4, rule)]);
  figures.push(['areas of the 4 boxes, added', areaOf(things, mined, 4)]);
  for (const k of K)
    figures.push([`siblings by patches alone, top ${k}`, siblingTopOne(things, byPatches(things, mined, k))]);
  figures.push(['siblings by the global vector alone', global]);
  figures.push([
    'patches (top 4) above the global vector',
    siblingTopOne(things, byPatches(things, mined, 4)) - global,
  ]);
  for (const name of SIGNALS) {
    const without = mineAll(things, encoder.background, optionsOf(4, [name]));
    for (const [words, rule] of rules) figures.push([`without ${name}: ${words}`, hitRate(things, without, 4, rule)]);
    figures.push([`without ${name}: siblings by patches`, siblingTopOne(things, byPatches(things, without, 4))]);
  }
  return figures;
}

/** Which of all subjects a photo shows, by mined details alone. The first photos of each are its references. */
async function recognition(
  subjects: MineRequest['subjects'],
  { encoder }: OpenedEncoder,
  encode: (path: string) => Promise<PatchFeatures>,
): Promise<MineFigures> {
  if (subjects.length === 0) return [];
  const bySubject = new Map<string, SeenPhoto[]>();
  for (const { subject, path } of subjects) {
    const photo = { features: await encode(path), part: new Float32Array(1), cells: 1 };
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), photo]);
  }
  const figures: [string, number][] = [];
  for (const references of [1, 3]) {
    const things = [...bySubject].map(([id, photos]): SeenThing => ({
      id,
      set: 'all',
      photos: photos.slice(0, references),
      asked: photos.slice(references),
    }));
    const mined = mineAll(things, encoder.background, optionsOf(Math.max(...K), []));
    const of = `dreambooth-dev, ${references} reference${references > 1 ? 's' : ''}`;
    for (const k of K)
      figures.push([`${of}: patches alone, top ${k}`, siblingTopOne(things, byPatches(things, mined, k))]);
    figures.push([`${of}: global vector alone`, siblingTopOne(things, byGlobal(things))]);
  }
  return figures;
}

/** What memory holds of things: the vectors of their photos, mined together. */
function memoryOf(things: readonly SeenThing[], { encoder }: OpenedEncoder): PhotoVectors[] {
  const mined = mineAll(things, encoder.background, MINE_DEFAULTS);
  return things.flatMap(({ id, photos }, at) =>
    photos.map(({ features }, index): PhotoVectors => ({
      photoId: `${id}-${index}` as PhotoId,
      conceptId: id as ConceptId,
      encoder: encoder.info.fingerprint,
      features,
      scoreMap: mined[at]?.[index]?.scoreMap ?? new Float32Array(0),
      subject: mined[at]?.[index]?.subject ?? new Float32Array(0),
    })),
  );
}

/** Who is on it, as the app would say. */
function lookAt(photo: Pixels, memory: PhotoLibrary, { encoder }: OpenedEncoder): Promise<PhotoMatch[]> {
  return recognise(encoder, encoder.calibration, photo, memory, never);
}

/** Photos of two things, in a memory of the first sibling of every set. */
async function pairs(
  { pairs: photos }: SiblingSuite,
  things: readonly SeenThing[],
  opened: OpenedEncoder,
  folder: URL,
): Promise<MineFigures> {
  const firsts = things.filter(({ set }, at) => things.findIndex((other) => other.set === set) === at);
  const memory = libraryOf(memoryOf(firsts, opened), opened.encoder.background);
  let [both, placed, one, foreign] = [0, 0, 0, 0];
  for (const { file, things: shown } of photos) {
    const matches = await lookAt(await decoded(file, folder), memory, opened);
    const present = matches.filter((match) => match.present);
    const found = shown.map(({ id, box: [x, y, w, h] }) => {
      const match = present.find(({ conceptId }) => conceptId === id);
      const truth: Box = { x, y, w, h };
      return { known: match !== undefined, overlap: match === undefined ? 0 : boxOverlap(match.place, truth) };
    });
    both += Number(found.every(({ known }) => known));
    placed += Number(found.every(({ overlap }) => overlap >= 0.3));
    one += Number(found.some(({ known }) => known));
    foreign += Number(present.some(({ conceptId }) => shown.every(({ id }) => id !== conceptId)));
  }
  const n = Math.max(1, photos.length);
  return [
    ['two in one photo, both found', both / n],
    ['two in one photo, both with IoU of 0.3', placed / n],
    ['two in one photo, at least one found', one / n],
    ['two in one photo, a third claimed', foreign / n],
  ];
}

const KNOWN_BY = 2; // photos of each real thing in the large memory

/** Real things among all things of the siblings' sets. */
async function amongMany(
  subjects: MineRequest['subjects'],
  things: readonly SeenThing[],
  opened: OpenedEncoder,
  folder: URL,
): Promise<MineFigures> {
  const real = new Map<string, SeenPhoto[]>();
  const asked: Asked[] = [];
  for (const { subject, path } of subjects) {
    const known = real.get(subject) ?? [];
    real.set(subject, known);
    const pixels = await decoded(path, folder);
    if (known.length < KNOWN_BY) {
      const features = await opened.encoder.encode(pixels, never);
      known.push({ features, part: new Float32Array(1), cells: 1 });
    } else asked.push({ id: subject, pixels });
  }
  if (real.size < 2) return [];
  const added = [...real].map(([id, photos]): SeenThing => ({ id, set: 'real', photos, asked: [] }));
  return crowded(memoryOf([...things, ...added], opened), asked, opened);
}

const HALVES = 4; // of the subjects, each known in half of them
const REFERENCES = 3;

/** Half of the real subjects are known by three photos, the others are strangers: who is let in at the threshold the app uses. */
async function openSet(subjects: MineRequest['subjects'], opened: OpenedEncoder, folder: URL): Promise<MineFigures> {
  const names = [...new Set(subjects.map(({ subject }) => subject))];
  if (names.length === 0) return [];
  const encode = encoderOf(opened, folder);
  const photosOf = (name: string): string[] =>
    subjects.flatMap(({ subject, path }) => (subject === name ? [path] : []));
  let [right, known, accepted, strangers] = [0, 0, 0, 0];
  for (let half = 0; half < HALVES; half++) {
    const inside = names.filter((_, at) => ((at >> (half >> 1)) + half) % 2 === 0);
    const things: SeenThing[] = [];
    for (const id of inside) {
      const photos = photosOf(id).slice(0, REFERENCES);
      const features = await Promise.all(photos.map(encode));
      things.push({
        id,
        set: 'all',
        asked: [],
        photos: features.map((one) => ({ features: one, part: new Float32Array(1), cells: 1 })),
      });
    }
    const memory = libraryOf(memoryOf(things, opened), opened.encoder.background);
    for (const name of names) {
      const isKnown = inside.includes(name);
      for (const path of photosOf(name).slice(isKnown ? REFERENCES : 0)) {
        const matches = await lookAt(await decoded(path, folder), memory, opened);
        const first = matches.find(({ present }) => present);
        if (isKnown) [known, right] = [known + 1, right + Number(first?.conceptId === name)];
        else [strangers, accepted] = [strangers + 1, accepted + Number(first !== undefined)];
      }
    }
  }
  return [
    ['dreambooth-dev, half of the things known by three photos: known and right', right / Math.max(1, known)],
    [
      'dreambooth-dev, half of the things known by three photos: strangers taken for somebody',
      accepted / Math.max(1, strangers),
    ],
  ];
}
