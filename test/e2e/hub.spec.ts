// The hub tier as a person meets it: from the Models page to an answer of the downloaded model, through everything that goes wrong on
// the way. The hub is one on loopback (test/support/hub.ts); its model has mini's weights under SmolVLM-256M's name, so here answers can
// be judged. At real size, in random weights: real-size.spec.ts.

import type { Page } from '@playwright/test';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UNCALIBRATED } from '../../src/runtime/encoder-hub';
import type { HubRepo } from '../support/hub';
import { miniAs, tinyEncoder } from '../support/mini-hub';
import {
  ask,
  askWithPhoto,
  expect,
  expectOfflineReady,
  expectReady,
  expectRemembered,
  goToChat,
  goToMemory,
  MUG,
  openJarvis,
  readStore,
  remember,
  REX,
  said,
} from './jarvis';
import { blocksByModel, card, expectAnswering, goToModels, hubTest, useHub } from './models-page';

const test = hubTest(() => [
  miniAs('smolvlm-256m'),
  broken(miniAs('smolvlm-500m')),
  tinyEncoder(),
  broken(tinyEncoder('siglip2-base', 'q8')),
]);

/** A repository whose last network is none: the hub's own checksum fits, so only loading it finds out. */
function broken(repo: HubRepo): HubRepo {
  const noise = new TextEncoder().encode('not a network '.repeat(1000));
  const last = Object.keys(repo.files).findLast((name) => name.endsWith('.onnx')) ?? '';
  return { ...repo, files: { ...repo.files, [last]: noise } };
}

const ONE_PHOTO = { ...REX, photos: ['rex-1.jpg'] };

test('choose, download, lose the hub, reload, go on, answer, offline too, remove', async ({ page, hub, context }) => {
  test.setTimeout(300_000);
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  const before = await blocksByModel(page);
  const [mini = ''] = Object.keys(before);
  expect(before[mini], 'a card, two facts and patches').toBeGreaterThan(3);
  await goToModels(page);
  expect(hub.requests, 'nothing is downloaded unasked').toEqual([]);
  await useHub(page, hub);
  expect(hub.requests).toEqual([]);

  const model = card(page, 'SmolVLM 256M');
  await expect(model.getByText('Recommended for this device')).toBeVisible();
  await expect(model.getByText(/Fits this device\. .* MB to download/)).toBeVisible();

  hub.faults.bytesPerS = 1_500_000;
  await model.getByRole('button', { name: /^Download / }).click();
  const progress = model.getByRole('progressbar', { name: 'Download of SmolVLM 256M' });
  await expect(progress).toBeVisible();
  await expect(model.getByText(/Downloading · [\d.]+ .B of 10 MB/)).toBeVisible();
  await expect.poll(async () => Number(await progress.getAttribute('aria-valuenow'))).toBeGreaterThan(10);
  await hub.kill(); // half way
  await expect(model.getByText(/Waiting to try again|Stopped/)).toBeVisible();
  await page.reload();
  await expectReady(page); // the embedded model answers as if nothing were
  await expect(model.getByText(/^Paused/)).toBeVisible();
  await expect(model.getByText(/closed while this was downloading\. What came is kept/)).toBeVisible();
  await expect(progress).not.toHaveAttribute('aria-valuenow', '0');

  await hub.revive();
  delete hub.faults.bytesPerS;
  hub.requests.length = 0;
  await model.getByRole('button', { name: 'Go on' }).click();
  const use = model.getByRole('button', { name: 'Answer with it' });
  await expect(use).toBeVisible({ timeout: 60_000 });
  expect(
    hub.requests.some(({ range }) => range !== undefined),
    'it goes on, not anew',
  ).toBe(true);
  await use.click();
  await expectAnswering(page, 'SmolVLM 256M');
  await expect(model.getByText('Answers now')).toBeVisible();
  const after = await blocksByModel(page);
  const [encoded = ''] = Object.keys(after).filter((name) => name !== mini);
  expect(after, 'memory encoded by the new model, and what the old one made kept').toEqual({
    [mini]: before[mini],
    [encoded]: before[mini],
  });

  await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
  const answer = await ask(page, 'Where does Rex sleep?');
  await expect(said(answer)).toContainText(/green basket/i); // the stand-in's weights are mini's
  await answer.getByRole('button', { name: /[1-9]\d* tokens linked$/ }).click();
  await expect(answer.getByText('smolvlm-256m:q4')).toBeVisible(); // the trace says who answered

  await expectOfflineReady(page);
  await hub.kill();
  await context.setOffline(true);
  await page.reload();
  await expectAnswering(page, 'SmolVLM 256M');
  await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(1); // the chat stayed
  await expect(said(await ask(page, 'What is Rex afraid of?'))).toContainText(/thunder/i);

  await goToModels(page);
  await model.getByRole('button', { name: /^Remove SmolVLM 256M/ }).click();
  await model.getByRole('button', { name: 'Keep it' }).click();
  await model.getByRole('button', { name: /^Remove SmolVLM 256M/ }).click();
  await model.getByRole('button', { name: /^Yes, remove SmolVLM 256M/ }).click();
  await expectReady(page);
  await expect(model.getByRole('button', { name: /^Download / })).toBeVisible();
  await expect(model.getByText('Answers now')).toHaveCount(0);
});

