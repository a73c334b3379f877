// The one error type of Jarvis: a closed set of codes and a sentence a person can act on.

export const ERROR_CODES = [
  'bad-input', // what the user gave cannot be used; the sentence says why and what would do
  'bad-image', // the file is not an image this browser can read
  'too-large', // an input above a stated limit
  'duplicate', // a name or photo that is already there
  'not-ready', // asked for something before the models were loaded
  'model-load', // model files missing, damaged or of a shape outside the contract
  'encoder-load', // as model-load, of a patch encoder of the hub
  'out-of-memory', // the model, or a run of it, does not fit into memory
  'model-run', // an ONNX run failed; the worker must be restarted
  'unsupported-rope', // a RoPE rule that cannot be re-based exactly
  'bad-block', // a KV block that is damaged or belongs to another model or prefix
  'context-full', // the budget does not hold even the live turn
  'storage-full', // the quota is used up
  'storage', // IndexedDB refused
  'worker-died', // the worker ended while a call was pending
  'locked', // another tab owns the models
  'gpu-lost', // the WebGPU device was lost
  'large-model', // a larger model did not answer; the sentence says why and what to do
  'wants-room', // a larger model needs the memory of the small one; the page makes room and asks again
  'wants-small', // the small model was put away and is needed; the page brings it back and asks again
  'hub-offline', // the hub does not answer, or the connection broke
  'hub-gated', // 401 or 403: the hub wants a licence accepted or a login
  'hub-missing', // 404: the hub has no such model, revision or file
  'hub-busy', // 429: too many requests
  'hub-fault', // the hub answers with an error of its own
  'hub-damaged', // what came is not what the hub said it would be
  'hub-refused', // a model outside the contract (runtime/contract.ts)
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Cancelling is not an error of this kind: it is `signal.reason` (an AbortError DOMException). */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

export function isAppError(value: unknown): value is AppError {
  return value instanceof AppError;
}

/** True for the reason of an aborted signal, in any realm and after a trip through a worker. */
export function isAbort(value: unknown): boolean {
  return value instanceof Error && value.name === 'AbortError';
}
