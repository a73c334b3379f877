// Blocks between the VLM and memory: encode what is missing, read what is linked, make again what is damaged.

import { AppError, isAppError } from '../core/errors';
import { blockBytes, type BlockStamp, type KvBlock } from '../core/kv-block';
import { acceptKvBlock, encodeKvBlock } from '../core/kv-format';
import { planBlocks, sourceId, type PlannedBlock, VISUAL, visualSegment } from '../core/stages/encode';
import { ENROL_LIMITS } from '../core/stages/enrol';
import type { StoredBlock } from '../core/stages/store';
import type { BlockKey, BlockRecord, BlockSource, Concept, PhotoId, Pixels, Segment } from '../core/types';
import { blockOf, type Context, type MemoryState } from './context';
import { stampOf } from './ports';

/** Parsed blocks of recent questions: linking again needs no disk. 64 MB hold 2,900 tokens of SmolVLM-256M. */
const HELD_BYTES = 64 * 1024 * 1024;

/** So few that a question that comes meanwhile hardly waits for them. */
const WARMED_AT_ONCE = 8;

/** How a model run is scheduled: through the queue in the background, at once when the caller already holds it. */
export type RunModel = <T>(task: () => Promise<T>) => Promise<T>;

export interface LinkedBlock {
  readonly key: BlockKey;
  readonly source: BlockSource;
  readonly block: KvBlock;
}

export interface Blocks {
  /** Encodes the planned blocks that are missing or out of date, one model run each. Returns how many ran. */
  ensure(concept: Concept, plan: readonly PlannedBlock[], run: RunModel, signal: AbortSignal): Promise<number>;
  /** Blocks of these sources in their order; missing and damaged ones are encoded now. Sources that are gone are left out. */
  read(sources: readonly BlockSource[], signal: AbortSignal): Promise<LinkedBlock[]>;
  /** Reads the most used blocks into memory, as many as are held: after a start the first questions need no disk either. */
  warm(): Promise<void>;
  /** What these blocks were made from, for a repair; undefined where the source is gone. */
  segments(sources: readonly BlockSource[]): Promise<(Segment | undefined)[]>;
}