async function downloadWhole(page: Page, label: string): Promise<void> {
  await card(page, label)
    .getByRole('button', { name: /^Download / })
    .click();
  await expect(card(page, label).getByRole('button', { name: 'Answer with it' })).toBeVisible({ timeout: 60_000 });
}

test('a model that cannot be used leaves the one that answers, and says why', async ({ page, hub }) => {
  await openJarvis(page);
  await goToModels(page);
  await useHub(page, hub);
  await downloadWhole(page, 'SmolVLM 500M');
  await card(page, 'SmolVLM 500M').getByRole('button', { name: 'Answer with it' }).click();
  await expect(page.getByRole('alert')).toContainText(/could not be loaded/);
  await expectReady(page);
  // Chosen all the same (by an older version of the app, say): the start falls back to the embedded model.
  await page.evaluate(() => localStorage.setItem('jarvis.model', 'smolvlm-500m:q4'));
  await page.reload();
  await expectReady(page);
  await expect(page.getByRole('region', { name: 'Answers now' })).toContainText(/could not be loaded/);
  await expect(page.getByRole('status').filter({ hasText: /answers instead/ })).toBeVisible();
});

test('faults of the hub end in a sentence and one button', async ({ page, hub }) => {
  test.setTimeout(240_000); // a hub with a fault is asked again after 1, 3 and 9 seconds
  await openJarvis(page);
  await goToModels(page);
  await useHub(page, hub);
  const model = card(page, 'SmolVLM 256M');
  const weights = (path: string): boolean => path.includes('/resolve/') && path.endsWith('.onnx');
  const faults: readonly [() => void, RegExp][] = [
    [
      () => (hub.faults.refuse = (path) => (weights(path) ? { status: 403 } : undefined)),
      /accepted its licence there \(403\)/,
    ],
    [() => (hub.faults.refuse = (path) => (weights(path) ? { status: 404 } : undefined)), /has no such file/],
    [
      () =>
        (hub.faults.refuse = (path) =>
          weights(path) ? { status: 429, headers: { 'retry-after': '600' } } : undefined),
      /asks for a pause/,
    ],
    [
      () => (hub.faults.refuse = (path) => (weights(path) ? { status: 401 } : undefined)),
      /signed in or accepted its licence there \(401\)/,
    ],
    [
      () => (hub.faults.refuse = (path) => (weights(path) ? { status: 503 } : undefined)),
      /has a fault of its own \(503\)/,
    ],
    [
      () => (hub.faults.shorten = new Map([['onnx/embed_tokens_q4.onnx', 1000]])),
      /bytes where the hub's own listing says/,
    ],
    [() => (hub.faults.corrupt = { 'onnx/embed_tokens_q4.onnx': 2 }), /came damaged twice/],
  ];
  let press = model.getByRole('button', { name: /^Download / });
  for (const [inject, words] of faults) {
    delete hub.faults.refuse;
    inject();
    await press.click();
    await expect(model.getByRole('alert')).toContainText(words, { timeout: 60_000 });
    press = model.getByRole('button', { name: 'Go on' });
  }
  await press.click();
  await expect(model.getByRole('button', { name: 'Answer with it' })).toBeVisible({ timeout: 60_000 });
});

