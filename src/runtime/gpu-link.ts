// Links blocks on the graphics device: one dispatch a layer on ONNX Runtime's own device, so that K/V go from memory to the GPU
// once. linkBlocks in core is the oracle, and what WASM uses.

import { Tensor } from '@huggingface/transformers';
import type { KvBlock, LayerKv } from '../core/kv-block';
import { angleTable } from '../core/rope';
import type { KvShape, RopeSpec } from '../core/types';
import { createGpuBlocks, partsOf, wordsOf } from './gpu-blocks';
import { freeBuffer, makeBuffer, makeGpuTensor, ortDevice } from './gpu-buffers';
import type { KvDtype, TensorCache } from './kv-cache';
import { linkShader, PARAM_FIELDS, ROW_FIELDS, ROW_KIND, WORKGROUP } from './link.wgsl';

/** 256 MB hold 11,000 tokens of SmolVLM-256M in float16; a graphics card that runs the model has that to spare. Chosen, not measured. */
const BUDGET_BYTES = 256 * 1024 * 1024;

/** Uniform buffers are bound at multiples of this on every device. */
const UNIFORM_STRIDE = 256;

export interface GpuLink {
  /** The prefix and the blocks, in this order, as a cache on the device. Shapes and stamps were checked by the caller. */
  link(blocks: readonly KvBlock[]): TensorCache;
  /** Bytes of blocks on the device. */
  readonly heldBytes: number;
  dispose(): void;
}

/** `prefix`: what every link begins with, uploaded once. */
export async function createGpuLink(
  kv: KvShape,
  kvDtype: KvDtype,
  rope: RopeSpec,
  prefix: LayerKv,
  budgetBytes = BUDGET_BYTES,
): Promise<GpuLink> {
  const device = await ortDevice();
  const module = device.createShaderModule({ code: linkShader(kvDtype) });
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module, entryPoint: 'link' },
  });
  const held = createGpuBlocks(device, budgetBytes);
  const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const prefixBuffer = upload(device, prefixRows(kv, prefix), storage);
  let angles: { readonly positions: number; readonly buffer: GPUBuffer } | undefined;

  /** cos and sin of at least `positions` positions, (positions, pairs, 2); grown with the table of core. */
  function anglesFor(positions: number): GPUBuffer {
    if (angles !== undefined && angles.positions >= positions) return angles.buffer;
    if (angles !== undefined) freeBuffer(angles.buffer);
    const table = angleTable(rope, positions);
    const both = new Float32Array(2 * table.cos.length);
    for (let i = 0; i < table.cos.length; i++) {
      both[2 * i] = table.cos[i] as number;
      both[2 * i + 1] = table.sin[i] as number;
    }
    angles = { positions: table.positions, buffer: upload(device, both, storage) };
    return angles.buffer;
  }

  /** Gathers the blocks' bytes in one buffer (a copy on the device), and says where each token's numbers lie in it. */
  function gather(
    blocks: readonly KvBlock[],
    encoder: GPUCommandEncoder,
    total: number,
  ): { source: GPUBuffer; rows: GPUBuffer } {
    const sizes = blocks.map((block) => partsOf(block).reduce((sum, part) => sum + wordsOf(part.byteLength), 0));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const source = makeBuffer(device, Math.max(16, bytes), storage);
    const rows = new Uint32Array(total * ROW_FIELDS);
    let at = 0;
    let position = prefix.tokens;
    for (const block of blocks) {
      const entry = held.hold(block);
      encoder.copyBufferToBuffer(entry.buffer, 0, source, at, entry.bytes);
      const places = partsOf(block).map((part) => {
        const place = at / elementBytes(part);
        at += wordsOf(part.byteLength);
        return place;
      });
      const [keys = 0, values = 0, ...codes] = places;
      for (let index = 0; index < block.tokens; index++) {
        rows.set([keys, values, block.tokens, index, ROW_KIND[block.dtype], ...codes], position++ * ROW_FIELDS);
      }
    }
    return { source, rows: upload(device, rows, storage) };
  }

  return {
    get heldBytes() {
      return held.bytes;
    },
    link(blocks) {
      const total = blocks.reduce((sum, { tokens }) => sum + tokens, prefix.tokens);
      const shape = { kvHeads: kv.kvHeads, tokens: total, headDim: kv.headDim };
      const encoder = device.createCommandEncoder();
      const { source, rows } = gather(blocks, encoder, total);
      const params = upload(
        device,
        paramsOf(kv, rope, total, prefix.tokens),
        GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      );
      const table = anglesFor(total);
      const tensors: Record<string, Tensor> = {};
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      for (let layer = 0; layer < kv.layers; layer++) {
        const key = makeGpuTensor(device, kvDtype, shape);
        const value = makeGpuTensor(device, kvDtype, shape);
        const buffers = [rows, table, prefixBuffer, source, key.buffer, value.buffer];
        const uniform = { buffer: params, offset: layer * UNIFORM_STRIDE, size: 4 * PARAM_FIELDS.length };
        const group = device.createBindGroup({
          layout: pipeline.getBindGroupLayout(0),
          entries: [uniform, ...buffers.map((buffer) => ({ buffer }))].map((resource, binding) => ({
            binding,
            resource,
          })),
        });
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(Math.ceil((total * kv.headDim) / 2 / WORKGROUP), kv.kvHeads);
        tensors[`past_key_values.${layer}.key`] = new Tensor(key.tensor);
        tensors[`past_key_values.${layer}.value`] = new Tensor(value.tensor);
      }
      pass.end();
      device.queue.submit([encoder.finish()]);
      for (const buffer of [source, rows, params]) freeBuffer(buffer); // what was submitted still reads them
      held.trim();
      return { tokens: total, tensors };
    },
    dispose() {
      held.dispose();
      freeBuffer(prefixBuffer);
      if (angles !== undefined) freeBuffer(angles.buffer);
    },
  };
}

