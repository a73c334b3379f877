// The most memory a tab ever held, as the system counts it: the page, its workers and all of WebAssembly are one renderer process.

import type { BrowserContext } from 'playwright-core';
import { readFileSync } from 'node:fs';
import type { Figure } from './figures';

/** Of the largest renderer that is alive; none where the system does not say (other than Linux). */
export async function peakMemory(context: BrowserContext): Promise<Figure[]> {
  const session = await context.browser()?.newBrowserCDPSession();
  if (!session) return [];
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as {
    processInfo: { type: string; id: number }[];
  };
  await session.detach();
  const peaks = processInfo.flatMap(({ type, id }) => (type === 'renderer' ? (peakOf(id) ?? []) : []));
  return peaks.length === 0
    ? []
    : [{ name: 'peak memory of the tab (resident, as Linux counts it)', value: Math.max(...peaks) / 1e6, unit: 'MB' }];
}

/** VmHWM: the high-water mark of resident memory. */
function peakOf(pid: number): number | undefined {
  try {
    const [, kb] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kb === undefined ? undefined : Number(kb) * 1024;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined; // no /proc, or ended meanwhile
    throw error;
  }
}