test('faults of this device end in a sentence and one button: offline, a full disk, a closed tab', async ({
  page,
  hub,
  context,
}) => {
  test.setTimeout(240_000);
  await openJarvis(page);
  await goToModels(page);
  await useHub(page, hub);
  const model = card(page, 'SmolVLM 256M');
  const goOn = model.getByRole('button', { name: 'Go on' });

  // What `navigator.storage.estimate` says is no help: Chromium answers ten gigabytes for whatever the disk has. Writing is refused.
  const devtools = await context.newCDPSession(page);
  const { origin } = new URL(page.url());
  const setRoom = async (bytes: number | undefined): Promise<void> => {
    const { usage } = await devtools.send('Storage.getUsageAndQuota', { origin });
    await devtools.send('Storage.overrideQuotaForOrigin', {
      origin,
      ...(bytes === undefined ? {} : { quotaSize: usage + bytes }),
    });
  };
  await setRoom(1_000_000);
  const believed = page.waitForTimeout(32_000); // IndexedDB in Chromium believes what it last knew of the room for half a minute

  await context.setOffline(true);
  await model.getByRole('button', { name: /^Download / }).click();
  await expect(model.getByRole('alert')).toContainText('This device is offline.', { timeout: 60_000 });
  await context.setOffline(false);

  await believed;
  await goOn.click();
  await expect(model.getByRole('alert')).toContainText('The disk, or what this browser may use of it, is full.');
  await setRoom(undefined);

  hub.faults.bytesPerS = 1_500_000;
  await goOn.click();
  await expect(model.getByText(/^Downloading/)).toBeVisible();
  await page.close();
  const again = await context.newPage();
  await openJarvis(again);
  await goToModels(again);
  const there = card(again, 'SmolVLM 256M');
  await expect(there.getByText(/closed while this was downloading\. What came is kept/)).toBeVisible();
  delete hub.faults.bytesPerS;
  await there.getByRole('button', { name: 'Go on' }).click();
  await expect(there.getByRole('button', { name: 'Answer with it' })).toBeVisible({ timeout: 60_000 });
});

test('a model that takes the whole tab with it is left for the built-in one, and can be tried again', async ({
  page,
  hub,
  context,
}) => {
  await openJarvis(page);
  await goToModels(page);
  await useHub(page, hub);
  await downloadWhole(page, 'SmolVLM 256M');
  await page.evaluate(() => localStorage.setItem('jarvis.model', 'smolvlm-256m:q4'));
  await page.close();
  for (let time = 0; time < 2; time++) {
    const doomed = await context.newPage();
    const crashed = doomed.waitForEvent('crash');
    await doomed.goto('./', { waitUntil: 'commit' });
    await expect(doomed.getByText(/^(Loading|Starting) /)).toBeVisible();
    const devtools = await context.newCDPSession(doomed);
    devtools.send('Page.crash').catch(() => undefined); // nobody is left to answer
    await crashed;
    await doomed.close();
  }
  const last = await context.newPage();
  await openJarvis(last);
  await expect(last.getByRole('status').filter({ hasText: /ended this page twice/ })).toBeVisible();
  await goToModels(last);
  await card(last, 'SmolVLM 256M').getByRole('button', { name: 'Answer with it' }).click();
  await expectAnswering(last, 'SmolVLM 256M');
  await last.reload();
  await expectAnswering(last, 'SmolVLM 256M');
});

test('an encoder that cannot be used leaves recognising to the built-in one, and says why', async ({ page, hub }) => {
  await openJarvis(page);
  await goToModels(page);
  await useHub(page, hub);
  const encoder = card(page, 'SigLIP2 base');
  await encoder.getByRole('button', { name: /^Download / }).click();
  await encoder.getByRole('button', { name: 'Recognise with it' }).click({ timeout: 60_000 });
  const section = page.getByRole('region', { name: 'Encoders that recognise' });
  await expect(section.getByText(/The built-in encoder is used: The patch encoder could not be loaded/)).toBeVisible();
  await expectReady(page);
  await remember(page, ONE_PHOTO);
});

test('resumes across origins where the server allows no If-Range, as the hub’s CDN', async ({ page, hub }) => {
  await openJarvis(page);
  await goToModels(page);
  await useHub(page, hub);
  hub.faults.forbidsIfRange = true;
  hub.faults.cutAfter = new Map([['onnx/decoder_model_merged_q4.onnx', 2_000_000]]);
  await downloadWhole(page, 'SmolVLM 256M');
  const resumed = hub.requests.filter(({ range, ifRange }) => range !== undefined && ifRange === undefined);
  expect(resumed, 'the rest, asked for without the header that the server forbids').not.toEqual([]);
});

