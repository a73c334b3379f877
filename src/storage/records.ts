// Records as they come back from the disk: parsed, never trusted. A damaged one is skipped and reported, so that one bad
// record cannot take the whole memory with it.

import * as v from 'valibot';
import type {
  BlockKey,
  Chat,
  ChatId,
  Concept,
  ConceptId,
  Fact,
  FactId,
  Fingerprint,
  Message,
  MessageId,
  Patch,
  PatchId,
  Photo,
  PhotoId,
  PhotoJob,
  PhotoVectors,
} from '../core/types';
import type { BlockHead, StoreName } from './db';

/** What was found damaged; `problem` names the field. */
export interface Damage {
  readonly store: StoreName;
  readonly key: string;
  readonly problem: string;
}

export type Report = (damage: Damage) => void;

type Schema<T> = v.GenericSchema<unknown, T>;

/** The record, or undefined (and a report) when it is damaged. */
export function parse<T>(schema: Schema<T>, store: StoreName, value: unknown, report: Report): T | undefined {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  report({ store, key: keyOf(value), problem: `${v.getDotPath(issue) ?? 'record'}: ${issue.message}` });
  return undefined;
}

export function parseAll<T>(schema: Schema<T>, store: StoreName, values: readonly unknown[], report: Report): T[] {
  return values.flatMap((value) => parse(schema, store, value, report) ?? []);
}

function keyOf(value: unknown): string {
  const record = (typeof value === 'object' ? value : null) as Record<string, unknown> | null;
  const key = record?.['id'] ?? record?.['key'] ?? record?.['photoId'];
  return typeof key === 'string' ? key : '?';
}

// ---------------------------------------------------------------- fields

function brand<T extends string>() {
  return v.custom<T>((value) => typeof value === 'string' && value !== '', 'expected an id');
}

const time = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const fraction = v.pipe(v.number(), v.minValue(-0.001), v.maxValue(1.001)); // boxes are products of divisions
const floats = v.instance(Float32Array);
const box = v.object({ x: fraction, y: fraction, w: fraction, h: fraction });
const conceptId = brand<ConceptId>();
const factId = brand<FactId>();
const photoId = brand<PhotoId>();
const patchId = brand<PatchId>();

// ---------------------------------------------------------------- sources

// `undefinedable`, not `optional`: structured clone keeps a key whose value is undefined, and so do the types.
const card = v.object({
  name: v.string(),
  category: v.string(),
  caption: v.string(),
  fingerprints: v.array(v.object({ part: v.string(), descriptor: v.string() })),
  edited: v.boolean(),
});

export const conceptSchema: Schema<Concept> = v.object({
  id: conceptId,
  name: v.string(),
  aliases: v.array(v.string()),
  // A damaged card is only derived text: the concept itself is still good without it.
  card: v.fallback(v.undefinedable(card), undefined),
  createdAt: time,
  updatedAt: time,
});

export const factSchema: Schema<Fact> = v.object({ id: factId, conceptId, text: v.string(), createdAt: time });

export const photoSchema: Schema<Photo> = v.object({
  id: photoId,
  conceptId,
  widthPx: count,
  heightPx: count,
  mime: v.string(),
  bytes: count,
  pixelHash: v.string(),
  createdAt: time,
});

// ---------------------------------------------------------------- derived

export const patchSchema: Schema<Patch> = v.object({
  id: patchId,
  conceptId,
  photoId,
  box,
  score: v.number(),
  by: v.picklist(['miner', 'user']),
});

export const vectorsSchema: Schema<PhotoVectors> = v.pipe(
  v.object({
    photoId,
    conceptId,
    encoder: brand<Fingerprint>(),
    features: v.object({
      gridW: count,
      gridH: count,
      dim: count,
      grid: floats,
      globalDim: count,
      global: floats,
    }),
    scoreMap: floats,
    subject: floats,
  }),
  v.check(({ features: f, scoreMap, subject }) => {
    const cells = f.gridW * f.gridH;
    return (
      f.grid.length === cells * f.dim &&
      f.global.length === f.globalDim &&
      scoreMap.length === cells &&
      subject.length === cells
    );
  }, 'arrays do not have the lengths their shape says'),
);

const blockSource = v.variant('kind', [
  v.object({ kind: v.literal('card'), conceptId }),
  v.object({ kind: v.literal('fact'), conceptId, factId }),
  v.object({ kind: v.literal('patch'), conceptId, photoId, patchId }),
]);

export const blockSchema: Schema<BlockHead> = v.object({
  key: brand<BlockKey>(),
  source: blockSource,
  model: brand<Fingerprint>(),
  tokens: count,
  bytes: count,
  usedAt: time,
  uses: count,
});

// ---------------------------------------------------------------- journal and chats

export const jobSchema: Schema<PhotoJob> = v.object({
  photoId,
  conceptId,
  fileName: v.string(),
  stage: v.picklist(['enrol', 'mine', 'encode', 'store']),
  status: v.picklist(['waiting', 'running', 'done', 'failed', 'cancelled']),
  error: v.undefinedable(v.string()),
  updatedAt: time,
});

const sourceRef = v.variant('kind', [
  v.object({ kind: v.literal('card'), conceptId, name: v.string(), text: v.string() }),
  v.object({ kind: v.literal('fact'), conceptId, name: v.string(), factId, text: v.string() }),
  v.object({ kind: v.literal('patch'), conceptId, name: v.string(), photoId, patchId, box }),
]);

const message = v.variant('role', [
  v.object({
    id: brand<MessageId>(),
    role: v.literal('user'),
    text: v.string(),
    photo: v.optional(v.object({ mime: v.string(), bytes: v.instance(ArrayBuffer) })),
    createdAt: time,
  }),
  v.object({
    id: brand<MessageId>(),
    role: v.literal('assistant'),
    text: v.string(),
    sources: v.array(sourceRef),
    // Shown as they were, never computed with again: an old trace may have another shape than today's.
    cues: v.fallback(v.array(v.looseObject({ conceptId, name: v.string(), present: v.boolean() })), []),
    nearest: v.optional(v.string()),
    trace: v.fallback(v.optional(v.looseObject({ stages: v.array(v.unknown()) })), undefined),
    stopped: v.boolean(),
    createdAt: time,
  }),
]) as unknown as Schema<Message>;

export const chatSchema: Schema<Chat> = v.object({
  id: brand<ChatId>(),
  title: v.string(),
  messages: v.array(message),
  createdAt: time,
  updatedAt: time,
});
