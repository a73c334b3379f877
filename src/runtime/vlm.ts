// VlmPort: segments in, K/V blocks and live sessions out. The prefix is run once; a block is encoded right behind it.
import {
  type BlockDtype,
  blockFits,
  cutRows,
  type KvBlock,
  type LayerKv,
  type RestDtype,
  restOf,
} from '../core/kv-block';
import { AppError } from '../core/errors';
import { hashParts } from '../core/hash';
import { parseModelChoice } from '../core/model-choice';
import { traitsOf } from '../core/model-traits';
import { prefixSegment } from '../core/prompt';
import type { Backend, BlockKey, Fingerprint, Segment } from '../core/types';
import { type LookPort, stampOf, type VlmInfo, type VlmPort, type Repair, type VlmSession } from '../pipeline/ports';
import { createGpuLink } from './gpu-link';
import { disposeCache } from './kv-cache';
import { embedRun, embedSegment, keptTokens, prefillChunks, segmentIds, tokenRun } from './prefill';
import { repairLinked } from './repair';
import { createLinker } from './simd-link';
import type { VlmModel } from './vlm-model';
import { openSession } from './vlm-session';

export interface VlmIdentity {
  readonly id: string;
  readonly fingerprint: Fingerprint;
  readonly backend: Backend;
  readonly device: string;
  readonly rest: RestDtype; // how encodeBlock leaves blocks
}

/** The port, and two things only the self-test and tests of exactness need. */
export interface Vlm extends VlmPort {
  /** As encodeBlock; 'float32' leaves the rounding of storage out, so that linking alone can be judged. */
  encodeBlockAs(dtype: BlockDtype, segment: Segment, signal: AbortSignal): Promise<KvBlock>;
  /** As link; prefills in chunks of `chunkTokens` whatever time they take, so that a benchmark's rival is not held up. */
  linkUnpaced(blocks: readonly KvBlock[], chunkTokens: number, signal: AbortSignal): Promise<VlmSession>;
  readonly model: VlmModel;
}

const NEVER = new AbortController().signal;

export async function createVlm(model: VlmModel, identity: VlmIdentity, look?: LookPort): Promise<Vlm> {
  const prefixIds = segmentIds(model, prefixSegment());
  const prefix = await readPrefix(model);
  const info: VlmInfo = {
    ...identity,
    kv: model.kv,
    rope: model.rope,
    prefixHash: hashParts([Int32Array.from(prefixIds)]),
    prefixTokens: prefix.tokens,
    maxTokens: model.maxTokens,
    ...traitsOf(parseModelChoice(identity.id).folder),
  };
  const stamp = stampOf(info);
  const linker = createLinker(model.kv, model.rope);

  async function encodeBlockAs(dtype: BlockDtype, segment: Segment, signal: AbortSignal): Promise<KvBlock> {
    const run = tokenRun(model, [segment]);
    const places = keptTokens(model, run).map((place) => prefix.tokens + place);
    const embedded = await embedRun(model, run, 0, signal);
    const grown = await prefillChunks(model, embedded, model.upload(prefix), signal);
    try {
      const rest = dtype === 'int8' ? restOf(model.kv, places.length, dtype) : dtype;
      return cutRows(await model.download(grown.cache), places, stamp, rest);
    } finally {
      disposeCache(grown.cache);
    }
  }

  const gpu =
    identity.backend === 'webgpu' ? await createGpuLink(model.kv, model.kvDtype, model.rope, prefix) : undefined;

  async function link(
    blocks: readonly KvBlock[],
    signal: AbortSignal,
    { repair, chunkTokens }: { repair?: Repair | undefined; chunkTokens?: number },
  ): Promise<VlmSession> {
    signal.throwIfAborted();
    for (const block of blocks) {
      if (!blockFits(block, stamp)) {
        throw new AppError('bad-block', 'A memory block belongs to another model and must be rebuilt.');
      }
    }
    const total = blocks.reduce((sum, { tokens }) => sum + tokens, prefix.tokens);
    if (total >= model.maxTokens) {
      throw new AppError('context-full', 'The memories for this question do not fit the model.');
    }
    // What is computed again must lie on the CPU.
    if (gpu !== undefined && repair === undefined) return openSession(model, gpu.link(blocks), chunkTokens);
    const lengths = blocks.map(({ tokens }) => tokens);
    const cache = await model.fill(total, async (rows) => {
      linker.linkInto(rows, prefix, blocks);
      if (repair !== undefined) await repairLinked(model, rows, prefix.tokens, lengths, repair, signal);
    });
    return openSession(model, cache, chunkTokens);
  }

  return {
    info,
    model,
    look,
    encodeBlockAs,
    countTokens: (segments) => tokenRun(model, segments).ids.length,
    encodeBlock: (segment, signal) => encodeBlockAs(identity.rest, segment, signal),
    blockKey(segment) {
      const run = tokenRun(model, [segment]);
      const pixels = run.images.flatMap(({ pixels }) => [`${pixels.widthPx}x${pixels.heightPx}`, pixels.data]);
      const kept = run.images.some(({ keep }) => keep !== undefined) ? [Int32Array.from(keptTokens(model, run))] : [];
      const ids = Int32Array.from(run.ids);
      return Promise.resolve(hashParts([identity.fingerprint, info.prefixHash, ids, ...pixels, ...kept]) as BlockKey);
    },
    link: (blocks, signal, repair) => link(blocks, signal, { repair }),
    linkUnpaced: (blocks, chunkTokens, signal) => link(blocks, signal, { chunkTokens }),
  };
}

/** K/V of the prefix, kept on the CPU: every link copies it into a fresh cache. */
async function readPrefix(model: VlmModel): Promise<LayerKv> {
  const embedded = await embedSegment(model, prefixSegment(), NEVER);
  const { cache } = await prefillChunks(model, embedded, model.emptyCache(), NEVER);
  try {
    return await model.download(cache);
  } finally {
    disposeCache(cache);
  }
}
