// Encodes photos with the app's encoder and with its teacher, in one worker: scores between all photos, and times.

import * as Comlink from 'comlink';
import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { type MatchCurve, matchPhoto } from '../src/core/match';
import { cosine } from '../src/core/tensor';
import type { ConceptId, PatchFeatures, PhotoId, PhotoVectors, Pixels } from '../src/core/types';
import { ENROL_LIMITS } from '../src/core/stages/enrol';
import { openEncoder } from '../src/runtime/encoder';
import type { OpenedEncoder } from '../src/runtime/encoder';
import { createImages } from '../src/runtime/image';
import { toPlanes } from '../src/runtime/pixels';

export interface RecogniseRequest {
  readonly encoder: string; // id under models/
  readonly baseUrl: string;
  readonly photos: readonly string[]; // paths below baseUrl
  readonly teacher: string; // path of its ONNX file below baseUrl
}

export interface Recognised {
  readonly device: string;
  /** (photos, photos): the app's match score of a query (row) with one stored photo (column). */
  readonly score: Float32Array;
  /** (photos, photos): cosine of the teacher's embeddings. */
  readonly teacherScore: Float32Array;
  readonly shipped: MatchCurve; // of a thing with three photos
  readonly encodeMs: readonly number[]; // a photo to features: resize and network
  readonly networkMs: readonly number[];
  readonly teacherMs: readonly number[]; // network alone
}

export interface RecogniseApi {
  recognise(request: RecogniseRequest): Promise<Recognised>;
}

/** How the teacher was trained to be fed: training/patch/photos.py does the same. */
const TEACHER = { side: 224, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], filter: 'bicubic' } as const;
const never = new AbortController().signal;

Comlink.expose({
  async recognise({ encoder: id, baseUrl, photos, teacher: teacherPath }) {
    const opened = await openEncoder(id, baseUrl); // first: it tells ONNX Runtime where its files are
    await opened.warmUp();
    const embed = await openTeacher(new URL(teacherPath, baseUrl));
    const images = createImages();
    const features: PatchFeatures[] = [];
    const embeddings: Float32Array[] = [];
    const [encodeMs, networkMs, teacherMs]: [number[], number[], number[]] = [[], [], []];
    for (const path of photos) {
      const response = await fetch(new URL(path, baseUrl));
      const pixels = await images.decode(await response.arrayBuffer(), 'image/jpeg', ENROL_LIMITS.photoEdgePx);
      const planes = toPlanes(pixels, TEACHER.side, TEACHER.side, TEACHER);
      // In turn, so that what else the machine does falls on all alike.
      features.push(await timed(encodeMs, () => opened.encoder.encode(pixels, never)));
      await timed(networkMs, () => opened.encodePlanes(planes));
      embeddings.push(await timed(teacherMs, () => embed(planes)));
    }
    return {
      device: opened.device.name,
      score: appScores(features, opened),
      teacherScore: table(embeddings, (query, stored) => cosine(query, stored)),
      shipped: opened.encoder.calibration,
      encodeMs,
      networkMs,
      teacherMs,
    };
  },
} satisfies RecogniseApi);

/** Each photo asked against each alone. Symmetric, as the app's score is. */
function appScores(features: readonly PatchFeatures[], { encoder }: OpenedEncoder): Float32Array {
  const vectors = features.map((one, i): PhotoVectors => {
    const cells = one.gridW * one.gridH;
    return {
      photoId: `photo-${i}` as PhotoId,
      conceptId: `photo-${i}` as ConceptId,
      encoder: encoder.info.fingerprint,
      features: one,
      scoreMap: new Float32Array(cells),
      subject: new Float32Array(cells).fill(1), // only says where a match is, not how good
    };
  });
  return table(vectors, (query, stored) => {
    const [match] = matchPhoto(query.features, [stored], encoder.background, encoder.calibration);
    if (!match) throw new Error('a photo did not match itself');
    return match.score;
  });
}

/** (items, items), computed once for each pair. */
function table<T>(items: readonly T[], score: (query: T, stored: T) => number): Float32Array {
  const n = items.length;
  const scores = new Float32Array(n * n);
  items.forEach((query, i) => {
    items.slice(0, i + 1).forEach((stored, j) => {
      scores[i * n + j] = scores[j * n + i] = score(query, stored);
    });
  });
  return scores;
}

async function openTeacher(url: URL): Promise<(planes: Float32Array) => Promise<Float32Array>> {
  const bytes = await (await fetch(url)).arrayBuffer();
  const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 });
  const embed = async (planes: Float32Array): Promise<Float32Array> => {
    const input = new Tensor('float32', planes, [1, 3, TEACHER.side, TEACHER.side]);
    const { embedding } = await session.run({ pixel_values: input });
    if (!(embedding?.data instanceof Float32Array)) throw new Error('the teacher gave no embedding');
    return embedding.data;
  };
  await embed(toPlanes(grey(), TEACHER.side, TEACHER.side, TEACHER)); // warms up
  return embed;
}

function grey(): Pixels {
  return { widthPx: 8, heightPx: 8, data: new Uint8ClampedArray(8 * 8 * 4).fill(128) };
}

async function timed<T>(times: number[], act: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await act();
  times.push(performance.now() - startedAt);
  return result;
}
