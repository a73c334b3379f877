// A worker that dies never hangs the page: what was asked is offered again, and the engine comes back by itself.

import type { Page } from '@playwright/test';
import {
  answerTo,
  ask,
  expect,
  expectReady,
  goToChat,
  openJarvis,
  questionField,
  remember,
  REX,
  said,
  test,
} from './jarvis';

const ONE_PHOTO = { ...REX, photos: ['rex-1.jpg'] };

/** Ends the worker that runs the model, as a crash would. */
async function killModel(page: Page): Promise<void> {
  const worker = page.workers().find((each) => each.url().includes('vlm.worker'));
  if (!worker) throw new Error('no model worker is running');
  await worker.evaluate(() => {
    self.close();
  });
}

test('after a death between questions the next one is answered', async ({ page }) => {
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await goToChat(page);
  await killModel(page);
  await expect(page.getByText(/^(Loading|Starting) /)).toBeVisible();
  await expectReady(page);
  await expect(said(await ask(page, 'Where does Rex sleep?'))).toHaveText(/green basket\.”?$/);
});

test('a death in the middle of an answer offers the question again', async ({ page }) => {
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await goToChat(page);
  const worker = page.workers().find((each) => each.url().includes('vlm.worker'));
  // The model's worker closes itself when it is next asked to do anything.
  await worker?.evaluate(() => {
    addEventListener('message', () => {
      self.close();
    });
  });
  await questionField(page).fill('Where does Rex sleep?');
  await page.keyboard.press('Enter');
  const again = page.getByRole('button', { name: 'Ask again' });
  await expect(again).toBeVisible();
  await expectReady(page);
  await again.click();
  await expect(said(await answerTo(page, 'Where does Rex sleep?'))).toHaveText(/green basket\.”?$/);
});
