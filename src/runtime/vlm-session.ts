// VlmSession: one live cache. Turns are prefilled behind it, answers decoded token by token with the sampler of core.
import { AppError } from '../core/errors';
import { DONT_KNOW, END_OF_TURN } from '../core/prompt';
import { createSampler, nameContinuation, type Sampling, writtenName } from '../core/stages/decode';
import { createTextReader, scanStops } from '../core/stages/decode-text';
import type { Decoded, VlmSession } from '../pipeline/ports';
import { type DeviceCache, disposeCache } from './kv-cache';
import {
  embedIds,
  embedRun,
  letMessagesIn,
  prefillChunks,
  type TokenKey,
  tokenKeys,
  type TokenRun,
  tokenRun,
} from './prefill';
import type { VlmModel } from './vlm-model';

const NEVER = new AbortController().signal;

/** Takes over `linked`: the prefix and the blocks. `chunkTokens`: prefill in chunks of so many, not at a pace that can be stopped. */
export function openSession(model: VlmModel, linked: DeviceCache, chunkTokens?: number): VlmSession {
  const endId = model.tokenize(END_OF_TURN)[0];
  const memoryTokens = linked.tokens;
  let cache: DeviceCache | undefined = linked;
  /** What stands in the cache behind memory. */
  const live: TokenKey[] = [];
  /** Tokens of the last answer that are not in the cache yet; what is appended next reads them first. */
  let unread: number[] = [];

  function open(): DeviceCache {
    if (!cache) throw new AppError('internal', 'This conversation was closed.');
    return cache;
  }

  /** Appends the tokens of `run` from `from` on; an abort leaves the cache as it was. */
  async function read(
    run: TokenRun,
    keys: readonly TokenKey[],
    from: number,
    signal: AbortSignal,
  ): Promise<Float32Array> {
    const embedded = await embedRun(model, run, from, signal);
    const step = await prefillChunks(model, embedded, open(), signal, chunkTokens);
    cache = step.cache;
    live.push(...keys.slice(from));
    unread = [];
    return step.logits;
  }

  async function readToken(id: number): Promise<Float32Array> {
    const step = await prefillChunks(model, await embedIds(model, [id]), open(), NEVER);
    cache = step.cache;
    live.push(id);
    return step.logits;
  }

  async function decode(
    logits: Float32Array,
    sampling: Sampling,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Decoded> {
    const { stop = [], minTokens = 0, maxTokens } = sampling;
    const sample = createSampler(sampling);
    const reader = createTextReader((ids) => model.detokenize(ids));
    const names = (sampling.names ?? []).flatMap((name) => nameTokens(model, name));
    const ids: number[] = [];
    const before = live.length;
    let firstTokenAt = performance.now();
    let text = '';
    let shown = 0; // length of `text` that may be shown
    const result = (finish: Decoded['finish']): Decoded => {
      // The whole answer is read at the next turn as it was in training: closed, and on a line of its own.
      unread = [...ids.slice(live.length - before), ...(endId === undefined ? [] : [endId]), ...model.tokenize('\n')];
      const whole = finish === 'stop-string' ? text.slice(0, shown) : text;
      return { text: whole.trim(), tokens: ids.length, firstTokenAt, finish };
    };
    const opening = sampling.opening === undefined ? [] : model.tokenize(` ${sampling.opening}`);
    let next = logits;
    const [doubt] = sampling.mustAnswer === true ? model.tokenize(` ${DONT_KNOW}`) : [];
    if (doubt !== undefined) next = logits.slice().fill(-Infinity, doubt, doubt + 1);
    for (;;) {
      await letMessagesIn();
      if (signal.aborted) return result('stopped');
      const id =
        opening[ids.length] ??
        nameContinuation(ids, names) ??
        sample(next, ids, ids.length < minTokens ? endId : undefined);
      if (ids.length === 0) firstTokenAt = performance.now();
      if (id === endId) return result('end');
      ids.push(id);
      text += reader.push(id);
      const scanned = scanStops(text, stop, shown);
      if (scanned.shown > shown) onText(text.slice(0, (shown = scanned.shown)).trim());
      if (scanned.stopped) return result('stop-string');
      if (ids.length >= maxTokens || open().tokens + 3 >= model.maxTokens) return result('length');
      next = await readToken(id); // one token: the abort is seen above
    }
  }

  return {
    get tokens() {
      return cache?.tokens ?? 0;
    },
    async prefill(segments, signal) {
      const run = tokenRun(model, segments, unread);
      return read(run, tokenKeys(model, run), 0, signal);
    },
    async replace(segments, signal) {
      const run = tokenRun(model, segments);
      const keys = tokenKeys(model, run);
      let kept = 0;
      while (kept < Math.min(keys.length - 1, live.length) && keys[kept] === live[kept]) kept++;
      if (kept < live.length) {
        const whole = open();
        cache = await model.truncate(whole, memoryTokens + kept);
        live.length = kept;
        disposeCache(whole);
      }
      const logits = await read(run, keys, kept, signal);
      return { logits, kept, prefilled: keys.length - kept };
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
