// The decoder on WASM with its caches in ONNX Runtime's own memory: linked there, read there, grown there. [Note: Tensors in the heap]
import type { LayerKv } from '../core/kv-block';
import type { KvShape } from '../core/types';
import type { CacheMethods, HeapCache } from './kv-cache';
import { type HeapTensor, openHeap, type OrtHeap } from './ort-heap';

export interface HeapDecoder extends CacheMethods<HeapCache> {
  /** As VlmModel.forward. */
  forward(
    embeddings: Float32Array,
    tokens: number,
    past: HeapCache,
  ): Promise<{ logits: Float32Array; cache: HeapCache }>;
}

/** Undefined where the runtime or the model is not as this needs it. Caches are float32. */
export function openHeapDecoder(
  session: { readonly inputNames: readonly string[] },
  kv: KvShape,
  width: number,
): HeapDecoder | undefined {
  const heap = openHeap();
  const layers = Array.from({ length: kv.layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  const inputs = [...Object.keys(INPUTS), ...layers.map((name) => `past_key_values.${name}`)].filter((name) =>
    session.inputNames.includes(name),
  );
  if (heap === undefined || inputs.length !== session.inputNames.length) return undefined;
  const opened = heap.open(session, inputs, ['logits', ...layers.map((name) => `present.${name}`)]);
  if (opened === undefined) return undefined;
  const given = inputs.slice(0, -layers.length) as (keyof typeof INPUTS)[];

  return {
    ...heapCaches(heap, kv),
    async forward(embeddings, tokens, past) {
      const first = given.map((name) => INPUTS[name](heap, { embeddings, tokens, past: past.tokens, width }));
      try {
        const [logits, ...rows] = await opened.run([...first, ...past.rows]);
        if (logits === undefined) throw new Error('The decoder gives no logits.');
        const last = logits.floats.slice(-(logits.dims.at(-1) ?? 0)); // of (1, 1 or tokens, vocab)
        logits.release();
        return { logits: last, cache: cacheOf(past.tokens + tokens, rows) };
      } finally {
        for (const tensor of first) tensor.release();
      }
    },
  };
}

interface Step {
  readonly embeddings: Float32Array; // (tokens, width)
  readonly tokens: number;
  readonly past: number; // tokens in the cache before
  readonly width: number;
}

/** What a decoder may take besides its cache. */
const INPUTS = {
  inputs_embeds(heap: OrtHeap, { embeddings, tokens, width }: Step): HeapTensor {
    const tensor = heap.makeFloats([1, tokens, width]);
    tensor.floats.set(embeddings);
    return tensor;
  },
  attention_mask: (heap: OrtHeap, { tokens, past }: Step) =>
    heap.makeIntegers(new Array<number>(past + tokens).fill(1), [1, past + tokens]),
  position_ids: (heap: OrtHeap, { tokens, past }: Step) =>
    heap.makeIntegers(
      Array.from({ length: tokens }, (_, i) => past + i),
      [1, tokens],
    ),
  num_logits_to_keep: (heap: OrtHeap) => heap.makeIntegers([1], []),
};

function cacheOf(tokens: number, rows: readonly HeapTensor[]): HeapCache {
  return {
    tokens,
    rows,
    release() {
      for (const tensor of rows) tensor.release();
    },
  };
}

function heapCaches(heap: OrtHeap, { layers, kvHeads, headDim }: KvShape): CacheMethods<HeapCache> {
  const emptyRows = (tokens: number): HeapTensor[] =>
    Array.from({ length: 2 * layers }, () => heap.makeFloats([1, kvHeads, tokens, headDim]));
  const viewOf = ({ tokens, rows }: HeapCache): LayerKv => ({
    tokens,
    keys: rows.filter((_, i) => i % 2 === 0).map(({ floats }) => floats),
    values: rows.filter((_, i) => i % 2 === 1).map(({ floats }) => floats),
  });

  async function fill(tokens: number, write: (rows: LayerKv) => Promise<void> | void): Promise<HeapCache> {
    const cache = cacheOf(tokens, emptyRows(tokens));
    try {
      await write(viewOf(cache));
    } catch (error) {
      cache.release();
      throw error;
    }
    return cache;
  }

  return {
    fill,
    emptyCache: () => cacheOf(0, emptyRows(0)),
    upload(from) {
      const cache = cacheOf(from.tokens, emptyRows(from.tokens));
      const into = viewOf(cache);
      for (let layer = 0; layer < layers; layer++) {
        into.keys[layer]?.set(from.keys[layer] ?? []);
        into.values[layer]?.set(from.values[layer] ?? []);
      }
      return cache;
    },
    download(cache) {
      const { tokens, keys, values } = viewOf(cache);
      const copy = (rows: Float32Array): Float32Array => rows.slice();
      return Promise.resolve({ tokens, keys: keys.map(copy), values: values.map(copy) });
    },
    truncate(cache, tokens) {
      if (tokens < 0 || tokens > cache.tokens) throw new RangeError(`truncate: ${tokens} of ${cache.tokens} tokens`);
      const kept = cacheOf(tokens, emptyRows(tokens));
      for (const [i, tensor] of cache.rows.entries()) {
        const [from, to] = [tensor.floats, kept.rows[i]?.floats];
        for (let head = 0; head < kvHeads; head++) {
          const start = head * cache.tokens * headDim;
          to?.set(from.subarray(start, start + tokens * headDim), head * tokens * headDim);
        }
      }
      return Promise.resolve(kept);
    },
  };
}
