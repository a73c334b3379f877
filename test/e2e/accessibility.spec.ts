// Usable without a pointer, and no serious finding by axe in either theme.

import type { Page } from '@playwright/test';
import {
  answerTo,
  ask,
  expect,
  expectNoSeriousFinding,
  goToChat,
  goToMemory,
  openJarvis,
  questionField,
  remember,
  REX,
  said,
  test,
} from './jarvis';

const ONE_PHOTO = { ...REX, photos: ['rex-1.jpg'] };

/** Presses Tab until `name` has the focus. */
async function tabTo(page: Page, role: 'button' | 'link' | 'textbox', name: string | RegExp): Promise<void> {
  const target = page.getByRole(role, { name }).first();
  for (let presses = 0; presses < 40; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${role} ${name.toString()}`);
}

test('remembers, asks and forgets with the keyboard alone', async ({ page }) => {
  await openJarvis(page);
  await tabTo(page, 'button', 'Add something of yours');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused();
  await page.keyboard.type('Rex');
  await tabTo(page, 'textbox', 'Facts');
  await page.keyboard.type('My dog Rex sleeps in the green basket.');
  await tabTo(page, 'button', /^Remember$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Rex', level: 1 })).toBeVisible();

  await tabTo(page, 'link', 'Chat');
  await page.keyboard.press('Enter');
  await tabTo(page, 'textbox', 'Question');
  await page.keyboard.type('Where does Rex');
  await page.keyboard.press('Shift+Enter');
  await expect(questionField(page)).toHaveValue('Where does Rex\n');
  await page.keyboard.press('Backspace');
  await page.keyboard.type(' sleep?');
  await page.keyboard.press('Enter');
  await expect(said(await answerTo(page, 'Where does Rex sleep?'))).toContainText(/green basket/i);
  await expect(questionField(page)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(questionField(page)).toHaveValue('Where does Rex sleep?');
});

test('patches can be moved, drawn and removed with the keyboard', async ({ page }) => {
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await page.getByRole('button', { name: 'Rex, photo 1 of 1', exact: true }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Rex' });
  await dialog.getByRole('button', { name: 'Edit patches' }).press('Enter');
  const boxes = dialog.getByRole('button', { name: /^Patch \d+ of/ });
  const before = await boxes.count();
  expect(before).toBeGreaterThan(0);

  await dialog.getByRole('button', { name: 'Add a patch' }).press('Enter');
  await expect(boxes).toHaveCount(before + 1);
  await expect(boxes.last()).toBeFocused();
  const from = await boxes.last().boundingBox();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const to = await boxes.last().boundingBox();
  expect((to?.x ?? 0) - (from?.x ?? 0)).toBeGreaterThan(4);
  await boxes.first().press('Delete');
  await expect(boxes).toHaveCount(before);
  await dialog.getByRole('button', { name: 'Save patches' }).press('Enter');
  await expect(dialog).toContainText('drawn by you');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await openJarvis(page);
    await expectNoSeriousFinding(page, 'first run');

    await page.getByRole('button', { name: 'Add something of yours' }).click();
    const enrolment = page.getByRole('dialog', { name: 'Remember something' });
    await enrolment.getByRole('button', { name: 'Remember', exact: true }).click();
    await expect(enrolment.getByText('Give it a name')).toBeVisible();
    await expectNoSeriousFinding(page, 'enrolment dialog');
    await page.keyboard.press('Escape');

    await remember(page, ONE_PHOTO);
    await expectNoSeriousFinding(page, 'concept page');
    await page.getByRole('button', { name: 'Edit the card' }).click();
    await expectNoSeriousFinding(page, 'card form');
    await page.getByRole('button', { name: 'Cancel' }).click();

    await page.getByRole('button', { name: 'Rex, photo 1 of 1', exact: true }).click();
    await expectNoSeriousFinding(page, 'photo dialog');
    await page.getByRole('button', { name: 'Edit patches' }).click();
    await expectNoSeriousFinding(page, 'patch editor');
    await page.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'Forget Rex' }).click();
    await expectNoSeriousFinding(page, 'forget dialog');
    await page.getByRole('button', { name: 'Cancel' }).click();

    await goToMemory(page);
    await expectNoSeriousFinding(page, 'memory');

    await goToChat(page);
    const answer = await ask(page, 'Where does Rex sleep?');
    await answer.getByRole('button', { name: /tokens linked$/ }).click();
    await expectNoSeriousFinding(page, 'chat');

    await page.getByRole('button', { name: /^More for/ }).click();
    await expect(page.getByRole('menu')).toBeVisible();
    await expectNoSeriousFinding(page, 'chat menu');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Settings' }).click();
    await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
    await expectNoSeriousFinding(page, 'settings');
    await page.getByText('A larger model on this device').click();
    await expect(page.getByText(/There is no larger model on this device/)).toBeVisible();
    await expectNoSeriousFinding(page, 'settings without a larger model');
    await page.getByText('This device only').click();
    await page.getByRole('link', { name: 'Get a larger one' }).click();
    await expect(page.getByRole('listitem', { name: 'SmolVLM 256M', exact: true })).toBeVisible();
    await expectNoSeriousFinding(page, 'models');
  });
}

test('the theme can be chosen and is kept', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await openJarvis(page);
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: 'Dark' }).press('Space');
  await expect.poll(paper).not.toBe(light);
  const dark = await paper();
  await page.reload();
  expect(await paper()).toBe(dark);
});
