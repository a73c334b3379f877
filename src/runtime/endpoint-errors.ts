// What can go wrong with a server, as sentences that say what to do.

import { APIConnectionError, APIError, APIUserAbortError } from 'openai';
import { AppError, isAppError } from '../core/errors';

/** The server's word that it is heard from no more. */
export class Silence extends Error {}
/** The stream ended before the answer did. */
export class Cut extends Error {}
/** What came is not what the protocol says. */
export class Garbage extends Error {}

export interface Asked {
  readonly host: string;
  readonly model: string;
  readonly timeoutMs: number;
  readonly pageOrigin: string;
}

export function endpointError(error: unknown, asked: Asked): AppError {
  if (isAppError(error)) return error;
  return new AppError('large-model', sentenceOf(error, asked), { cause: error });
}

function sentenceOf(error: unknown, asked: Asked): string {
  const { host, model, timeoutMs } = asked;
  if (error instanceof Silence) {
    return `${host} said nothing for ${Math.round(timeoutMs / 1000)} s. It may still be loading its model: try again, or give it more time in Settings.`;
  }
  if (error instanceof Cut) return `The connection to ${host} broke in the middle of the answer. Ask again.`;
  if (error instanceof Garbage || error instanceof SyntaxError) {
    return `${host} answered with something Jarvis cannot read. Check that the address in Settings is that of an OpenAI-compatible server; it usually ends in /v1.`;
  }
  if (error instanceof APIUserAbortError) return `The request to ${host} was given up.`;
  if (error instanceof APIConnectionError || !(error instanceof APIError)) return unreachable(error, asked);
  switch (error.status) {
    case 401:
    case 403:
      return `${host} did not accept the key. Check the key in Settings, and that it may use ${model}.`;
    case 404:
      return `${host} knows no model “${model}” under this address. Check both in Settings; the address usually ends in /v1.`;
    case 408:
    case 504:
      return `${host} took too long. Try again, or choose a smaller model there.`;
    case 413:
      return `${host} found the question too large. Ask without a picture, or in a new chat.`;
    case 429: {
      const wait = retryAfterMs(error);
      const when = wait === undefined ? 'in a while' : `in ${Math.ceil(wait / 1000)} s`;
      return `${host} has too much to do, or your share is used up. Ask again ${when}.`;
    }
    case undefined:
      return `${host} broke off with “${short(error.message)}”. Ask again, or look at its log.`;
    default:
      return error.status >= 500
        ? `${host} failed (${error.status}). Look at its log, or ask again.`
        : `${host} refused the question (${error.status}: ${short(error.message)}). A model that reads no pictures does that: choose another in Settings.`;
  }
}

/** A browser says the same of a server that is not there and of one that does not allow this page (CORS). */
function unreachable(error: unknown, { host, pageOrigin }: Asked): string {
  if (pageOrigin.startsWith('https:') && host.startsWith('http:') && !/\/\/(localhost|127\.|\[::1\])/.test(host)) {
    return `This page came over https and may not ask ${host}, which is plain http. Give the server https, or open Jarvis from this machine.`;
  }
  const allow = `allow this page (${pageOrigin}) there: OLLAMA_ORIGINS for Ollama, “CORS” in LM Studio, --enable-cors for transformers serve`;
  const why = error instanceof Error && /abort/i.test(error.name) ? 'gave up' : 'could not be asked';
  return `${host} ${why}. If it is not running, start it; if it runs, ${allow}.`;
}

/** What a 429 or 503 asks for, ms; undefined where it does not say. In seconds, or as a date. */
export function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof APIError)) return undefined;
  const headers: unknown = error.headers;
  const text = headers instanceof Headers ? headers.get('retry-after') : null;
  if (text === null) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

function short(message: string): string {
  const line = message.split('\n')[0] ?? '';
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
