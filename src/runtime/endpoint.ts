// A larger model behind an OpenAI-compatible address: Ollama, llama.cpp, LM Studio, vLLM, transformers serve, or a hosted one. The client
// library is loaded when the first request is made, in the worker: the page never carries it.

import type OpenAI from 'openai';
import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import * as v from 'valibot';
import { AppError } from '../core/errors';
import type { LargeMessage, LargeReply, LargeRequest } from '../core/large';
import type { ChatPhoto } from '../core/types';
import { readToken, yesShare } from '../core/yes-no';
import type { EndpointOptions, LargeModel } from '../pipeline/large-model';
import { isAborted } from '../pipeline/queue';
import { guardedFetch, parseBaseUrl } from './guarded-fetch';

/** A wait that a server asks for is kept once, if a person would wait so long; longer ones are told. */
const LONGEST_WAIT_MS = 8_000;

/** Of a stream's chunk, what is read. `null` where a server writes it instead of leaving the field out. */
const PROBABLE = v.object({ token: v.string(), logprob: v.number() });
const CHUNK = v.object({
  choices: v.array(
    v.object({
      delta: v.nullish(v.object({ content: v.nullish(v.string()) })),
      finish_reason: v.nullish(v.string()),
      logprobs: v.nullish(
        v.object({ content: v.nullish(v.array(v.object({ top_logprobs: v.nullish(v.array(PROBABLE)) }))) }),
      ),
    }),
  ),
  usage: v.nullish(v.object({ prompt_tokens: v.number(), completion_tokens: v.number() })),
});
const MODELS = v.object({ data: v.nullish(v.array(v.object({ id: v.string() }))) });

/**
 * How much a server is asked to know besides the question, by its address: all, only what every server knows, or nothing (the newest
 * hosted models refuse a limit and a temperature in the old words). Lowered when it refuses a request as malformed, for as long as this runs.
 */
const MANNERS = ['full', 'plain', 'bare'] as const;
const mannerOf = new Map<string, number>();

export function openEndpoint(options: EndpointOptions): LargeModel {
  const base = parseBaseUrl(options.baseUrl);
  const { model } = options;
  return {
    model,
    to: base.origin,
    leaves: true,
    isOurs: false,
    complete: (request, onText, signal) =>
      attempt(options, base, model, signal, async (client, heard, own) => {
        const { APIError } = await import('openai');
        for (;;) {
          try {
            return await readStream(client, paramsOf(options, base, request), onText, heard, own);
          } catch (error) {
            const picky = error instanceof APIError && (error.status === 400 || error.status === 422);
            const manner = mannerOf.get(base.href) ?? 0;
            if (!picky || manner === MANNERS.length - 1) throw error;
            mannerOf.set(base.href, manner + 1);
          }
        }
      }),
  };
}

export function listModels(options: Omit<EndpointOptions, 'model'>, signal: AbortSignal): Promise<string[]> {
  const base = parseBaseUrl(options.baseUrl);
  return attempt(options, base, 'any', signal, async (client, _heard, own) => {
    const { Garbage } = await import('./endpoint-errors');
    const answered: unknown = await client.models.list({ signal: own }).then((page) => ({ data: page.data }));
    const read = v.safeParse(MODELS, answered);
    if (!read.success) throw new Garbage('no list of models');
    return (read.output.data ?? []).map(({ id }) => id).sort((a, b) => a.localeCompare(b));
  });
}

