// `npm run bench -- enrol`: photos through the whole app, its workers, its memory and every stage; how soon a page that was open before can
// chat; and the most memory the tab took. A line for each step: at real size it goes on for minutes.

import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from '../scripts/setup.mjs';
import type { Backend } from '../src/core/types';
import { type App, startOn } from './app';
import { readPhoto } from './enrol-suite';
import { figureOf, format, type Measured } from './figures';
import { printStep } from './step';

/** Warm starts and photos (the first warms up): at real size a photo takes its vision encoder several times, seconds each on WASM. */
const MINI = { starts: 5, photos: 12 };
const REAL_SIZE = { starts: 2, photos: 3 };

export async function benchEnrol(app: App, backend: Backend): Promise<Measured> {
  const plan = app.label === undefined ? MINI : REAL_SIZE;
  const cold = await app.openPage();
  const first = await startOn(cold, app.model, backend);
  printStep(`first start: ${format(first.readyMs)} ms to being able to chat`);
  await endOn(cold);
  const ready: number[] = [];
  let page = cold;
  for (let run = 0; run < plan.starts; run++) {
    if (run > 0) await endOn(page);
    page = await app.openPage();
    const { readyMs } = await startOn(page, app.model, backend);
    ready.push(readyMs);
    printStep(`start ${run + 1} of ${plan.starts}: ${format(readyMs)} ms`);
  }
  const [started] = await app.peakMemory();
  if (started) printStep(`${started.name} so far: ${format(started.value)} MB`);

  const folder = resolve(ROOT, 'public/samples');
  const files = readdirSync(folder)
    .filter((file) => /-\d\.jpg$/.test(file))
    .slice(0, plan.photos);
  const perPhoto: number[] = [];
  for (const [i, fileName] of files.entries()) {
    const photos = [readPhoto(resolve(folder, fileName))];
    const concept = { name: `Thing ${i}`, aliases: [], facts: [], photos };
    const ms = await page.evaluate(async (request) => {
      const startedAt = performance.now();
      await window.jarvisBench.enrol(request);
      return performance.now() - startedAt;
    }, concept);
    printStep(`photo ${i + 1} of ${files.length}: ${format(ms)} ms${i === 0 ? ' (warms up)' : ''}`);
    if (i > 0) perPhoto.push(ms);
  }
  const { failedPhotos } = await page.evaluate(() => window.jarvisBench.memory());
  if (failedPhotos.length > 0) throw new Error(`photos failed: ${failedPhotos.join('; ')}`);
  return {
    device: first.status.device,
    figures: [
      figureOf({ name: 'enrol, one photo to the end', unit: 'ms', values: perPhoto }),
      figureOf({ name: 'start, page opened to able to chat, warm', unit: 'ms', values: ready }),
      { name: 'start, page opened to able to chat, first', unit: 'ms', value: first.readyMs },
      ...(await app.peakMemory()),
    ],
  };
}

/** A closed page's worker holds the models until its run is over, seconds at real size: it is ended first. */
async function endOn(page: Page): Promise<void> {
  await page.evaluate(() => window.jarvisBench.stop());
  await page.close();
}