test('a model is carried to another machine in a folder', async ({ page, hub }, info) => {
  const folder = info.outputPath('smolvlm');
  await openJarvis(page);
  await goToModels(page);
  await useHub(page, hub);
  await downloadWhole(page, 'SmolVLM 256M');
  const model = card(page, 'SmolVLM 256M');
  // The browser's own picker cannot be driven: its folder is one of the page's private file system.
  await page.evaluate(() => {
    Object.assign(globalThis, { showDirectoryPicker: () => navigator.storage.getDirectory() });
  });
  await model.getByRole('button', { name: 'Export to a folder' }).click();
  await expect(page.getByText(/^The model was written/)).toBeVisible({ timeout: 60_000 });
  const exported = await page.evaluate(async () => {
    const out: Record<string, string> = {};
    async function walk(directory: FileSystemDirectoryHandle, prefix: string): Promise<void> {
      for await (const handle of (directory as unknown as { values(): AsyncIterable<FileSystemHandle> }).values()) {
        if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle, `${prefix}${handle.name}/`);
        else {
          const bytes = new Uint8Array(await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer());
          let text = '';
          for (let at = 0; at < bytes.length; at += 32768)
            text += String.fromCharCode(...bytes.subarray(at, at + 32768));
          out[prefix + handle.name] = btoa(text);
        }
      }
    }
    await walk(await navigator.storage.getDirectory(), '');
    return out;
  });
  for (const [name, base64] of Object.entries(exported)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Buffer.from(base64, 'base64'));
  }
  await model.getByRole('button', { name: /^Remove SmolVLM 256M/ }).click();
  await model.getByRole('button', { name: /^Yes, remove SmolVLM 256M/ }).click();
  await expect(model.getByRole('button', { name: /^Download / })).toBeVisible();
  await hub.kill(); // the other machine has no internet
  await page.getByLabel('Folder of a model').setInputFiles(folder);
  await model.getByRole('button', { name: 'Answer with it' }).click({ timeout: 60_000 });
  await expectAnswering(page, 'SmolVLM 256M');
});

test('an encoder of another size works with mini: photos are encoded anew, and recognised', async ({ page, hub }) => {
  test.setTimeout(240_000);
  await openJarvis(page);
  await remember(page, REX);
  await goToModels(page);
  await useHub(page, hub);
  const encoder = card(page, 'DINOv2 small');
  await encoder.getByRole('button', { name: /^Download / }).click();
  await encoder.getByRole('button', { name: 'Recognise with it' }).click({ timeout: 60_000 });
  await expectReady(page);
  await expect(encoder.getByText('Recognises now')).toBeVisible();
  await goToMemory(page);
  await page.getByRole('link', { name: /^Rex/ }).click();
  await expectRemembered(page, REX);
  await goToChat(page);
  const answer = await askWithPhoto(page, 'Who is this?', 'rex-1.jpg'); // the stand-in sees colours: the very photo is what it must know
  await expect(said(answer)).toContainText('Rex');
  await expect(said(await ask(page, 'Where does Rex sleep?'))).toContainText(/green basket/i);

  // How sure it must be is learned from the user's photos: one thing says nothing of strangers, two do.
  const curves = (): Promise<{ pairs: number; slope: number }[]> => readStore(page, 'settings', 'calibration/');
  await expect.poll(curves, { timeout: 60_000 }).toMatchObject([{ pairs: 3, slope: UNCALIBRATED.slope }]);
  await goToMemory(page);
  await remember(page, MUG);
  await expect.poll(curves, { timeout: 60_000 }).toMatchObject([{ pairs: 12 }]);
  expect((await curves())[0]?.slope).not.toBe(UNCALIBRATED.slope);

  await goToModels(page);
  await encoder.getByRole('button', { name: /^Remove DINOv2/ }).click();
  await encoder.getByRole('button', { name: /^Yes, remove DINOv2/ }).click();
  await expectReady(page);
  await expect(encoder.getByRole('button', { name: /^Download / })).toBeVisible();
});

test('who stays on the built-in model loads nothing of the hub tier', async ({ page, hub }) => {
  const loaded: string[] = [];
  page.on('request', (request) => {
    if (request.serviceWorker() === null) loaded.push(new URL(request.url()).pathname); // which keeps every file for offline use
  });
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await goToChat(page);
  await ask(page, 'Where does Rex sleep?');
  expect(loaded.some((path) => path.includes('vlm.worker'))).toBe(true);
  expect(loaded.filter((path) => /hub\.worker|kept-model|models-place|unpack-q4|onnx-wire/.test(path))).toEqual([]);
  expect(hub.requests).toEqual([]);
});
