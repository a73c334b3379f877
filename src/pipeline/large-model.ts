// A larger model behind one port, whoever runs it: an endpoint, the browser, or this tab.

import type { ModelKey } from '../core/kept-models';
import type { LargeReply, LargeRequest, SealedKey } from '../core/large';

export interface LargeModel {
  readonly model: string;
  readonly to: string; // where requests go, for people: an origin, or "this browser's own model"
  readonly leaves: boolean; // whether anything leaves this browser by it
  readonly isOurs: boolean; // runs in a worker of this app: nothing is handed to anybody, so there is nothing to review or to record
  /**
   * `onText` gets the whole text so far. Throws AppError 'large-model' with a sentence that says what to do; on an abort the signal's
   * reason. Never hangs: it gives up when nothing is heard for the time that was set.
   */
  complete(request: LargeRequest, onText: (text: string) => void, signal: AbortSignal): Promise<LargeReply>;
}

export interface EndpointOptions {
  readonly baseUrl: string;
  readonly model: string;
  readonly key: string; // '' for none
  readonly timeoutMs: number; // of silence
  readonly probabilities: boolean; // ask for them with a yes or no
}

/** Makes large models; opening one sends nothing. */
export interface LargePort {
  /** Throws AppError 'bad-input' for an address that is none. */
  endpoint(options: EndpointOptions): LargeModel;
  /** Names of the models a server offers, asked of the server itself. Throws like `complete`. */
  listModels(options: Omit<EndpointOptions, 'model'>, signal: AbortSignal): Promise<string[]>;
  /** The browser's built-in model; undefined where it has none. */
  builtIn(): Promise<LargeModel | undefined>;
  /** A larger model of the hub that is on this device. Throws AppError with what to do when it is not. */
  larger(key: ModelKey): Promise<LargeModel>;
  seal(key: string, passphrase: string): Promise<SealedKey>;
  /** undefined when the passphrase is wrong. */
  unseal(sealed: SealedKey, passphrase: string): Promise<string | undefined>;
}
