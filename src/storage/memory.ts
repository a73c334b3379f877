// Jarvis's memory on IndexedDB. The VLM worker opens it once and is its only writer.

import type { MemoryPort } from '../pipeline/ports';
import { Connection } from './connection';
import { DATABASE_NAME } from './db';
import type { Migration } from './db';
import { derivedIn } from './derived';
import { journalIn } from './journal';
import { readQuota, weigh } from './quota';
import type { Damage, Report } from './records';
import { sourcesIn } from './sources';

export interface Memory extends MemoryPort {
  close(): Promise<void>;
}

export interface MemoryOptions {
  readonly name?: string;
  readonly migrations?: readonly Migration[];
  readonly now?: () => number; // ms since epoch
  /** Called once for each damaged record that was skipped. */
  readonly onDamage?: Report;
  /** A newer Jarvis in another tab took the memory over: this page must be reloaded. */
  readonly onReplaced?: () => void;
  readonly blockedTimeoutMs?: number;
}

/** Opens the memory, migrating it if an older Jarvis made it. Throws AppError 'storage' when the browser refuses. */
export async function openMemory(options: MemoryOptions = {}): Promise<Memory> {
  const { now = Date.now, onDamage = warn, ...rest } = options;
  const connection = new Connection({ name: DATABASE_NAME, ...rest });
  const report = once(onDamage);
  await connection.open();
  return {
    ...sourcesIn(connection, report),
    ...derivedIn(connection, report, now),
    ...journalIn(connection, report),
    async usage() {
      const [sizes, quotaBytes] = await Promise.all([
        connection.read(['photos', 'blocks', 'vectors', 'chats'], weigh),
        readQuota(),
      ]);
      return { ...sizes, quotaBytes };
    },
    close: () => connection.close(),
  };
}

/** Lists are read again after every change: each damaged record is told of once. */
function once(report: Report): Report {
  const told = new Set<string>();
  return (damage) => {
    const name = `${damage.store}/${damage.key}`;
    if (told.has(name)) return;
    told.add(name);
    report(damage);
  };
}

function warn({ store, key, problem }: Damage): void {
  console.warn(`Skipped a damaged record in memory: ${store} ${key}, ${problem}`);
}
