// Sessions on the real model (WASM): greedy decoding, streaming, stopping in prefill and in decode, and a second turn.
import { beforeAll, describe, expect, test } from 'vitest';
import { isAbort, isAppError } from '../../src/core/errors';
import { MAX_CHUNK } from '../../src/core/pace';
import { DONT_KNOW, factSegment, prefixSegment, turnSegment } from '../../src/core/prompt';
import { GREEDY } from '../../src/core/stages/decode';
import type { VlmSession } from '../../src/pipeline/ports';
import { tokenRun } from '../../src/runtime/prefill';
import { maxDifference } from '../../src/runtime/self-test';
import type { Vlm } from '../../src/runtime/vlm';
import { loadMini, NEVER, picture } from '../support/mini';

let vlm: Vlm;
beforeAll(async () => {
  ({ vlm } = await loadMini('wasm'));
});

const FACT = factSegment('Bo', 'Bo sleeps on the blue sofa.');
const QUESTION = turnSegment('Where does Bo sleep?');
/** Long enough for several chunks. */
const LONG = Array.from({ length: 40 }, (_, i) => factSegment(`Bo ${i}`, 'Bo sleeps on the blue sofa all day long.'));

async function opened(): Promise<VlmSession> {
  return vlm.link([await vlm.encodeBlock(FACT, NEVER)], NEVER);
}

describe('decode', () => {
  test('is repeatable, streams growing text and ends it where the result ends', async () => {
    const texts: string[] = [];
    const answers: string[] = [];
    for (let round = 0; round < 2; round++) {
      const session = await opened();
      const logits = await session.prefill([QUESTION], NEVER);
      const { text, tokens, finish } = await session.decode(
        logits,
        { ...GREEDY, maxTokens: 24 },
        (sofar) => texts.push(sofar),
        NEVER,
      );
      expect(tokens).toBeGreaterThan(0);
      expect(['end', 'length']).toContain(finish);
      answers.push(text);
      session.dispose();
    }
    expect(answers[0]).toBe(answers[1]);
    expect(texts.at(-1)).toBe(answers[1]);
    expect(texts.join('')).not.toContain('\uFFFD');
    expect(texts.join('')).not.toContain('<end_of_utterance>');
  });

  test('stops between two tokens and says so', async () => {
    const session = await opened();
    const logits = await session.prefill([QUESTION], NEVER);
    const controller = new AbortController();
    const stopAtFirst = (): void => {
      controller.abort();
    };
    // A sampler that hates what it has said goes on long enough to be stopped.
    const sampling = { ...GREEDY, repetitionPenalty: 50, temperature: 2, maxTokens: 60 };
    const { tokens, finish } = await session.decode(logits, sampling, stopAtFirst, controller.signal);
    expect(finish).toBe('stopped');
    expect(tokens).toBeLessThan(60);
    session.dispose();
  });

  test('ends before a stop string that lies across tokens, and shows nothing of it', async () => {
    const session = await opened();
    const logits = await session.prefill([QUESTION], NEVER);
    const whole = await session.decode(logits, { ...GREEDY, maxTokens: 24 }, () => undefined, NEVER);
    session.dispose();
    const middle = Math.floor(whole.text.length / 2);
    const stop = whole.text.slice(middle - 2, middle + 3); // begins and ends inside tokens, or across them
    const again = await opened();
    const texts: string[] = [];
    const cut = await again.decode(
      await again.prefill([QUESTION], NEVER),
      { ...GREEDY, maxTokens: 24, stop: [stop] },
      (text) => texts.push(text),
      NEVER,
    );
    expect(cut.finish).toBe('stop-string');
    expect(cut.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)).trim());
    for (const text of texts) expect(cut.text.startsWith(text)).toBe(true);
    again.dispose();
  });

  test('gives the tokens of generate() and exactly as many as are asked for', async () => {
    const { model } = vlm;
    const prompt = [prefixSegment(), FACT, QUESTION];
    const expected = await model.generate(tokenRun(model, prompt).ids, 12);
    expect(expected.ids.length).toBe(12);
    const session = await vlm.link([], NEVER);
    const logits = await session.prefill([FACT, QUESTION], NEVER);
    const sampling = { ...GREEDY, minTokens: 12, maxTokens: 12 };
    const said = await session.decode(logits, sampling, () => undefined, NEVER);
    expect(said.tokens).toBe(12);
    expect(said.text).toBe(model.detokenize(expected.ids).trim());
    session.dispose();
  });

  test('leaves a conversation that takes a second turn', async () => {
    const session = await opened();
    await session.decode(
      await session.prefill([QUESTION], NEVER),
      { ...GREEDY, maxTokens: 12 },
      () => undefined,
      NEVER,
    );
    const before = session.tokens;
    const logits = await session.prefill([turnSegment('Why?')], NEVER);
    expect(session.tokens).toBeGreaterThan(before);
    expect(logits.every(Number.isFinite)).toBe(true);
    session.dispose();
  });
});

