// Hot blocks on the graphics device: each is uploaded once, kept under a byte budget, the least recently used go first.

import type { KvBlock } from '../core/kv-block';
import { freeBuffer, makeBuffer } from './gpu-buffers';

/** A block's bytes as they rest, part by part (`partsOf`), each padded to whole words. */
export interface GpuBlock {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
}

export interface GpuBlocks {
  /** The block on the device, uploaded if it is not there. Valid until the next `trim`. */
  hold(block: KvBlock): GpuBlock;
  /** Frees the least recently used beyond the budget. Work that was submitted before still reads them. */
  trim(): void;
  readonly bytes: number;
  dispose(): void;
}

export function createGpuBlocks(device: GPUDevice, budgetBytes: number): GpuBlocks {
  // A block is the same object as long as pipeline/blocks.ts holds it; nothing here keeps it alive.
  const entryOf = new WeakMap<KvBlock, GpuBlock>();
  const used = new Set<GpuBlock>(); // least recently used first
  let bytes = 0;

  function upload(block: KvBlock): GpuBlock {
    const parts = partsOf(block);
    const size = parts.reduce((sum, { byteLength }) => sum + wordsOf(byteLength), 0);
    const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = makeBuffer(device, size, usage);
    let at = 0;
    for (const part of parts) {
      write(device, buffer, at, part);
      at += wordsOf(part.byteLength);
    }
    bytes += size;
    return { buffer, bytes: size };
  }

  function free(entry: GpuBlock): void {
    used.delete(entry);
    bytes -= entry.bytes;
    freeBuffer(entry.buffer);
  }

  return {
    get bytes() {
      return bytes;
    },
    hold(block) {
      const known = entryOf.get(block);
      const entry = known !== undefined && used.delete(known) ? known : upload(block);
      used.add(entry);
      entryOf.set(block, entry);
      return entry;
    },
    trim() {
      for (const oldest of used) {
        if (bytes <= budgetBytes) break;
        free(oldest);
      }
    },
    dispose() {
      for (const entry of [...used]) free(entry);
    },
  };
}

/** What a block consists of, in the order in which it lies on the device: keys, values, and of int8 what its codes stand for. */
export function partsOf(block: KvBlock): readonly ArrayBufferView[] {
  if (block.dtype !== 'int8') return [block.keys, block.values];
  const { keyCode, valueCode } = block;
  return [block.keys, block.values, keyCode.scales, keyCode.zeros, valueCode.scales, valueCode.zeros];
}

/** Bytes rounded up to whole 4-byte words, which a copy on the device moves. */
export function wordsOf(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/** writeBuffer takes whole words: an odd half at the end goes with a zero behind it. */
function write(device: GPUDevice, buffer: GPUBuffer, at: number, numbers: ArrayBufferView): void {
  const { buffer: bytes, byteOffset, byteLength } = numbers;
  const whole = byteLength - (byteLength % 4);
  if (whole > 0) device.queue.writeBuffer(buffer, at, new Uint8Array(bytes as ArrayBuffer, byteOffset, whole));
  if (whole === byteLength) return;
  const last = new Uint8Array(4);
  last.set(new Uint8Array(bytes, byteOffset + whole, byteLength - whole));
  device.queue.writeBuffer(buffer, at + whole, last);
}
