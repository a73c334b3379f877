// At the width of a phone everything fits and nothing scrolls sideways.

import type { Page } from '@playwright/test';
import { ask, expect, goToChat, goToMemory, openJarvis, remember, REX, test } from './jarvis';

test.use({ viewport: { width: 390, height: 780 }, hasTouch: true });

async function expectNoSidewaysScroll(page: Page, where: string): Promise<void> {
  const overflow = await page.evaluate(() => {
    const widest = document.scrollingElement?.scrollWidth ?? 0;
    const beyond = [...document.querySelectorAll('main *, header *, [role=dialog] *')].filter((element) => {
      const { right, width } = element.getBoundingClientRect();
      return width > 1 && right > innerWidth + 1;
    });
    return { tooWide: widest > innerWidth, beyond: beyond.map((element) => element.outerHTML.slice(0, 120)) };
  });
  expect(overflow, where).toEqual({ tooWide: false, beyond: [] });
}

test('fits a phone', async ({ page }) => {
  await openJarvis(page);
  await expectNoSidewaysScroll(page, 'first run');
  await remember(page, { ...REX, name: 'Rex with quite a long name that has to wrap somewhere' });
  await expectNoSidewaysScroll(page, 'concept page');
  await page
    .getByRole('button', { name: /photo 1 of 3/ })
    .first()
    .click();
  await expectNoSidewaysScroll(page, 'photo dialog');
  await page.getByRole('button', { name: 'Edit patches' }).click();
  await expectNoSidewaysScroll(page, 'patch editor');
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await goToMemory(page);
  await expectNoSidewaysScroll(page, 'memory');
  await goToChat(page);
  const answer = await ask(page, 'Where does Rex sleep and_what_about_this_word_that_is_far_too_long_for_a_phone?');
  await answer.getByRole('button', { name: /tokens linked$/ }).click();
  await expectNoSidewaysScroll(page, 'chat');
  await page.getByRole('button', { name: 'Chats' }).click();
  await expect(page.getByRole('link', { name: 'New chat' })).toBeVisible();
  await expectNoSidewaysScroll(page, 'chats');
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  await expectNoSidewaysScroll(page, 'settings');
});