/** Runs `act` with a client, gives up after silence, waits once where the server asks to, and turns faults into sentences. */
async function attempt<T>(
  options: Omit<EndpointOptions, 'model'>,
  base: URL,
  model: string,
  signal: AbortSignal,
  act: (client: OpenAI, heard: () => void, own: AbortSignal) => Promise<T>,
): Promise<T> {
  const [{ default: Client }, errors] = await Promise.all([import('openai'), import('./endpoint-errors')]);
  const { key, timeoutMs } = options;
  const client = new Client({
    apiKey: key === '' ? 'none' : key,
    baseURL: base.href.replace(/\/+$/, ''),
    dangerouslyAllowBrowser: true, // the key is the user's own and stays in this browser
    maxRetries: 0,
    timeout: 2 * timeoutMs, // ours is shorter and knows of tokens
    fetch: guardedFetch(base, key !== ''),
    logLevel: 'off',
  });
  const asked = {
    host: base.origin,
    model,
    timeoutMs,
    pageOrigin: typeof location === 'undefined' ? '' : location.origin,
  };
  for (let waited = false; ;) {
    signal.throwIfAborted();
    const silence = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(new errors.Silence('nothing heard')), timeoutMs);
    };
    heard();
    try {
      return await act(client, heard, AbortSignal.any([signal, silence.signal]));
    } catch (error) {
      if (isAborted(signal)) throw signal.reason;
      const wait = errors.retryAfterMs(error);
      if (silence.signal.aborted) throw errors.endpointError(silence.signal.reason, asked);
      if (waited || wait === undefined || wait > LONGEST_WAIT_MS) throw errors.endpointError(error, asked);
      waited = true;
      await pause(wait, signal);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function readStream(
  client: OpenAI,
  params: ChatCompletionCreateParamsStreaming,
  onText: (text: string) => void,
  heard: () => void,
  signal: AbortSignal,
): Promise<LargeReply> {
  const { Cut, Garbage } = await import('./endpoint-errors');
  const { APIError } = await import('openai');
  const stream = await client.chat.completions.create(params, { signal });
  heard();
  let text = '';
  let finished = false;
  let chunks = 0;
  let yes: number | undefined;
  let usage: { prompt_tokens: number; completion_tokens: number } | undefined;
  try {
    for await (const chunk of stream) {
      heard();
      chunks++;
      const read = v.safeParse(CHUNK, chunk);
      if (!read.success) throw new Garbage(read.issues[0].message);
      usage = read.output.usage ?? usage;
      const [choice] = read.output.choices;
      if (choice === undefined) continue;
      const added = choice.delta?.content ?? '';
      const alternatives = choice.logprobs?.content?.[0]?.top_logprobs ?? undefined;
      if (text === '' && added !== '') yes = yesOf(alternatives);
      text += added;
      if (added !== '') onText(text);
      finished ||= choice.finish_reason !== null && choice.finish_reason !== undefined;
    }
  } catch (error) {
    const known = error instanceof APIError || error instanceof Garbage || error instanceof SyntaxError;
    throw known ? error : new Cut('the stream broke', { cause: error });
  }
  signal.throwIfAborted(); // the client ends an aborted stream as if it were whole
  if (chunks === 0) throw new Garbage('no event of the protocol came');
  if (!finished) throw new Cut('the stream ended early');
  return {
    text,
    yes,
    tokensIn: usage?.prompt_tokens ?? guess(params.messages.map(wordsOf).join(' ')),
    tokensOut: usage?.completion_tokens ?? guess(text),
    counted: usage !== undefined,
  };
}

/** Of the alternatives to the first token, the share of those that say yes among those that say yes or no. */
function yesOf(alternatives: readonly v.InferOutput<typeof PROBABLE>[] | undefined): number | undefined {
  let [yes, no] = [0, 0];
  for (const { token, logprob } of alternatives ?? []) {
    const word = readToken(token);
    if (word === 'yes') yes += Math.exp(logprob);
    if (word === 'no') no += Math.exp(logprob);
  }
  return yesShare(yes, no);
}

function paramsOf({ model, probabilities }: EndpointOptions, base: URL, request: LargeRequest) {
  const manner = MANNERS[mannerOf.get(base.href) ?? 0];
  const full = manner === 'full';
  const params: ChatCompletionCreateParamsStreaming = {
    model,
    messages: request.messages.map(messageOf),
    stream: true,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- at OpenAI alone; Ollama, llama.cpp and transformers know no other word
    ...(manner !== 'bare' && { max_tokens: request.maxTokens, temperature: 0 }),
    ...(full && { stream_options: { include_usage: true } }),
    ...(full && request.yesNo && probabilities && { logprobs: true, top_logprobs: 5 }),
  };
  return params;
}

function messageOf({ role, text, pictures }: LargeMessage): ChatCompletionMessageParam {
  if (role !== 'user' || pictures.length === 0) return { role, content: text };
  return {
    role,
    content: [
      ...pictures.map((picture) => ({ type: 'image_url' as const, image_url: { url: dataUrl(picture) } })),
      { type: 'text', text },
    ],
  };
}

function dataUrl({ mime, bytes }: ChatPhoto): string {
  const view = new Uint8Array(bytes);
  let binary = '';
  for (let at = 0; at < view.length; at += 8192) binary += String.fromCharCode(...view.subarray(at, at + 8192));
  return `data:${mime};base64,${btoa(binary)}`;
}

function wordsOf({ content }: ChatCompletionMessageParam): string {
  if (typeof content === 'string') return content;
  return (content ?? []).flatMap((part) => ('text' in part ? [part.text] : [])).join(' ');
}

function guess(text: string): number {
  return Math.ceil(text.length / 4);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new AppError('internal', 'Cancelled.'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    }, ms);
    signal.addEventListener('abort', leave, { once: true });
  });
}
