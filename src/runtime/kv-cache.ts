// Caches as the decoder takes and gives them, on the CPU or on the GPU: made, read back, cut short, freed.
import { Tensor } from '@huggingface/transformers';
import { AppError } from '../core/errors';
import type { LayerKv } from '../core/kv-block';
import { narrow, widen } from '../core/tensor';
import type { KvShape } from '../core/types';
import { type TensorShape, truncateOnGpu } from './gpu-buffers';
import type { HeapTensor } from './ort-heap';

export type KvDtype = 'float32' | 'float16';

/** As transformers.js takes it: `past_key_values.N.key|value`, each (1, kvHeads, tokens, headDim). */
export interface TensorCache {
  readonly tokens: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** In ONNX Runtime's memory: key and value of each layer in turn, each (1, kvHeads, tokens, headDim). */
export interface HeapCache {
  readonly tokens: number;
  readonly rows: readonly HeapTensor[];
  release(): void;
}

/** A cache where the model runs. Runs make new ones; none is written to once it is made. */
export type DeviceCache = TensorCache | HeapCache;

export interface CacheMethods<Cache extends DeviceCache = DeviceCache> {
  emptyCache(): Cache;
  /** A cache of `tokens` rows that `write` fills, where they will be read if they can be written there. */
  fill(tokens: number, write: (rows: LayerKv) => Promise<void> | void): Promise<Cache>;
  upload(cache: LayerKv): Cache;
  download(cache: Cache): Promise<LayerKv>;
  /** The first `tokens` rows as a cache of its own; `cache` stays valid. */
  truncate(cache: Cache, tokens: number): Promise<Cache>;
}

/** Frees what a cache holds outside of JavaScript's memory. */
export function disposeCache(cache: DeviceCache): void {
  if ('rows' in cache) cache.release();
  else for (const tensor of Object.values(cache.tensors)) if (tensor.location === 'gpu-buffer') tensor.dispose();
}

/** Of caches as transformers.js takes them. */
export function cacheMethods(kv: KvShape, dtype: KvDtype): CacheMethods<TensorCache> {
  const layers = Array.from({ length: kv.layers }, (_, layer) => layer);
  const toTensor = (rows: Float32Array, tokens: number): Tensor => {
    const dims = [1, kv.kvHeads, tokens, kv.headDim];
    if (dtype === 'float32') return new Tensor('float32', rows, dims);
    const half = new Uint16Array(rows.length);
    narrow(rows, half);
    return new Tensor('float16', half, dims);
  };
  function upload(cache: LayerKv): TensorCache {
    const tensors: Record<string, Tensor> = {};
    for (const layer of layers) {
      tensors[`past_key_values.${layer}.key`] = toTensor(cache.keys[layer] ?? new Float32Array(), cache.tokens);
      tensors[`past_key_values.${layer}.value`] = toTensor(cache.values[layer] ?? new Float32Array(), cache.tokens);
    }
    return { tokens: cache.tokens, tensors };
  }
  return {
    upload,
    async fill(tokens, write) {
      const rows = (): Float32Array[] => layers.map(() => new Float32Array(kv.kvHeads * tokens * kv.headDim));
      const cache = { tokens, keys: rows(), values: rows() };
      await write(cache);
      return upload(cache);
    },
    emptyCache: () => upload({ tokens: 0, keys: [], values: [] }),
    async download(cache) {
      const read = (layer: number, part: 'key' | 'value'): Promise<Float32Array> => {
        const tensor = cache.tensors[`past_key_values.${layer}.${part}`];
        if (!tensor) throw new AppError('model-load', `The decoder keeps no ${part}s of layer ${layer}.`);
        return toCpu(tensor);
      };
      return {
        tokens: cache.tokens,
        keys: await Promise.all(layers.map((layer) => read(layer, 'key'))),
        values: await Promise.all(layers.map((layer) => read(layer, 'value'))),
      };
    },
    async truncate(cache, tokens) {
      if (tokens < 0 || tokens > cache.tokens) throw new RangeError(`truncate: ${tokens} of ${cache.tokens} tokens`);
      if (tokens === 0) return upload({ tokens: 0, keys: [], values: [] });
      const entries = Object.entries(cache.tensors);
      const shape = { kvHeads: kv.kvHeads, tokens: cache.tokens, headDim: kv.headDim };
      const onGpu = entries[0]?.[1].location === 'gpu-buffer';
      const cut = onGpu
        ? await truncateOnGpu(
            entries.map(([, tensor]) => tensor.ort_tensor),
            shape,
            tokens,
          )
        : undefined;
      const tensors = entries.map(([name, tensor], i) => {
        const kept = cut?.[i];
        return [name, kept ? new Tensor(kept) : truncateOnCpu(tensor, shape, tokens)];
      });
      return { tokens, tensors: Object.fromEntries(tensors) as Record<string, Tensor> };
    },
  };
}

function truncateOnCpu(tensor: Tensor, { kvHeads, tokens: from, headDim }: TensorShape, tokens: number): Tensor {
  const rows = tensor.data as Float32Array | Uint16Array; // (kvHeads, from, headDim)
  const count = kvHeads * tokens * headDim;
  const kept = rows instanceof Float32Array ? new Float32Array(count) : new Uint16Array(count);
  for (let head = 0; head < kvHeads; head++) {
    const start = head * from * headDim;
    kept.set(rows.subarray(start, start + tokens * headDim), head * tokens * headDim);
  }
  return new Tensor(tensor.type, kept, [1, kvHeads, tokens, headDim]);
}

/** A tensor's numbers, which must lie on the CPU. */
export function floatsOf(tensor: Tensor): Float32Array {
  return widened(tensor.data);
}

async function toCpu(tensor: Tensor): Promise<Float32Array> {
  return tensor.location === 'gpu-buffer' ? widened(await tensor.ort_tensor.getData(true)) : floatsOf(tensor);
}

/** float16 comes as a Float16Array where the engine has one, else as its bits in a Uint16Array. */
function widened(data: unknown): Float32Array {
  if (data instanceof Float32Array) return data;
  if (!ArrayBuffer.isView(data)) throw new AppError('model-load', 'The model gave a tensor of an unknown type.');
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const result = new Float32Array(bits.length);
  widen(bits, result);
  return result;
}