/** (layers, 2, kvHeads, tokens, headDim): keys and values of each layer, one behind the other. */
function prefixRows({ layers, kvHeads, headDim }: KvShape, prefix: LayerKv): Float32Array<ArrayBuffer> {
  const part = kvHeads * prefix.tokens * headDim;
  const rows = new Float32Array(Math.max(4, 2 * layers * part));
  for (let layer = 0; layer < layers; layer++) {
    rows.set(prefix.keys[layer] ?? [], 2 * layer * part);
    rows.set(prefix.values[layer] ?? [], (2 * layer + 1) * part);
  }
  return rows;
}

/** The parameters of every layer, one each UNIFORM_STRIDE bytes. */
function paramsOf(kv: KvShape, rope: RopeSpec, total: number, prefixTokens: number): Uint32Array<ArrayBuffer> {
  const stride = UNIFORM_STRIDE / 4;
  const params = new Uint32Array(kv.layers * stride);
  for (let layer = 0; layer < kv.layers; layer++) {
    const values: Record<(typeof PARAM_FIELDS)[number], number> = {
      layer,
      kvHeads: kv.kvHeads,
      headDim: kv.headDim,
      rotaryDim: rope.rotaryDim,
      total,
      prefixTokens,
      interleaved: rope.layout === 'interleaved' ? 1 : 0,
    };
    params.set(
      PARAM_FIELDS.map((field) => values[field]),
      layer * stride,
    );
  }
  return params;
}

function elementBytes(part: ArrayBufferView): number {
  return 'BYTES_PER_ELEMENT' in part ? (part.BYTES_PER_ELEMENT as number) : 1;
}

function upload(
  device: GPUDevice,
  numbers: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  usage: GPUBufferUsageFlags,
): GPUBuffer {
  const buffer = makeBuffer(device, numbers.byteLength, usage);
  device.queue.writeBuffer(buffer, 0, numbers);
  return buffer;
}
