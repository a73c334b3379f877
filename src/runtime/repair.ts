// LegoLink (EPIC, arXiv 2410.15332): linked blocks have not seen each other, so the first tokens of each later block are computed
// again with everything before them in view. All tokens: full prefill, exactly. None: what was linked.
import type { LayerKv } from '../core/kv-block';
import type { KvShape, Segment } from '../core/types';
import type { Repair } from '../pipeline/ports';
import { disposeCache } from './kv-cache';
import { type Embedded, embedIds, embedSegment, prefillChunks, segmentIds } from './prefill';
import type { VlmModel } from './vlm-model';

/**
 * Overwrites rows of `linked` in place. `lengths`: tokens of each block, in linking order. Block by block, so that a later one sees
 * the earlier ones repaired; each costs a run over its first tokens and a copy of all that is before it.
 */
export async function repairLinked(
  model: VlmModel,
  linked: LayerKv,
  prefixTokens: number,
  lengths: readonly number[],
  { recompute, segments }: Repair,
  signal: AbortSignal,
): Promise<void> {
  let start = prefixTokens;
  for (const [index, length] of lengths.entries()) {
    const segment = segments[index];
    const tokens = Math.min(recompute, length);
    // The first block stands right behind the prefix, where it was encoded: there is nothing to repair.
    if (index > 0 && segment !== undefined && tokens > 0 && !isSifted(segment)) {
      const embedded = await embedStart(model, segment, tokens, signal);
      const past = model.upload(firstRows(linked, start, model.kv));
      const { cache } = await prefillChunks(model, embedded, past, signal);
      try {
        copyRows(await model.download(cache), linked, start, start + tokens, model.kv);
      } finally {
        disposeCache(cache);
      }
    }
    start += length;
  }
}

/** Rows cut out of a photo are not the first of what they were read with. */
function isSifted(segment: Segment): boolean {
  return segment.some((part) => part.kind === 'image' && part.keep !== undefined);
}

/** The first `tokens` embeddings of a segment; a picture is looked at only when one of its tokens is among them. */
async function embedStart(model: VlmModel, segment: Segment, tokens: number, signal: AbortSignal): Promise<Embedded> {
  const ids = segmentIds(model, segment).slice(0, tokens);
  if (!ids.includes(model.image.tokenId)) return embedIds(model, ids);
  const { rows } = await embedSegment(model, segment, signal);
  return { tokens, rows: rows.subarray(0, tokens * model.width) };
}

/** A copy of the rows before `tokens`: (kvHeads, tokens, headDim) per layer. */
function firstRows(cache: LayerKv, tokens: number, { kvHeads, headDim }: KvShape): LayerKv {
  const first = (layer: Float32Array): Float32Array => {
    const rows = new Float32Array(kvHeads * tokens * headDim);
    for (let head = 0; head < kvHeads; head++) {
      const from = head * cache.tokens * headDim;
      rows.set(layer.subarray(from, from + tokens * headDim), head * tokens * headDim);
    }
    return rows;
  };
  return { tokens, keys: cache.keys.map(first), values: cache.values.map(first) };
}

/** Copies rows [fromToken, toToken) of one cache to the same places of another. */
function copyRows(from: LayerKv, to: LayerKv, fromToken: number, toToken: number, { kvHeads, headDim }: KvShape): void {
  for (const part of ['keys', 'values'] as const) {
    for (const [layer, target] of to[part].entries()) {
      const source = from[part][layer];
      if (source === undefined) throw new RangeError(`layer ${layer} of ${from[part].length}`);
      for (let head = 0; head < kvHeads; head++) {
        const at = head * from.tokens * headDim;
        const rows = source.subarray(at + fromToken * headDim, at + toToken * headDim);
        target.set(rows, (head * to.tokens + fromToken) * headDim);
      }
    }
  }
}
