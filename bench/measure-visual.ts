// The two kinds of visual block and 1, 2, 4 and 8 of them a concept, on the app's own memory of a suite.

import { encodeKvBlock } from '../src/core/kv-format';
import { turnSegment } from '../src/core/prompt';
import { GREEDY } from '../src/core/stages/decode';
import { planBlocks, type VisualKind, visualSegment } from '../src/core/stages/encode';
import { ENROL_LIMITS } from '../src/core/stages/enrol';
import type { BlockKey, Concept, ConceptId, Patch, Pixels } from '../src/core/types';
import type { KvBlock } from '../src/core/kv-block';
import { createImages } from '../src/runtime/image';
import type { Vlm } from '../src/runtime/vlm';
import { openMemory, type Memory } from '../src/storage/memory';

export interface VisualQuestion {
  readonly id: string;
  readonly text: string;
  readonly concept: string; // its name
}

/** One row of the table; `answers` in the order of the questions. */
export interface VisualRow {
  readonly kind: VisualKind;
  readonly patches: number; // of each concept, or as many as it has
  readonly tokens: number; // a concept, as bytes and ms
  readonly bytes: number;
  readonly ms: number;
  readonly answers: readonly string[];
}

const COUNTS = [1, 2, 4, 8];
const KINDS: readonly VisualKind[] = ['crop', 'rows'];
const never = new AbortController().signal;

/** Questions are answered behind the patches alone: what is measured is what they tell. */
export async function measureVisual(vlm: Vlm, questions: readonly VisualQuestion[]): Promise<VisualRow[]> {
  const memory = await openMemory();
  try {
    const concepts = (await memory.listConcepts()).filter(({ name }) => questions.some((one) => one.concept === name));
    const rows: VisualRow[] = [];
    for (const kind of KINDS) {
      const made = new Map<ConceptId, Made[]>();
      for (const concept of concepts) made.set(concept.id, await encodeAll(vlm, memory, concept, kind));
      for (const count of COUNTS) {
        const sums = { tokens: 0, bytes: 0, ms: 0 };
        for (const blocks of made.values()) {
          for (const { block, bytes, ms } of blocks.slice(0, count)) {
            sums.tokens += block.tokens / concepts.length;
            sums.bytes += bytes / concepts.length;
            sums.ms += ms / concepts.length;
          }
        }
        const answers: string[] = [];
        for (const { concept, text } of questions) {
          const id = concepts.find(({ name }) => name === concept)?.id;
          const blocks = (id === undefined ? [] : (made.get(id) ?? [])).slice(0, count);
          answers.push(
            await answerOf(
              vlm,
              blocks.map(({ block }) => block),
              text,
            ),
          );
        }
        rows.push({ kind, patches: count, ...sums, answers });
      }
    }
    return rows;
  } finally {
    await memory.close();
  }
}

interface Made {
  readonly block: KvBlock;
  readonly bytes: number; // stored
  readonly ms: number;
}

/** Blocks of the concept's patches: of every photo the whole subject first, then the best details. */
async function encodeAll(vlm: Vlm, memory: Memory, concept: Concept, kind: VisualKind): Promise<Made[]> {
  const [patches, photos] = [await memory.listPatches(concept.id), await memory.listPhotos(concept.id)];
  const size = ({ box }: Patch): number => box.w * box.h;
  const largest = new Map(photos.map(({ id }) => [id, Math.max(...patches.filter((p) => p.photoId === id).map(size))]));
  const isWhole = (patch: Patch): number => (size(patch) === largest.get(patch.photoId) ? 1 : 0);
  const ranked = [...patches].sort((a, b) => isWhole(b) - isWhole(a) || b.score - a.score || a.id.localeCompare(b.id));
  const plan = planBlocks(concept, [], ranked, photos);
  const pixels = new Map<string, Pixels>();
  const made: Made[] = [];
  for (const planned of plan) {
    if (planned.kind !== 'patch') continue;
    const { photoId } = planned.source;
    const photo = pixels.get(photoId) ?? (await pixelsOf(memory, photoId));
    pixels.set(photoId, photo);
    const segment = visualSegment(kind, concept.name, photo, planned.crop);
    const startedAt = performance.now();
    const block = await vlm.encodeBlock(segment, never);
    const ms = performance.now() - startedAt;
    made.push({ block, bytes: encodeKvBlock(block, 'f'.repeat(32) as BlockKey).byteLength, ms });
  }
  return made;
}

async function pixelsOf(memory: Memory, id: Parameters<Memory['readPhoto']>[0]): Promise<Pixels> {
  const stored = await memory.readPhoto(id);
  if (stored === undefined) throw new Error('a patch without its photo');
  return createImages().decode(stored.bytes, stored.photo.mime, ENROL_LIMITS.photoEdgePx);
}

async function answerOf(vlm: Vlm, blocks: readonly KvBlock[], question: string): Promise<string> {
  const session = await vlm.link(blocks, never);
  try {
    const logits = await session.prefill([turnSegment(question)], never);
    return (await session.decode(logits, GREEDY, () => undefined, never)).text;
  } finally {
    session.dispose();
  }
}
