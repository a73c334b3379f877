// A larger model on this device as a person meets it: downloaded from a hub on loopback, chosen in settings, asked beside the small one.
// Its weights are mini's under SmolVLM-256M's name (test/support/mini-hub.ts): that it is asked can be judged here, not how well it answers.

import type { Page } from '@playwright/test';
import { type LoopbackHub, startHub } from '../support/hub';
import { miniAs } from '../support/mini-hub';
import {
  answerTo,
  askWithPhoto,
  ask,
  expect,
  expectNoSeriousFinding,
  expectOfflineReady,
  expectReady,
  goToChat,
  openJarvis,
  putQuestion,
  remember,
  REX,
  said,
  secondPage,
  test,
} from './jarvis';

const ONE_PHOTO = { ...REX, photos: ['rex-1.jpg'] };
const QUESTION = 'Where does Rex sleep?';

let hub: LoopbackHub;
test.beforeEach(async ({ allowed }) => {
  hub = await startHub([miniAs('smolvlm-256m')]);
  allowed.push(hub.url);
});
test.afterEach(() => hub.close());

const settingsOf = (page: Page) => page.getByRole('dialog', { name: 'Settings' });
const card = (page: Page) => page.getByRole('listitem', { name: 'SmolVLM 256M', exact: true });

async function openSettings(page: Page) {
  await page.getByRole('button', { name: 'Settings' }).click();
  return settingsOf(page);
}

/** From the settings, which say that there is none, to the Models page, to a whole download, and back to a choice that works. */
async function getLarger(page: Page): Promise<void> {
  const settings = await openSettings(page);
  await settings.getByText('A larger model on this device').click();
  await expect(settings.getByText(/There is no larger model on this device/)).toBeVisible();
  await settings.getByRole('link', { name: 'Models', exact: true }).click();
  await page.getByRole('textbox', { name: 'Model hub' }).fill(hub.url);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
  await card(page)
    .getByRole('button', { name: /^Download / })
    .click();
  await expect(card(page).getByRole('button', { name: 'Answer with it' })).toBeVisible({ timeout: 60_000 });
  await openSettings(page);
  const choices = settings.getByRole('radiogroup', { name: 'Larger model' });
  await expect(choices.getByRole('radio', { name: /SmolVLM 256M/ })).toBeChecked();
}

async function closeSettings(page: Page): Promise<void> {
  await settingsOf(page).getByRole('button', { name: 'Close' }).click();
}

test('download, choose, test, ask with a photo, reload, offline, remove', async ({ page, context }) => {
  test.setTimeout(300_000);
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await getLarger(page);
  const settings = settingsOf(page);
  await settings.getByRole('button', { name: 'Test' }).click();
  await expect(settings.getByRole('status')).toContainText('It works', { timeout: 60_000 });
  await expectNoSeriousFinding(page, 'settings with a larger model');
  await closeSettings(page);

  const before = hub.requests.length;
  await goToChat(page);
  const answer = await askWithPhoto(page, QUESTION, 'rex-new.jpg');
  await expect(answer).toContainText('Answered by SmolVLM 256M');
  await expect(page.getByRole('alertdialog')).toHaveCount(0);
  await answer.getByRole('button', { name: /requests/ }).click();
  const claims = answer.getByRole('region', { name: 'Photo check' });
  await expect(claims).toContainText(/(yes|no), \d+ %/); // its own probabilities
  await expect(claims).toContainText(/Asked SmolVLM 256M: \d+ requests, \d+ tokens in and \d+ out/);
  expect(hub.requests).toHaveLength(before); // nothing leaves: `allowed` is for the download alone

  await expectOfflineReady(page);
  await hub.kill();
  await context.setOffline(true);
  await page.reload();
  await expectReady(page); // the small one starts as ever
  await expect(await ask(page, QUESTION)).toContainText('Answered by SmolVLM 256M');
  await context.setOffline(false);

  await openSettings(page);
  await settings.getByRole('link', { name: /^(Get a larger one|Models on this device)/ }).click();
  await card(page)
    .getByRole('button', { name: /^Remove SmolVLM 256M/ })
    .click();
  await card(page)
    .getByRole('button', { name: /^Yes, remove SmolVLM 256M/ })
    .click();
  await expect(page.getByText('SmolVLM 256M was removed, so this device’s small model answers alone.')).toBeVisible();
  await goToChat(page);
  const alone = await ask(page, QUESTION);
  await expect(said(alone)).toContainText('green basket');
  await expect(alone).not.toContainText('Answered by');
});

test('a death, a stop and another tab', async ({ page, context }) => {
  test.setTimeout(300_000);
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await getLarger(page);
  await closeSettings(page);
  await goToChat(page);
  await expect(await ask(page, QUESTION)).toContainText('Answered by SmolVLM 256M');

  // It closes itself when it is next asked to do anything.
  const worker = page.workers().find((each) => each.url().includes('larger.worker'));
  await worker?.evaluate(() => {
    addEventListener('message', () => {
      self.close();
    });
  });
  const fallen = await ask(page, QUESTION);
  await expect(said(fallen)).toContainText('green basket');
  await expect(fallen).toContainText('Answered on this device. SmolVLM 256M stopped unexpectedly.');

  await putQuestion(page, QUESTION);
  await expect(page.getByText(/^(Loading|Testing) SmolVLM 256M/)).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('button', { name: 'Stop' })).toHaveCount(0);
  await expect(await ask(page, QUESTION)).toContainText('Answered by SmolVLM 256M');

  const other = await secondPage(context);
  await other.goto(page.url());
  await other.getByRole('button', { name: 'Use Jarvis here' }).click();
  await expectReady(other);
  await expect.poll(() => page.workers().filter((each) => each.url().includes('larger.worker')).length).toBe(0);
  await expect(await ask(other, QUESTION)).toContainText('Answered by SmolVLM 256M');
});

test('where memory is short the small model makes room and comes back', async ({ page }) => {
  test.setTimeout(300_000);
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'deviceMemory', { configurable: true, get: () => 0.25 });
  });
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await getLarger(page);
  await closeSettings(page);
  await goToChat(page);
  await putQuestion(page, QUESTION);
  await expect(
    page.getByText(/Putting mini away to make room for SmolVLM 256M|(Loading|Testing) SmolVLM 256M/),
  ).toBeVisible();
  const answer = await answerTo(page, QUESTION);
  await expect(answer).toContainText('Answered by SmolVLM 256M');
  await expect(page.getByRole('listitem', { name: 'Turn' })).toHaveCount(1);

  await openSettings(page);
  await settingsOf(page).getByText('This device only').click();
  await closeSettings(page);
  await expect(said(await ask(page, QUESTION))).toContainText('green basket');
});