describe('a sure find', () => {
  const said = async (mustAnswer: boolean): Promise<string> => {
    const session = await vlm.link([], NEVER);
    const logits = await session.prefill([QUESTION], NEVER);
    const { text } = await session.decode(logits, { ...GREEDY, mustAnswer, maxTokens: 8 }, () => undefined, NEVER);
    session.dispose();
    return text;
  };

  test('overrules doubt', async () => {
    expect(await said(false)).toBe(DONT_KNOW); // nothing is linked
    expect(await said(true)).not.toMatch(/^I don't/);
  });
});

describe('replace', () => {
  const OTHER = turnSegment('Where does Bo eat?');

  test('keeps the common prefix of another question, and all but the last token of the same', async () => {
    const session = await opened();
    const linked = session.tokens;
    const first = await session.replace([QUESTION], NEVER);
    expect(first).toMatchObject({ kept: 0, prefilled: session.tokens - linked });
    await session.decode(first.logits, { ...GREEDY, maxTokens: 8 }, () => undefined, NEVER);

    const other = await session.replace([OTHER], NEVER);
    expect(other.kept).toBeGreaterThan(2); // "User: Where does Bo"
    expect(other.prefilled).toBeLessThan(tokenRun(vlm.model, [OTHER]).ids.length);
    expect(session.tokens).toBe(linked + other.kept + other.prefilled);
    const fresh = await opened();
    expect(maxDifference(other.logits, await fresh.prefill([OTHER], NEVER))).toBeLessThan(1e-4);
    fresh.dispose();

    const same = await session.replace([OTHER], NEVER);
    expect(same.prefilled).toBe(1);
    expect(maxDifference(same.logits, other.logits)).toBeLessThan(1e-4);
    session.dispose();
  });

  test('keeps what was decoded when it is read again as a turn, and tells pictures apart', async () => {
    const session = await opened();
    const shown = (red: number) => turnSegment('What is this?', '', picture(red, 30, 40));
    const first = await session.replace([shown(200)], NEVER);
    const again = await session.replace([shown(200), QUESTION], NEVER);
    expect(again.kept).toBe(first.prefilled);
    const another = await session.replace([shown(201), QUESTION], NEVER);
    expect(another.kept).toBeLessThan(first.prefilled - vlm.model.image.tokens);
    session.dispose();
  });

  test('stopped in the middle leaves the common prefix', async () => {
    const session = await opened();
    await session.replace([QUESTION], NEVER);
    const controller = new AbortController();
    const reading = session.replace([...LONG, OTHER], controller.signal).catch((error: unknown) => error);
    setTimeout(() => {
      controller.abort();
    }, 20);
    expect(isAbort(await reading)).toBe(true);
    const fresh = await opened();
    const { logits } = await session.replace([OTHER], NEVER);
    expect(maxDifference(logits, await fresh.prefill([OTHER], NEVER))).toBeLessThan(1e-4);
    session.dispose();
    fresh.dispose();
  });
});

describe('prefill', () => {
  test('in chunks equals prefill of one segment after the other', async () => {
    const whole = await vlm.link([], NEVER);
    const pieces = await vlm.link([], NEVER);
    const expected = await whole.prefill([...LONG, QUESTION], NEVER);
    expect(whole.tokens).toBeGreaterThan(2 * MAX_CHUNK);
    let got = new Float32Array();
    for (const segment of [...LONG, QUESTION]) got = new Float32Array(await pieces.prefill([segment], NEVER));
    expect(maxDifference(expected, got)).toBeLessThan(1e-3);
    whole.dispose();
    pieces.dispose();
  });

  test('stops between chunks, rejects with the reason, and leaves the session as it was', async () => {
    const session = await opened();
    const before = session.tokens;
    const controller = new AbortController();
    const prefilling = session.prefill([...LONG, QUESTION], controller.signal).catch((error: unknown) => error);
    setTimeout(() => {
      controller.abort();
    }, 20);
    const started = performance.now();
    expect(isAbort(await prefilling)).toBe(true);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(session.tokens).toBe(before);
    const after = await session.prefill([QUESTION], NEVER);
    const fresh = await opened();
    expect(maxDifference(after, await fresh.prefill([QUESTION], NEVER))).toBeLessThan(1e-5);
    session.dispose();
    fresh.dispose();
  });

  test('refuses what the model has no positions for', async () => {
    const session = await vlm.link([], NEVER);
    const tooLong = Array.from({ length: 40 }, () => LONG).flat();
    const refused: unknown = await session.prefill(tooLong, NEVER).catch((error: unknown) => error);
    expect(isAppError(refused) && refused.code).toBe('context-full');
    session.dispose();
  });
});
