// `npm run eval -- --build FOLDER`: a person's own photos as a suite. A sub-folder of photos, and an optional facts.txt, is a concept.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import type { CheckUpReport, Tally } from '../src/core/check-up-report';
import { CHECK_UP_KINDS } from '../src/core/check-up';
import { startOn } from './app';
import type { App } from './app';
import { enrolAll, progress } from './enrol-suite';
import { SuiteError } from './suite';
import type { SuiteConcept } from './suite';

const PHOTO = /\.(jpe?g|png|webp)$/i;
const FACTS = 'facts.txt';

/** Concepts of a folder, in the order of their names. Throws SuiteError naming what is missing. */
export function readFolder(path: string): SuiteConcept[] {
  const folder = resolve(path);
  if (!existsSync(folder)) throw new SuiteError(path, 'there is no such folder');
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const concepts = names
    .map(({ name }) => name)
    .sort()
    .map((name): SuiteConcept => {
      const files = readdirSync(join(folder, name)).sort();
      const photos = files.filter((file) => PHOTO.test(file)).map((file) => join(folder, name, file));
      const facts = files.includes(FACTS) ? linesOf(readFileSync(join(folder, name, FACTS), 'utf8')) : [];
      if (photos.length === 0 && facts.length === 0) {
        throw new SuiteError(join(path, name), `has no photo (jpg, png, webp) and no ${FACTS}`);
      }
      return { id: name, name: spoken(name), aliases: [], facts, photos };
    });
  if (concepts.length === 0) throw new SuiteError(path, 'has no sub-folder; each one is a thing');
  return concepts;
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A folder is called dads_red-mug where a name may not have a space. */
function spoken(folder: string): string {
  return folder.replace(/[_-]+/g, ' ').trim();
}

/** What `--json` gets of a built suite. */
export interface BuiltReport {
  readonly model: string;
  readonly backend: string;
  readonly concepts: Readonly<Record<string, Tally>>;
  readonly kinds: CheckUpReport['kinds'];
  readonly confusions: readonly { readonly thing: string; readonly takenFor: string; readonly times: number }[];
  readonly help: readonly { readonly thing: string; readonly why: string; readonly takenFor: string | undefined }[];
}

/** Enrols the folder's concepts in the app and has the app check itself. */
export async function checkFolder(
  app: App,
  concepts: readonly SuiteConcept[],
  backend: 'wasm' | 'webgpu',
): Promise<BuiltReport> {
  const page: Page = await app.openPage();
  const { status } = await startOn(page, app.model, backend);
  console.log(`${status.model} on ${status.device}${app.softwareGpu ? ' (software: its times mean nothing)' : ''}`);
  await enrolAll(page, { concepts: [...concepts] });
  const { failedPhotos } = await page.evaluate(() => window.jarvisBench.memory());
  for (const failed of failedPhotos) console.log(`  not enrolled: ${failed}`);
  const watch = setInterval(() => {
    page
      .evaluate(() => window.jarvisBench.checkUpProgress())
      .then((words) => {
        progress(words);
      })
      .catch(() => undefined); // the page is closing
  }, 1000);
  try {
    const { report } = await page.evaluate(() => window.jarvisBench.checkUp());
    return named(report, status);
  } finally {
    clearInterval(watch);
    progress('');
  }
}

function named(report: CheckUpReport, { model, backend }: { model: string; backend: string }): BuiltReport {
  const names = new Map(report.concepts.map(({ conceptId, name }) => [conceptId, name]));
  const nameOf = (id: string | undefined): string => report.concepts.find((one) => one.conceptId === id)?.name ?? '';
  return {
    model,
    backend,
    concepts: Object.fromEntries(
      report.concepts.map(({ conceptId, n, right, rightWithout, rightFirst }) => [
        names.get(conceptId) ?? '',
        { n, right, rightWithout, rightFirst },
      ]),
    ),
    kinds: report.kinds,
    confusions: report.confusions.map(({ conceptId, takenFor, times }) => ({
      thing: nameOf(conceptId),
      takenFor: nameOf(takenFor),
      times,
    })),
    help: report.help.map(({ conceptId, why, takenFor }) => ({
      thing: nameOf(conceptId),
      why,
      takenFor: takenFor === undefined ? undefined : nameOf(takenFor),
    })),
  };
}

export function printBuilt({ concepts, kinds, confusions, help }: BuiltReport): void {
  const rows: [string, Tally][] = [
    ...CHECK_UP_KINDS.flatMap((kind): [string, Tally][] => (kinds[kind] ? [[kind, kinds[kind]]] : [])),
    ...Object.entries(concepts),
  ];
  const width = Math.max(12, ...rows.map(([name]) => name.length));
  const head = (what: string): void => {
    console.log(`\n${what.padEnd(width)}  accuracy    n  no memory  first option`);
  };
  head('kind');
  rows.forEach(([name, { n, right, rightWithout, rightFirst }], at) => {
    if (at === Object.keys(kinds).length) head('thing');
    const cell = (value: number, size: number): string => (n === 0 ? '–' : (value / n).toFixed(3)).padStart(size);
    const numbers = `${cell(right, 8)} ${String(n).padStart(4)}  ${cell(rightWithout, 9)}  ${cell(rightFirst, 12)}`;
    console.log(`${name.padEnd(width)}  ${numbers}`);
  });
  console.log(confusions.length === 0 ? '\nnothing was taken for another' : '\ntaken for another');
  for (const { thing, takenFor, times } of confusions) console.log(`  ${thing} for ${takenFor}, ${times} times`);
  console.log(help.length === 0 ? '\nno photo would help' : '\na photo would help most');
  for (const { thing, why, takenFor } of help) {
    console.log(`  ${thing}: ${why.replace(/-/g, ' ')}${takenFor === undefined ? '' : ` (${takenFor})`}`);
  }
}
