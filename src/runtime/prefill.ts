// Segments to embeddings, and embeddings into a cache in chunks, so that a question can be stopped while it is being read.
import { AppError } from '../core/errors';
import { IMAGE_MARKS } from '../core/prompt';
import type { Segment } from '../core/types';
import { type DeviceCache, disposeCache, type VlmModel } from './vlm-model';
import { toPlanes } from './pixels';

/** Tokens a run: small enough to stop within a fraction of a second, large enough that matrices stay efficient. */
export const CHUNK_TOKENS = 128;

export interface Embedded {
  readonly tokens: number;
  readonly rows: Float32Array; // (tokens, width)
}

/** Token ids of a segment. An image is its start marks, one image token a visual token, and its end mark. */
export function segmentIds(model: VlmModel, segment: Segment): number[] {
  return segment.flatMap((part) => {
    if (part.kind === 'text') return model.tokenize(part.text);
    const visual = new Array<number>(model.image.tokens).fill(model.image.tokenId);
    return [...model.tokenize(IMAGE_MARKS.start), ...visual, ...model.tokenize(IMAGE_MARKS.end)];
  });
}

/** Embeds the ids, then puts what the vision encoder says of each picture in place of its image tokens. */
export async function embedSegment(model: VlmModel, segment: Segment, signal: AbortSignal): Promise<Embedded> {
  const ids = segmentIds(model, segment);
  const rows = await embedIds(model, ids);
  const { image, width } = model;
  let at = 0;
  for (const part of segment) {
    if (part.kind === 'text') continue;
    await letMessagesIn();
    signal.throwIfAborted();
    const features = await model.embedImage(toPlanes(part.pixels, image.sizePx, image.sizePx, image));
    at = ids.indexOf(image.tokenId, at);
    rows.rows.set(features, at * width);
    at += image.tokens;
  }
  return rows;
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
): Promise<{ logits: Float32Array; cache: DeviceCache }> {
  if (past.tokens + input.tokens > model.maxTokens) {
    throw new AppError('context-full', 'This is too long for the model. Ask something shorter, or start a new chat.');
  }
  let cache = past;
  let logits: Float32Array | undefined;
  try {
    for (let from = 0; from < input.tokens; from += CHUNK_TOKENS) {
      await letMessagesIn();
      signal.throwIfAborted();
      const tokens = Math.min(CHUNK_TOKENS, input.tokens - from);
      const rows = input.rows.subarray(from * model.width, (from + tokens) * model.width);
      const step = await model.forward(rows, tokens, cache);
      if (cache !== past) disposeCache(cache);
      ({ cache, logits } = step);
    }
    if (!logits) throw new AppError('internal', 'Nothing was given to read.');
  } catch (error) {
    if (cache !== past) disposeCache(cache);
    throw error;
  }
  disposeCache(past);
  return { logits, cache };
}

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
