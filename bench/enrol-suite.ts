// Enrols a suite's concepts in the app that a page runs.

import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Page } from 'playwright-core';
import type { PhotoFile } from './page';
import type { Suite } from './suite';

/** Ids of the suite by the ids the app gave. */
export async function enrolAll(page: Page, suite: Pick<Suite, 'concepts'>): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const { id, name, aliases, facts, photos } of suite.concepts) {
    const concept = { name, aliases, facts, photos: photos.map(readPhoto) };
    const { conceptId, rejected } = await page.evaluate((request) => window.jarvisBench.enrol(request), concept);
    for (const problem of rejected) console.log(`  refused: ${problem}`);
    ids.set(conceptId, id);
    progress(`enrolled ${ids.size} of ${suite.concepts.length}`);
  }
  return ids;
}

const MIMES: Record<string, string> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
};

export function readPhoto(path: string): PhotoFile {
  const mime = MIMES[extname(path).toLowerCase()] ?? 'application/octet-stream';
  return { fileName: basename(path), mime, base64: readFileSync(path).toString('base64') };
}

/** One line that rewrites itself; nothing where nobody watches. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
