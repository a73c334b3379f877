// Linking on the CPU at the speed of memory? The same bytes decoded, rotated and placed, and merely copied, in turn.

import { blockBytes, type KvBlock, type LayerKv } from '../src/core/kv-block';
import { encodeKvBlock, parseKvBlock } from '../src/core/kv-format';
import { linkInto } from '../src/core/kv-link';
import type { BlockKey, KvShape } from '../src/core/types';
import { disposeCache } from '../src/runtime/kv-cache';
import { createLinker, type Linker } from '../src/runtime/simd-link';
import type { Vlm } from '../src/runtime/vlm';
import type { BenchConcept } from './content';
import type { Sample } from './measure.worker';

/** A run moves at least this much, so that the clock's 5 to 100 µs do not matter. */
const BYTES_A_RUN = 256e6;
/** Beyond any processor's caches: what memory itself does. A cache of one concept fits in one and is copied far faster. */
const MACHINE_BYTES = 64e6;
const never = new AbortController().signal;

/**
 * For each number of concepts: seconds a byte of linked cache (float32, as the model takes it), for float16 and int8 blocks and for
 * copying a cache of the same size. Both write into arrays that were there; "question" writes where the model reads, as a question does.
 */
export async function measureLink(
  vlm: Vlm,
  concepts: readonly BenchConcept[],
  sizes: readonly number[],
  runs: number,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const { kv, rope } = vlm.info;
  const [machineFrom, machineTo] = [new Float32Array(MACHINE_BYTES / 4).fill(1), new Float32Array(MACHINE_BYTES / 4)];
  const linker = createLinker(kv, rope);
  const prefix = cacheOf(kv, vlm.info.prefixTokens);
  for (const size of sizes) {
    const segments = concepts.slice(0, size).flatMap(({ blocks }) => blocks.map(({ segment }) => segment));
    const [halves, codes]: [KvBlock[], KvBlock[]] = [[], []];
    for (const segment of segments) {
      halves.push(await vlm.encodeBlockAs('float16', segment, never));
      codes.push(await vlm.encodeBlockAs('int8', segment, never));
    }
    const tokens = halves.reduce((sum, block) => sum + block.tokens, prefix.tokens);
    const [into, other] = [cacheOf(kv, tokens), cacheOf(kv, tokens)];
    const bytes = 2 * 4 * kv.layers * kv.kvHeads * kv.headDim * tokens;
    const times = Math.max(1, Math.round(BYTES_A_RUN / runs / bytes));
    const stored = codes.map((block) => encodeKvBlock(block, '' as BlockKey));
    const rivals: Record<string, () => unknown> = {
      memcpy: () => copyInto(into, other),
      'link float16': () => linker.linkInto(into, prefix, halves),
      'link int8': () => linker.linkInto(into, prefix, codes),
      'oracle int8': () => linkInto(into, prefix, codes, kv, rope),
      'question float16': () => linkForModel(vlm, linker, prefix, halves, tokens),
      'question int8': () => linkForModel(vlm, linker, prefix, codes, tokens),
      'check int8': () => stored.map((block) => parseKvBlock(block)),
    };
    const speeds = new Map(Object.keys(rivals).map((name) => [name, [] as number[]]));
    const machine: number[] = [];
    for (let run = -1; run < runs; run++) {
      const copyAt = performance.now();
      machineTo.set(machineFrom);
      if (run >= 0) machine.push(MACHINE_BYTES / (performance.now() - copyAt) / 1e6);
      for (const [name, act] of Object.entries(rivals)) {
        const startedAt = performance.now();
        for (let time = 0; time < times; time++) await act();
        const seconds = (performance.now() - startedAt) / 1000;
        if (run >= 0) speeds.get(name)?.push((bytes * times) / seconds / 1e9);
      }
    }
    samples.push(
      ...[...speeds].map(([name, values]) => ({ name: `${name} ${size}`, unit: 'GB/s', values })),
      { name: `machine ${size}`, unit: 'GB/s', values: machine },
      { name: `tokens ${size}`, unit: 'tokens', values: [tokens] },
      { name: `bytes ${size}`, unit: 'bytes', values: [bytes] },
      { name: `rest float16 ${size}`, unit: 'bytes', values: [sum(halves.map(blockBytes))] },
      { name: `rest int8 ${size}`, unit: 'bytes', values: [sum(codes.map(blockBytes))] },
    );
  }
  return samples;
}

/** Into the memory that the model reads it from, and freed again. */
async function linkForModel(
  { model }: Vlm,
  linker: Linker,
  prefix: LayerKv,
  blocks: readonly KvBlock[],
  tokens: number,
): Promise<void> {
  disposeCache(await model.fill(tokens, (rows) => linker.linkInto(rows, prefix, blocks)));
}

function cacheOf({ layers, kvHeads, headDim }: KvShape, tokens: number): LayerKv {
  const make = (): Float32Array[] =>
    Array.from({ length: layers }, () => new Float32Array(kvHeads * tokens * headDim).fill(0.5));
  return { tokens, keys: make(), values: make() };
}

function copyInto(into: LayerKv, from: LayerKv): void {
  for (const part of ['keys', 'values'] as const) {
    for (const [layer, rows] of from[part].entries()) into[part][layer]?.set(rows);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
