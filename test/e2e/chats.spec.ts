// Stop, regenerate, several chats, and Undo for everything that was deleted.

import type { Page } from '@playwright/test';
import {
  answerTo,
  ask,
  expect,
  goToChat,
  goToMemory,
  openJarvis,
  photoButtons,
  questionField,
  remember,
  REX,
  said,
  test,
} from './jarvis';

const ONE_PHOTO = { ...REX, photos: ['rex-1.jpg'] };

/** Presses Stop the moment the page says that the model is at work: a person could not be as quick, a test must. */
async function stopAtOnce(page: Page): Promise<void> {
  await page.evaluate(() => {
    const observer = new MutationObserver(() => {
      if (!/Reading the question|Writing/.test(document.querySelector('article[aria-busy]')?.textContent ?? '')) return;
      observer.disconnect();
      document.querySelector<HTMLElement>('button[aria-label="Stop"]')?.click();
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

test('an answer can be stopped while it is made, and had again', async ({ page }) => {
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await goToChat(page);
  await stopAtOnce(page);
  await questionField(page).fill('Where does Rex sleep?');
  await page.keyboard.press('Enter');
  // Stopped while the question was read, or after some words: both are kept, and both offer to go on.
  const stopped = page.getByText('Stopped', { exact: true }).or(page.getByText('This question has no answer yet.'));
  await expect(stopped).toBeVisible();

  await page.getByRole('button', { name: /^(Ask again|Regenerate)$/ }).click();
  await expect(stopped).toHaveCount(0);
  const answer = await answerTo(page, 'Where does Rex sleep?');
  await expect(said(answer)).toHaveText(/green basket\.”?$/);

  await answer.getByRole('button', { name: 'Regenerate' }).click();
  await expect(said(await answerTo(page, 'Where does Rex sleep?'))).toHaveText(/green basket\.”?$/);
  await expect(page.getByRole('listitem', { name: 'Turn' })).toHaveCount(1);
});

test('Escape at once loses nothing', async ({ page }) => {
  await openJarvis(page);
  await questionField(page).fill('Where does Rex sleep?');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Stop' })).toHaveCount(0);
  const written = page.getByRole('listitem', { name: 'Turn' }).getByText('Where does Rex sleep?');
  const inField = page.locator('textarea').filter({ hasText: 'Where does Rex sleep?' });
  await expect(written.or(inField)).toBeVisible();
});

test('several chats are kept, renamed, deleted and brought back', async ({ page }) => {
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await goToChat(page);
  const first = await said(await ask(page, 'Where does Rex sleep?')).innerText();
  await page.getByRole('link', { name: 'New chat' }).click();
  await expect(page.getByRole('heading', { name: 'What would you like to know?' })).toBeVisible(); // else the old chat's field is filled
  await ask(page, 'What is Rex afraid of?');

  const chats = page.getByRole('navigation', { name: 'Chats' });
  await chats.getByRole('link', { name: 'Where does Rex sleep?' }).click();
  await expect(said(page.getByRole('article', { name: 'Answer' }))).toHaveText(first);

  await chats.getByRole('button', { name: 'More for Where does Rex sleep?' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Name of the chat' }).fill('Beds');
  await page.keyboard.press('Enter');
  await expect(chats.getByRole('link', { name: 'Beds' })).toBeVisible();

  await chats.getByRole('button', { name: 'More for Beds' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(chats.getByRole('link', { name: 'Beds' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(chats.getByRole('link', { name: 'Beds' })).toBeVisible();
  await expect(said(page.getByRole('article', { name: 'Answer' }))).toHaveText(first);
});

test('a fact, a photo and a concept come back by Undo', async ({ page }) => {
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  const facts = page.getByRole('region', { name: 'Facts' });

  await page.getByRole('button', { name: 'Delete: Rex is afraid of thunder.' }).click();
  await expect(facts).not.toContainText('thunder');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(facts).toContainText('thunder');

  await page.getByRole('button', { name: 'Edit: Rex is afraid of thunder.' }).click();
  await page.getByRole('textbox', { name: 'Edit the fact' }).fill('Rex is afraid of cats.');
  await page.keyboard.press('Enter');
  await expect(facts).toContainText('Rex is afraid of cats.');

  await page.getByRole('button', { name: 'Delete Rex, photo 1 of 1' }).click();
  await expect(photoButtons(page, ONE_PHOTO)).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(photoButtons(page, ONE_PHOTO)).toHaveCount(1);

  await page.getByRole('button', { name: 'Forget Rex' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Forget', exact: true }).click();
  await expect(page.getByText('Nothing yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await goToMemory(page);
  await expect(page.getByRole('link', { name: /^Rex/ })).toBeVisible();
});
