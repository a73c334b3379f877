// The few globals that exist in every engine and that `core` and `pipeline` may use although they compile without DOM
// types: cancelling, the clock, ids and addresses. Shapes follow the WHATWG and W3C definitions.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
declare var AbortSignal: { any(signals: AbortSignal[]): AbortSignal };
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare const performance: { now(): number };
declare const crypto: { randomUUID(): string };
declare function setTimeout(handler: () => void, ms?: number): unknown;
declare function queueMicrotask(task: () => void): void;
declare class URL {
  constructor(address: string);
  static canParse(address: string): boolean;
  readonly origin: string;
}
