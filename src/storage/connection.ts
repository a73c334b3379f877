// One open database: whole transactions, faults as AppErrors, and a new connection when the browser ended the old one.

import { AppError } from '../core/errors';
import { MIGRATIONS, openDatabase } from './db';
import type { Database, Migration, ReadTx, StoreName, WriteTx } from './db';
import { evict } from './quota';
import type { Evictable } from './quota';

export interface ConnectionOptions {
  readonly name: string;
  readonly migrations?: readonly Migration[];
  readonly blockedTimeoutMs?: number;
  /** Called once when a newer Jarvis in another tab has taken the database over; every later call throws. */
  readonly onReplaced?: () => void;
}

/** What a write needs when the disk is full: how much room to make, and at whose cost. */
export interface Room {
  readonly bytes: number;
  readonly from: readonly Evictable[];
}

const NO_ROOM: Room = { bytes: 0, from: ['blocks', 'vectors'] };

export class Connection {
  readonly #options: ConnectionOptions;
  #db: Promise<Database> | undefined;
  #ended: string | undefined; // why no call can succeed any more

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Opens now rather than with the first call, so that a fault shows at the start. */
  async open(): Promise<void> {
    await this.#database();
  }

  async read<T>(stores: readonly StoreName[], work: (tx: ReadTx) => Promise<T>): Promise<T> {
    return this.#guard(() => this.#transact(stores, 'readonly', (tx) => work(tx as unknown as ReadTx)));
  }

  /** One transaction, whole or not at all. When the disk is full, derived records make room and it is tried once more. */
  async write<T>(stores: readonly StoreName[], work: (tx: WriteTx) => Promise<T>, room: Room = NO_ROOM): Promise<T> {
    return this.#guard(async () => {
      try {
        return await this.#transact(stores, 'readwrite', work);
      } catch (cause) {
        if (!isQuota(cause)) throw cause;
        const freed = await this.#transact(['blocks', 'blockBytes', 'vectors'], 'readwrite', (tx) => evict(tx, room));
        if (freed === 0) throw cause;
        return await this.#transact(stores, 'readwrite', work);
      }
    });
  }

  async close(): Promise<void> {
    this.#ended ??= 'Memory was closed.';
    const db = await this.#db?.catch(() => undefined);
    db?.close();
  }

  async #guard<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      if (isQuota(cause)) throw new AppError('storage-full', FULL, { cause });
      throw new AppError('storage', `The browser could not read or write Jarvis's memory (${describe(cause)}).`, {
        cause,
      });
    }
  }

  async #transact<T>(
    stores: readonly StoreName[],
    mode: 'readonly' | 'readwrite',
    work: (tx: WriteTx) => Promise<T>,
  ): Promise<T> {
    const tx = await this.#begin(stores, mode);
    const [result, done] = await Promise.allSettled([attempt(tx, work), tx.done]);
    if (done.status === 'fulfilled' && result.status === 'fulfilled') return result.value;
    // The transaction knows why it failed (quota); a request in it only knows that it was aborted.
    if (done.status === 'rejected' && !isAborted(done.reason)) throw done.reason;
    throw result.status === 'rejected' ? result.reason : (done as PromiseRejectedResult).reason;
  }

  async #begin(stores: readonly StoreName[], mode: 'readonly' | 'readwrite'): Promise<WriteTx> {
    try {
      return (await this.#database()).transaction([...stores], mode) as unknown as WriteTx;
    } catch (cause) {
      // A connection that the browser has just ended says so here first and by its event later.
      if (!(cause instanceof DOMException && cause.name === 'InvalidStateError')) throw cause;
      this.#db = undefined;
      return (await this.#database()).transaction([...stores], mode) as unknown as WriteTx;
    }
  }

  async #database(): Promise<Database> {
    if (this.#ended !== undefined) throw new AppError('storage', this.#ended);
    const { name, migrations = MIGRATIONS, blockedTimeoutMs = 5000 } = this.#options;
    this.#db ??= openDatabase({ name, migrations, blockedTimeoutMs, onClosed: (why) => this.#onClosed(why) });
    try {
      return await this.#db;
    } catch (cause) {
      this.#db = undefined; // the next call may try again: the other tab may be closed by then
      throw cause;
    }
  }

  #onClosed(why: 'upgrade' | 'terminated'): void {
    this.#db = undefined;
    if (why === 'terminated') return; // the next call opens a new connection
    this.#ended = 'A newer Jarvis is open in another tab. Reload this page to go on.';
    this.#options.onReplaced?.();
  }
}

const FULL =
  'This device has no room left for Jarvis. Delete a concept or some photos, or free disk space, then try again.';

function isQuota(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'QuotaExceededError';
}

function isAborted(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'AbortError';
}

function describe(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}

/** `put` throws at once for what cannot be cloned: then too the transaction must not commit what came before. */
async function attempt<T>(tx: WriteTx, work: (tx: WriteTx) => Promise<T>): Promise<T> {
  try {
    return await work(tx);
  } catch (cause) {
    abort(tx);
    throw cause;
  }
}

function abort(tx: WriteTx): void {
  try {
    tx.abort();
  } catch (cause) {
    // Already finished or aborted by the failing request itself: what we wanted.
    if (!(cause instanceof DOMException && cause.name === 'InvalidStateError')) throw cause;
  }
}
