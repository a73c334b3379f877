// What linking and storage lose against full prefill, question by question, on what the app remembered of a suite.

import type { BlockDtype, KvBlock } from '../src/core/kv-block';
import { encodeKvBlock } from '../src/core/kv-format';
import { cropPixels } from '../src/core/image';
import { patchSegment, turnSegment } from '../src/core/prompt';
import { assemble, END_TOKENS, recomputedTokens } from '../src/core/stages/assemble';
import { GREEDY } from '../src/core/stages/decode';
import { planBlocks, sourceId, type PlannedBlock } from '../src/core/stages/encode';
import { ENROL_LIMITS } from '../src/core/stages/enrol';
import { retrieve } from '../src/core/stages/retrieve';
import { buildTextIndex } from '../src/core/text-index';
import type { BlockKey, BlockSource, Segment } from '../src/core/types';
import type { Repair, VlmSession } from '../src/pipeline/ports';
import { createImages } from '../src/runtime/image';
import { maxDifference } from '../src/runtime/self-test';
import type { Vlm } from '../src/runtime/vlm';
import { openMemory, type Memory } from '../src/storage/memory';
import { divergence, type ExactQuestion, type ExactResult, type ExactRow, WAYS } from './exact-rows';

const never = new AbortController().signal;

/** Reads the app's own memory as enrolment left it. Questions have no photo: what is measured is memory. */
export async function measureExact(vlm: Vlm, questions: readonly ExactQuestion[]): Promise<ExactResult> {
  const memory = await openMemory();
  try {
    const [concepts, facts, patches, photos] = await Promise.all([
      memory.listConcepts(),
      memory.listFacts(),
      memory.listPatches(),
      memory.listPhotos(),
    ]);
    const view = { concepts, facts, patches, index: buildTextIndex(concepts, facts) };
    const planned = new Map<string, { name: string; plan: PlannedBlock }>();
    for (const concept of concepts) {
      const own = <T extends { conceptId: string }>(list: readonly T[]): T[] =>
        list.filter(({ conceptId }) => conceptId === concept.id);
      for (const plan of planBlocks(concept, own(facts), own(patches), own(photos))) {
        planned.set(sourceId(plan.source), { name: concept.name, plan });
      }
    }
    const known = new Map<string, Encoded>();
    const encodedOf = async (source: BlockSource): Promise<Encoded> => {
      const id = sourceId(source);
      const found = known.get(id) ?? (await encode(vlm, memory, planned.get(id)));
      known.set(id, found);
      return found;
    };

    const rows: ExactRow[] = [];
    for (const question of questions) {
      const { hits } = await retrieve(question.text, view, undefined, []);
      const { maxTokens, prefixTokens } = vlm.info;
      const turnTokens = vlm.countTokens([turnSegment(question.text)]) + GREEDY.maxTokens + END_TOKENS;
      const options = { maxTokens, prefixTokens, turnTokens };
      const encoded: Encoded[] = [];
      for (const source of assemble(hits, concepts, () => undefined, options, facts).sources)
        encoded.push(await encodedOf(source));
      if (encoded.length > 0) rows.push(await compare(vlm, question, encoded));
    }
    const used = [...known.values()];
    const single = [];
    for (const { kind, segment, blocks } of used) {
      single.push({ kind, difference: await aloneAgainstFull(vlm, segment, blocks.float32) });
    }
    const stored = (dtype: BlockDtype): number =>
      used.reduce((sum, { blocks }) => sum + encodeKvBlock(blocks[dtype], 'f'.repeat(32) as BlockKey).byteLength, 0);
    return {
      rows,
      single,
      bytes: { float32: stored('float32'), float16: stored('float16'), int8: stored('int8') },
      tokens: used.reduce((sum, { blocks }) => sum + blocks.float32.tokens, 0),
    };
  } finally {
    await memory.close();
  }
}

interface Encoded {
  readonly kind: BlockSource['kind'];
  readonly segment: Segment;
  readonly blocks: Readonly<Record<BlockDtype, KvBlock>>;
}

async function encode(
  vlm: Vlm,
  memory: Memory,
  found: { name: string; plan: PlannedBlock } | undefined,
): Promise<Encoded> {
  if (found === undefined) throw new Error('a hit without a source');
  const { name, plan } = found;
  const segment = plan.kind === 'text' ? plan.segment : patchSegment(name, await cropOf(memory, plan));
  return {
    kind: plan.source.kind,
    segment,
    blocks: {
      float32: await vlm.encodeBlockAs('float32', segment, never),
      float16: await vlm.encodeBlockAs('float16', segment, never),
      int8: await vlm.encodeBlockAs('int8', segment, never),
    },
  };
}

async function cropOf(memory: Memory, plan: PlannedBlock & { readonly kind: 'patch' }) {
  const stored = await memory.readPhoto(plan.source.photoId);
  if (stored === undefined) throw new Error('a patch without its photo');
  const pixels = await createImages().decode(stored.bytes, stored.photo.mime, ENROL_LIMITS.photoEdgePx);
  return cropPixels(pixels, plan.crop);
}

async function compare(vlm: Vlm, question: ExactQuestion, encoded: readonly Encoded[]): Promise<ExactRow> {
  const turn = turnSegment(question.text);
  const segments = encoded.map(({ segment }) => segment);
  const full = await answer(await vlm.link([], never), [...segments, turn]);
  const lengths = encoded.map(({ blocks }) => blocks.float32.tokens);
  const ways: ExactRow['ways'][number][] = [];
  let linked: Float32Array | undefined; // float32 and unrepaired: the first way
  for (const { dtype, r } of WAYS) {
    const blocks = encoded.map((one) => one.blocks[dtype]);
    const repair: Repair | undefined = r > 0 ? { recompute: r, segments } : undefined;
    const got = await answer(await vlm.link(blocks, never, repair), [turn]);
    linked ??= got.logits;
    ways.push({
      kl: divergence(full.logits, got.logits),
      klLinked: divergence(linked, got.logits),
      answer: got.text,
      recomputed: recomputedTokens(lengths, r),
    });
  }
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  return { id: question.id, blocks: encoded.length, tokens, fullAnswer: full.text, ways };
}

async function answer(session: VlmSession, turn: readonly Segment[]): Promise<{ logits: Float32Array; text: string }> {
  try {
    const logits = (await session.prefill(turn, never)).slice();
    const { text } = await session.decode(logits, GREEDY, () => undefined, never);
    return { logits, text };
  } finally {
    session.dispose();
  }
}

async function aloneAgainstFull(vlm: Vlm, segment: Segment, block: KvBlock): Promise<number> {
  const turn = turnSegment('Where does Rex sleep?');
  const [full, linked] = [await vlm.link([], never), await vlm.link([block], never)];
  try {
    return maxDifference(await full.prefill([segment, turn], never), await linked.prefill([turn], never));
  } finally {
    full.dispose();
    linked.dispose();
  }
}
