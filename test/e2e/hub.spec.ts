// The hub tier as a person meets it: from the Models page to an answer of the downloaded model, through everything that goes wrong on
// the way. The hub is one on loopback (test/support/hub.ts); its model has mini's weights under SmolVLM-256M's name, so here answers can
// be judged. With random weights at real size an answer is noise: `node test/support/serve-hub.mjs` serves that.

import type { Page } from '@playwright/test';
import { type LoopbackHub, startHub } from '../support/hub';
import { miniAs } from '../support/mini-hub';
import { ask, expect, expectOfflineReady, expectReady, openJarvis, remember, REX, said, test as base } from './jarvis';

/** Requests go to this origin and to the hub that was configured, nowhere else. */
const test = base.extend<{ hub: LoopbackHub }>({
  hub: async ({}, use) => {
    const hub = await startHub([miniAs('smolvlm-256m'), miniAs('smolvlm-500m')]);
    await use(hub);
    await hub.close();
  },
  onlyOwnOrigin: async ({ context, baseURL, hub }, use) => {
    const foreign: string[] = [];
    const allowed = [new URL(baseURL ?? '').origin, hub.url];
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith('http') && !allowed.includes(origin)) foreign.push(request.url());
    });
    await use(undefined);
    expect(foreign, 'requests to another origin').toEqual([]);
  },
});

const ONE_PHOTO = { ...REX, photos: ['rex-1.jpg'] };

async function goToModels(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page
    .getByRole('dialog')
    .getByRole('link', { name: /Get a larger one|Models on this device/ })
    .click();
  await expect(page.getByRole('heading', { name: 'Models', level: 1 })).toBeVisible();
}

/** The one setting: where models come from. */
async function useHub(page: Page, hub: LoopbackHub): Promise<void> {
  await page.getByRole('textbox', { name: 'Model hub' }).fill(hub.url);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
}

const card = (page: Page, label: string) => page.getByRole('listitem', { name: label, exact: true });

async function expectAnswering(page: Page, label: string): Promise<void> {
  await expect(page.getByText(new RegExp(`^${label} · (WASM|WebGPU)`))).toBeVisible({ timeout: 60_000 });
}

test('choose, download, lose the hub, reload, go on, answer, offline too, remove', async ({ page, hub, context }) => {
  test.setTimeout(300_000);
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
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

  await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
  const answer = await ask(page, 'Where does Rex sleep?');
  await expect(said(answer)).toContainText(/green basket/i); // the stand-in's weights are mini's
  await answer.getByRole('button', { name: /tokens linked$/ }).click();
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
  await expectReady(page);
  await expect(model.getByRole('button', { name: /^Download / })).toBeVisible();
  await expect(model.getByText('Answers now')).toHaveCount(0);
});
