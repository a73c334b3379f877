// Caches as the decoder takes and gives them, on the CPU or on the GPU: made, read back, cut short, freed.
import { Tensor } from '@huggingface/transformers';
import { AppError } from '../core/errors';
import type { LayerKv } from '../core/kv-block';
import { narrow, widen } from '../core/tensor';
import type { KvShape } from '../core/types';
import { type TensorShape, truncateOnGpu } from './gpu-buffers';

export type KvDtype = 'float32' | 'float16';

/** `past_key_values.N.key|value`, each (1, kvHeads, tokens, headDim). */
export interface DeviceCache {
  readonly tokens: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

export interface CacheMethods {
  emptyCache(): DeviceCache;
  upload(cache: LayerKv): DeviceCache;
  download(cache: DeviceCache): Promise<LayerKv>;
  /** The first `tokens` rows as a cache of its own; `cache` stays valid. */
  truncate(cache: DeviceCache, tokens: number): Promise<DeviceCache>;
}

/** Frees what a cache holds on the GPU. */
export function disposeCache(cache: DeviceCache): void {
  for (const tensor of Object.values(cache.tensors)) if (tensor.location === 'gpu-buffer') tensor.dispose();
}

export function cacheMethods(kv: KvShape, dtype: KvDtype): CacheMethods {
  const layers = Array.from({ length: kv.layers }, (_, layer) => layer);
  const toTensor = (rows: Float32Array, tokens: number): Tensor => {
    const dims = [1, kv.kvHeads, tokens, kv.headDim];
    if (dtype === 'float32') return new Tensor('float32', rows, dims);
    const half = new Uint16Array(rows.length);
    narrow(rows, half);
    return new Tensor('float16', half, dims);
  };
  function upload(cache: LayerKv): DeviceCache {
    const tensors: Record<string, Tensor> = {};
    for (const layer of layers) {
      tensors[`past_key_values.${layer}.key`] = toTensor(cache.keys[layer] ?? new Float32Array(), cache.tokens);
      tensors[`past_key_values.${layer}.value`] = toTensor(cache.values[layer] ?? new Float32Array(), cache.tokens);
    }
    return { tokens: cache.tokens, tensors };
  }
  return {
    upload,
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
