// Comlink transfer handlers, installed on both sides of every seam: errors keep `code` and `cause`, an AbortError stays
// one, and an AbortSignal crosses as a MessagePort.
import * as Comlink from 'comlink';
import { AppError, ERROR_CODES, type ErrorCode } from '../core/errors';

/** An error as plain data. `code` marks an AppError, `dom` a DOMException (its name is kept: AbortError, …). */
interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: ErrorCode | undefined;
  readonly dom: boolean;
  readonly cause: WireError | undefined;
}

/** Causes may be a chain, even a ring: what lies deeper than this tells nobody anything. */
const MAX_CAUSES = 4;

export function packError(error: unknown, depth = 0): WireError {
  const isError = error instanceof Error;
  const cause = isError ? error.cause : undefined;
  return {
    name: isError ? error.name : 'Error',
    message: isError ? error.message : String(error),
    stack: isError ? error.stack : undefined,
    code: error instanceof AppError ? error.code : undefined,
    dom: error instanceof DOMException,
    cause: cause === undefined || depth >= MAX_CAUSES ? undefined : packError(cause, depth + 1),
  };
}

export function unpackError(wire: WireError): Error {
  if (wire.dom) return new DOMException(wire.message, wire.name);
  const options = wire.cause === undefined ? {} : { cause: unpackError(wire.cause) };
  const code = ERROR_CODES.find((known) => known === wire.code);
  const error = code === undefined ? new Error(wire.message, options) : new AppError(code, wire.message, options);
  // `name` is read-only in our own class only.
  if (code === undefined) Object.defineProperty(error, 'name', { value: wire.name, configurable: true });
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

interface WireSignal {
  readonly reason: WireError | undefined; // of a signal that was aborted before it was sent
  readonly port: MessagePort | undefined;
}

/** The page's ends of the ports that carry a signal, closed once the call is over: an open port is never collected. */
const signalPorts = new WeakMap<AbortSignal, Set<MessagePort>>();

/** A signal for one call only, so that releasing it leaves other calls with the same signal alone. */
export function signalForCall(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal]);
}

/** Frees what was made to send `signal`; the other side can no longer be aborted. Call when the call has settled. */
export function releaseSignal(signal: AbortSignal): void {
  for (const port of signalPorts.get(signal) ?? []) port.close();
  signalPorts.delete(signal);
}

const signalHandler: Comlink.TransferHandler<AbortSignal, WireSignal> = {
  canHandle: (value): value is AbortSignal => value instanceof AbortSignal,
  serialize(signal) {
    if (signal.aborted) return [{ reason: packError(signal.reason), port: undefined }, []];
    const { port1, port2 } = new MessageChannel();
    const ports = signalPorts.get(signal) ?? new Set();
    signalPorts.set(signal, ports.add(port1));
    signal.addEventListener('abort', () => port1.postMessage(packError(signal.reason)), { once: true });
    return [{ reason: undefined, port: port2 }, [port2]];
  },
  deserialize({ reason, port }) {
    if (reason) return AbortSignal.abort(unpackError(reason));
    const controller = new AbortController();
    if (port) {
      port.onmessage = (event: MessageEvent<WireError>) => {
        controller.abort(unpackError(event.data));
        port.close();
      };
    }
    return controller.signal;
  },
};

interface Thrown {
  readonly value: unknown;
}

/** Install once per realm (page, worker), before the first call. */
export function installTransferHandlers(): void {
  const builtIn = Comlink.transferHandlers.get('throw') as Comlink.TransferHandler<Thrown, unknown> | undefined;
  if (!builtIn) throw new AppError('internal', 'Comlink has no handler for thrown values: its version has changed.');
  const throwHandler: Comlink.TransferHandler<Thrown, WireError> = {
    canHandle: (value): value is Thrown => builtIn.canHandle(value),
    serialize: ({ value }) => [packError(value), []],
    deserialize(wire) {
      throw unpackError(wire);
    },
  };
  Comlink.transferHandlers.set('throw', throwHandler);
  Comlink.transferHandlers.set('abort-signal', signalHandler);
}
