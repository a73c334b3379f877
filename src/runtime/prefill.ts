// Segments to token runs, runs to embeddings, and embeddings into a cache in chunks, so that a question can be stopped while
// it is being read.
import { AppError } from '../core/errors';
import { hashParts } from '../core/hash';
import { nextChunk, notePace } from '../core/pace';
import { IMAGE_MARKS } from '../core/prompt';
import type { Box, Pixels, Segment } from '../core/types';
import { type DeviceCache, disposeCache } from './kv-cache';
import type { VlmModel } from './vlm-model';
import { toPlanes } from './pixels';

export interface Embedded {
  readonly tokens: number;
  readonly rows: Float32Array; // (tokens, width)
}

/** Segments as tokens, pictures kept apart: what is read can be compared before anything is computed. */
export interface TokenRun {
  readonly ids: readonly number[];
  readonly images: readonly TokenImage[];
}

interface TokenImage {
  readonly at: number; // first of its image tokens
  readonly pixels: Pixels;
  readonly keep: Box | undefined;
}

/** An image is its start marks, one image token a visual token, and its end mark. `before`: ids that come first. */
export function tokenRun(model: VlmModel, segments: readonly Segment[], before: readonly number[] = []): TokenRun {
  const ids: number[] = [...before];
  const images: TokenImage[] = [];
  for (const part of segments.flat()) {
    if (part.kind === 'text') {
      ids.push(...model.tokenize(part.text));
      continue;
    }
    ids.push(...model.tokenize(IMAGE_MARKS.start));
    images.push({ at: ids.length, pixels: part.pixels, keep: part.keep });
    for (let i = 0; i < model.image.tokens; i++) ids.push(model.image.tokenId);
    ids.push(...model.tokenize(IMAGE_MARKS.end));
  }
  return { ids, images };
}

export function segmentIds(model: VlmModel, segment: Segment): readonly number[] {
  return tokenRun(model, [segment]).ids;
}

/** Which tokens of a run a block keeps: all but the visual ones outside of `keep`. Visual tokens are (side, side) cells of the picture. */
export function keptTokens(model: VlmModel, { ids, images }: TokenRun): number[] {
  const side = Math.sqrt(model.image.tokens);
  const dropped = new Set<number>();
  for (const { at, keep } of images) {
    if (keep === undefined) continue;
    for (let cell = 0; cell < model.image.tokens; cell++) {
      const [x, y] = [((cell % side) + 0.5) / side, (Math.floor(cell / side) + 0.5) / side];
      // A box thinner than a cell may hold no centre: half a cell is added on every side of what is narrower.
      const [wide, high] = [Math.max(keep.w, 1 / side), Math.max(keep.h, 1 / side)];
      const [left, top] = [keep.x + (keep.w - wide) / 2, keep.y + (keep.h - high) / 2];
      const inside = x >= left && x <= left + wide && y >= top && y <= top + high;
      if (!inside) dropped.add(at + cell);
    }
  }
  return ids.flatMap((_, i) => (dropped.has(i) ? [] : [i]));
}

/** What a token of a cache depends on besides those before it: its id or, of an image token, the picture. */
export type TokenKey = number | string;

export function tokenKeys(model: VlmModel, { ids, images }: TokenRun): TokenKey[] {
  const keys: TokenKey[] = [...ids];
  for (const { at, pixels } of images) {
    const picture = hashParts([`${pixels.widthPx}x${pixels.heightPx}`, pixels.data]);
    keys.fill(picture, at, at + model.image.tokens);
  }
  return keys;
}

/** Embeds the tokens from `from` on; what the vision encoder says of each picture takes the place of its image tokens. */
export async function embedRun(model: VlmModel, run: TokenRun, from: number, signal: AbortSignal): Promise<Embedded> {
  const { image, width } = model;
  const embedded = await embedIds(model, run.ids.slice(from));
  for (const { at, pixels } of run.images) {
    if (at + image.tokens <= from) continue;
    await letMessagesIn();
    signal.throwIfAborted();
    const features = await model.embedImage(toPlanes(pixels, image.sizePx, image.sizePx, image)); // (image.tokens, width)
    const known = Math.max(0, from - at);
    embedded.rows.set(features.subarray(known * width), (at + known - from) * width);
  }
  return embedded;
}

export function embedSegment(model: VlmModel, segment: Segment, signal: AbortSignal): Promise<Embedded> {
  return embedRun(model, tokenRun(model, [segment]), 0, signal);
}

export async function embedIds(model: VlmModel, ids: readonly number[]): Promise<Embedded> {
  if (ids.length === 0) return { tokens: 0, rows: new Float32Array() };
  return { tokens: ids.length, rows: await model.embedTokens(ids) };
}

/**
 * Runs `input` behind `past`. Returns the grown cache, which is the caller's, and the logits of the last token, (vocab).
 * `past` is disposed of when this succeeds and stays as it was when it throws (an abort leaves a usable conversation).
 */
export async function prefillChunks(
  model: VlmModel,
  input: Embedded,
  past: DeviceCache,
  signal: AbortSignal,
  chunkTokens?: number, // fixed; else as many as keep pace
): Promise<{ logits: Float32Array; cache: DeviceCache }> {
  if (past.tokens + input.tokens > model.maxTokens) {
    throw new AppError('context-full', 'This is too long for the model. Ask something shorter, or start a new chat.');
  }
  let cache = past;
  let logits: Float32Array | undefined;
  try {
    for (let from = 0; from < input.tokens;) {
      await letMessagesIn();
      signal.throwIfAborted();
      const left = input.tokens - from;
      const tokens = Math.min(chunkTokens ?? nextChunk(paces.get(model), left), left);
      const rows = input.rows.subarray(from * model.width, (from + tokens) * model.width);
      const startedAt = performance.now();
      const step = await model.forward(rows, tokens, cache);
      paces.set(model, notePace(paces.get(model), tokens, performance.now() - startedAt));
      if (cache !== past) disposeCache(cache);
      ({ cache, logits } = step);
      from += tokens;
    }
    if (!logits) throw new AppError('internal', 'Nothing was given to read.');
  } catch (error) {
    if (cache !== past) disposeCache(cache);
    throw error;
  }
  disposeCache(past);
  return { logits, cache };
}

const paces = new WeakMap<VlmModel, number | undefined>(); // ms a token: [Note: Pace]

const turnstile = new MessageChannel();
const waiting: (() => void)[] = [];
turnstile.port1.onmessage = () => waiting.shift()?.();

/**
 * Lets queued messages (an abort, a call) be handled. ONNX Runtime's promises settle as microtasks, so a loop over runs
 * would shut them out until it ends; setTimeout would cost 4 ms a step.
 */
export function letMessagesIn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    turnstile.port2.postMessage(undefined);
  });
}
