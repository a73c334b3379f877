// `npm run bench -- mine`: mining where the truth is known, on sibling sets drawn by training/render/siblings.py.

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from '../scripts/setup.mjs';
import { UsageError } from './app';
import type { App } from './app';
import { SHARE } from './figures';
import type { Measured } from './figures';
import { dataFolder, PHOTOS, subjectPhotos } from './recognise';

export interface MarkedPhoto {
  readonly file: string;
  readonly part: readonly number[]; // cell, pixels, cell, pixels …
}

/** As siblings.json has it; the script that writes it tells more. */
export interface SiblingSuite {
  readonly cells: number;
  readonly sets: readonly {
    readonly id: string;
    readonly siblings: readonly {
      readonly id: string;
      readonly photos: readonly MarkedPhoto[];
      readonly asked: readonly MarkedPhoto[];
    }[];
  }[];
  readonly pairs: readonly {
    readonly file: string;
    readonly things: readonly { readonly id: string; readonly box: readonly [number, number, number, number] }[];
  }[];
}

const JUDGED = 'bench/suites/siblings';
const MOUNT = 'siblings/';

/** What is served beside the app: the judged set, or a folder of one's own (`--suite`). */
export function mineFolders(folder = resolve(ROOT, JUDGED)): Record<string, string> {
  if (!existsSync(join(folder, 'siblings.json'))) throw new UsageError(`There is no siblings.json in ${folder}.`);
  const real = realPhotos();
  return { [MOUNT]: resolve(folder), ...(real === undefined ? {} : { [`${PHOTOS}/`]: real }) };
}

/** dreambooth-dev, where this machine has it. */
function realPhotos(): string | undefined {
  try {
    return dataFolder(PHOTOS);
  } catch (cause) {
    if (cause instanceof UsageError) return undefined;
    throw cause;
  }
}

export async function benchMine(app: App, folder = resolve(ROOT, JUDGED)): Promise<Measured> {
  const suite = JSON.parse(readFileSync(join(folder, 'siblings.json'), 'utf8')) as SiblingSuite;
  const page = await app.openPage();
  const real = realPhotos();
  if (real === undefined) console.log('  dreambooth-dev is not on this machine: recognition by patches is left out');
  const photos = real === undefined ? [] : subjectPhotos(real);
  const subjects = photos.map(({ subject, path }) => ({ subject, path: `${PHOTOS}/${path}` }));
  const request = { encoder: app.model, folder: MOUNT, suite, subjects };
  const { device, figures } = await page.evaluate((wanted) => window.jarvisBench.mine(wanted), request);
  const asked = suite.sets.flatMap(({ siblings }) => siblings.flatMap((one) => one.asked)).length;
  return {
    device,
    figures: [
      ...figures.map(([name, value]) => ({ name, value, unit: SHARE })),
      { name: `in memory ${3 * suite.sets.length} things, asked`, value: asked, unit: 'photos' },
    ],
  };
}
