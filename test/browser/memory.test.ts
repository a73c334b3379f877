// The same memory on Chromium's own IndexedDB. Full disks are tested on Node's fake: the quota cannot be set from here.

import { afterEach, expect, it } from 'vitest';
import { openMemory } from '../../src/storage/memory';
import type { Memory } from '../../src/storage/memory';
import { memorySuite } from '../support/memory-suite';

const opened: { memory: Memory; name: string }[] = [];

async function open(): Promise<Memory> {
  const name = `memory-test-${crypto.randomUUID()}`;
  const memory = await openMemory({ name });
  opened.push({ memory, name });
  return memory;
}

afterEach(async () => {
  for (const { memory, name } of opened.splice(0)) {
    await memory.close();
    indexedDB.deleteDatabase(name);
  }
});

memorySuite('IndexedDB in the browser', open);

it('knows how much the browser allows', async () => {
  const memory = await open();
  expect((await memory.usage()).quotaBytes).toBeGreaterThan(0);
});
