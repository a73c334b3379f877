// VlmSession: one live cache. Turns are prefilled behind it, answers decoded token by token with the sampler of core.
import { AppError } from '../core/errors';
import { DONT_KNOW, END_OF_TURN } from '../core/prompt';
import { createSampler, nameContinuation, type Sampling, writtenName } from '../core/stages/decode';
import type { Segment } from '../core/types';
import type { Decoded, VlmSession } from '../pipeline/ports';
import { type Embedded, embedIds, embedSegment, letMessagesIn, prefillChunks } from './prefill';
import { type DeviceCache, disposeCache, type VlmModel } from './vlm-model';

const NEVER = new AbortController().signal;

/** A character that is cut in the middle decodes to this. */
const REPLACEMENT = '\uFFFD';

/** Takes over `linked`. */
export function openSession(model: VlmModel, linked: DeviceCache): VlmSession {
  const endId = model.tokenize(END_OF_TURN)[0];
  let cache: DeviceCache | undefined = linked;
  /** Tokens of the last answer that are not in the cache yet; the next turn reads them first. */
  let unread: number[] = [];

  async function grow(input: Embedded, signal: AbortSignal): Promise<Float32Array> {
    if (!cache) throw new AppError('internal', 'This conversation was closed.');
    const step = await prefillChunks(model, input, cache, signal);
    cache = step.cache;
    return step.logits;
  }

  async function decode(
    logits: Float32Array,
    sampling: Sampling,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Decoded> {
    const sample = createSampler(sampling);
    const ids: number[] = [];
    const names = (sampling.names ?? []).flatMap((name) => nameTokens(model, name));
    let firstTokenAt = performance.now();
    let shown = '';
    const result = (finish: Decoded['finish']): Decoded => {
      // The whole answer is read at the next turn as it was in training: closed, and on a line of its own.
      unread = [
        ...(finish === 'length' ? ids.slice(-1) : []),
        ...(endId === undefined ? [] : [endId]),
        ...model.tokenize('\n'),
      ];
      return { text: readable(model.detokenize(ids)), tokens: ids.length, firstTokenAt, finish };
    };
    const opening = sampling.opening === undefined ? [] : model.tokenize(` ${sampling.opening}`);
    let next = logits;
    const [doubt] = sampling.mustAnswer === true ? model.tokenize(` ${DONT_KNOW}`) : [];
    if (doubt !== undefined) next = logits.slice().fill(-Infinity, doubt, doubt + 1);
    for (;;) {
      await letMessagesIn();
      if (signal.aborted) return result('stopped');
      const id = opening[ids.length] ?? nameContinuation(ids, names) ?? sample(next, ids);
      if (ids.length === 0) firstTokenAt = performance.now();
      if (id === endId) return result('end');
      ids.push(id);
      const text = readable(model.detokenize(ids));
      if (text !== shown) onText((shown = text));
      if (ids.length >= sampling.maxTokens || (cache?.tokens ?? 0) + 3 >= model.maxTokens) return result('length');
      next = await grow(await embedIds(model, [id]), NEVER); // one token: the abort is seen above
    }
  }

  return {
    get tokens() {
      return cache?.tokens ?? 0;
    },
    async prefill(segments: readonly Segment[], signal: AbortSignal) {
      const parts = [await embedIds(model, unread)];
      for (const segment of segments) parts.push(await embedSegment(model, segment, signal));
      const logits = await grow(join(parts, model.width), signal);
      unread = [];
      return logits;
    },
    decode,
    dispose() {
      if (cache) disposeCache(cache);
      cache = undefined;
    },
  };
}

/** A name as tokens in an answer; distinct when its first token is more than a letter. */
function nameTokens(model: VlmModel, name: string): { ids: readonly number[]; distinct: boolean }[] {
  const written = writtenName(name);
  if (written === undefined) return [];
  const ids = model.tokenize(` ${written}`);
  return [{ ids, distinct: model.detokenize(ids.slice(0, 1)).trim().length > 1 }];
}

/** What may be shown of a text whose last bytes may still be missing. The prompt ends before the space of the answer. */
function readable(text: string): string {
  let end = text.length;
  while (text.endsWith(REPLACEMENT, end) && end > 0) end--;
  return text.slice(0, end).trim();
}

function join(parts: readonly Embedded[], width: number): Embedded {
  const tokens = parts.reduce((sum, part) => sum + part.tokens, 0);
  const rows = new Float32Array(tokens * width);
  let at = 0;
  for (const part of parts) {
    rows.set(part.rows, at * width);
    at += part.tokens;
  }
  return { tokens, rows };
}