export function createBlocks(context: Context): Blocks {
  const { vlm, memory, images } = context.ports;
  const stamp = stampOf(vlm.info);
  const held = new Map<BlockKey, KvBlock>(); // least recently used first
  let lastPhoto: { id: PhotoId; pixels: Pixels } | undefined; // a photo's patches are encoded one after the other

  function hold(key: BlockKey, block: KvBlock): void {
    held.delete(key);
    held.set(key, block);
    let bytes = 0;
    for (const other of held.values()) bytes += blockBytes(other);
    for (const [oldest, other] of held) {
      if (bytes <= HELD_BYTES) break;
      held.delete(oldest);
      bytes -= blockBytes(other);
    }
  }

  async function segmentOf(concept: Concept, planned: PlannedBlock): Promise<Segment | undefined> {
    if (planned.kind === 'text') return planned.segment;
    const { photoId } = planned.source;
    if (lastPhoto?.id !== photoId) {
      const stored = await memory.readPhoto(photoId);
      if (stored === undefined) return undefined;
      const pixels = await images.decode(stored.bytes, stored.photo.mime, ENROL_LIMITS.photoEdgePx);
      lastPhoto = { id: photoId, pixels };
    }
    return visualSegment(VISUAL, concept.name, lastPhoto.pixels, planned.crop);
  }

  /** Encodes one block unless memory has it under this very address. Returns whether the model ran. */
  async function ensureOne(
    concept: Concept,
    planned: PlannedBlock,
    run: RunModel,
    signal: AbortSignal,
  ): Promise<boolean> {
    const stored = blockOf(await context.state(), planned.source);
    // A patch never changes under its id, and a renamed concept has its blocks deleted first (memory-acts.ts).
    if (planned.kind === 'patch' && stored !== undefined) return false;
    const segment = await segmentOf(concept, planned);
    if (segment === undefined) return false;
    const key = await vlm.blockKey(segment);
    if (stored?.key === key) return false;
    const block = await run(async () => {
      const now = blockOf(await context.state(), planned.source); // a question may have come first
      return now?.key === key ? undefined : vlm.encodeBlock(segment, signal);
    });
    if (block === undefined) return false;
    const state = await context.state();
    if (!isCurrent(state, concept, planned)) return true; // deleted or changed while the model ran
    const { source } = planned;
    const id = sourceId(source);
    const others = state.blocks.filter((other) => sourceId(other.source) === id && other.key !== key);
    const { usedAt, uses } = mostUsed(others) ?? { usedAt: Date.now(), uses: 0 }; // made again, not used again
    const kept = await context.keptModels();
    const model = vlm.info.fingerprint;
    const old = others.filter((other) => other.model === model || !kept.has(other.model));
    const bytes = encodeKvBlock(block, key);
    await memory.saveBlocks([{ key, source, model, tokens: block.tokens, bytes, usedAt, uses }]);
    hold(key, block);
    if (old.length > 0) await memory.deleteBlocks(old.map((other) => other.key));
    context.changed();
    return true;
  }

  async function ensure(
    concept: Concept,
    plan: readonly PlannedBlock[],
    run: RunModel,
    signal: AbortSignal,
  ): Promise<number> {
    let ran = 0;
    for (const planned of plan) {
      signal.throwIfAborted();
      if (await ensureOne(concept, planned, run, signal)) ran++;
    }
    lastPhoto = undefined; // a photo of megabytes, which may be deleted
    return ran;
  }

  /** What memory or the last questions hold; damaged blocks are deleted and count as missing. */
  async function readHeld(sources: readonly BlockSource[]): Promise<(LinkedBlock | undefined)[]> {
    const state = await context.state();
    const stored = new Set(state.blocks.map(({ key }) => key));
    for (const key of held.keys()) if (!stored.has(key)) held.delete(key); // forgotten is forgotten here too
    const keys = sources.map((source) => blockOf(state, source)?.key);
    const wanted = keys.filter((key): key is BlockKey => key !== undefined && !held.has(key));
    const records = wanted.length === 0 ? undefined : await memory.readBlocks(wanted);
    const damaged: BlockKey[] = [];
    const found = sources.map((source, index) => {
      const key = keys[index];
      if (key === undefined) return undefined;
      const record = records?.get(key);
      const block = held.get(key) ?? (record === undefined ? undefined : readable(record, stamp));
      if (block === undefined) damaged.push(key);
      else hold(key, block);
      return block === undefined ? undefined : { key, source, block };
    });
    if (damaged.length > 0) {
      await memory.deleteBlocks(damaged);
      context.changed();
    }
    return found;
  }

  return {
    ensure,
    async read(sources, signal) {
      const first = await readHeld(sources);
      const missing = new Set(sources.filter((_, index) => first[index] === undefined).map(sourceId));
      if (missing.size === 0) return first.filter((linked) => linked !== undefined);
      const state = await context.state();
      for (const concept of state.concepts) {
        const plan = planOf(state, concept).filter((planned) => missing.has(sourceId(planned.source)));
        await ensure(concept, plan, (task) => task(), signal);
      }
      return (await readHeld(sources)).filter((linked) => linked !== undefined);
    },
    async warm() {
      const mostUsed = [...(await context.state()).blockOf.values()].sort(
        (a, b) => b.uses - a.uses || b.usedAt - a.usedAt || a.key.localeCompare(b.key),
      );
      let room = HELD_BYTES;
      const fitting = mostUsed.filter(({ bytes }) => (room -= bytes) >= 0).reverse(); // the most used is held longest
      for (let i = 0; i < fitting.length; i += WARMED_AT_ONCE) {
        await readHeld(fitting.slice(i, i + WARMED_AT_ONCE).map(({ source }) => source));
      }
    },
    async segments(sources) {
      const state = await context.state();
      const segments: (Segment | undefined)[] = [];
      for (const source of sources) {
        const concept = state.concepts.find(({ id }) => id === source.conceptId);
        const id = sourceId(source);
        const planned = concept && planOf(state, concept).find((other) => sourceId(other.source) === id);
        segments.push(planned && (await segmentOf(concept, planned)));
      }
      return segments;
    },
  };
}

function mostUsed(blocks: readonly StoredBlock[]): StoredBlock | undefined {
  return blocks.toSorted((a, b) => b.uses - a.uses || b.usedAt - a.usedAt)[0];
}

/** Every block a concept needs, from memory as it is. */
export function planOf(state: MemoryState, concept: Concept): PlannedBlock[] {
  return planBlocks(
    concept,
    state.facts.filter((fact) => fact.conceptId === concept.id),
    state.patches.filter((patch) => patch.conceptId === concept.id),
    state.photos.filter((photo) => photo.conceptId === concept.id),
  );
}

/** Whether memory still wants exactly this block: its source is there and says the same. */
function isCurrent(state: MemoryState, concept: Concept, planned: PlannedBlock): boolean {
  const now = state.concepts.find((other) => other.id === concept.id);
  if (now === undefined) return false;
  const id = sourceId(planned.source);
  const same = planOf(state, now).find((other) => sourceId(other.source) === id);
  if (same === undefined || now.name !== concept.name) return false;
  return planned.kind === 'patch' || JSON.stringify(same) === JSON.stringify(planned);
}

/** Bytes that are damaged, or not this block's, are made again, never linked. */
function readable({ bytes, key, tokens }: BlockRecord, stamp: BlockStamp): KvBlock | undefined {
  try {
    return acceptKvBlock(bytes, { key, tokens, stamp });
  } catch (error) {
    if (isAppError(error) && error.code === 'bad-block') return undefined;
    throw new AppError('internal', 'A memory block could not be read.', { cause: error });
  }
}
