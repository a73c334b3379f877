// The other ways in: paste, a drop on a concept's page, and adding what an answer did not know.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import {
  ask,
  dropFiles,
  expect,
  goToChat,
  openJarvis,
  photoButtons,
  questionField,
  remember,
  REX,
  test,
} from './jarvis';

const ONE_PHOTO = { ...REX, photos: ['rex-1.jpg'] };

/** Pastes a photo where the focus is, as a screenshot from the clipboard would come. */
async function pastePhoto(page: Page, name: string): Promise<void> {
  const base64 = (await readFile(join(import.meta.dirname, '../photos', name))).toString('base64');
  await page.evaluate(
    ([text, fileName]) => {
      const clipboardData = new DataTransfer();
      const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      clipboardData.items.add(new File([bytes], fileName, { type: 'image/jpeg' }));
      const target = document.activeElement ?? document.body;
      target.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    },
    [base64, name] as const,
  );
}

test('a pasted photo is remembered, or goes with the question when one is written', async ({ page }) => {
  await openJarvis(page);
  await questionField(page).focus();
  await pastePhoto(page, 'rex-1.jpg');
  await expect(page.getByRole('img', { name: 'Photo for the question: rex-1.jpg' })).toBeVisible();
  await page.getByRole('button', { name: 'Remember it instead' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remember something' });
  await expect(dialog.getByRole('img', { name: 'rex-1.jpg' })).toBeVisible();
  await pastePhoto(page, 'rex-2.jpg');
  await expect(dialog.getByRole('img', { name: 'rex-2.jpg' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Remove rex-1.jpg' }).click();
  await expect(dialog.getByRole('img', { name: 'rex-1.jpg' })).toHaveCount(0);
});

test('a drop on a concept offers to add to it', async ({ page }) => {
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await dropFiles(page, page.getByRole('main'), ['rex-2.jpg']);
  await page.getByRole('button', { name: 'Add these photos to Rex' }).click();
  await expect(photoButtons(page, ONE_PHOTO)).toHaveCount(2);
});

test('what an answer did not know can be added under it', async ({ page }) => {
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await goToChat(page);
  const answer = await ask(page, 'Where does Waldo live?');
  await answer.getByRole('button', { name: 'Add the fact' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add the fact' });
  await dialog.getByRole('combobox', { name: 'About' }).selectOption('Rex');
  await dialog.getByRole('textbox', { name: 'Fact' }).fill('Rex is afraid of thunder.');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByText('Jarvis knows that already.')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Fact' }).fill('Rex lives with Waldo.');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText('Added to Rex.')).toBeVisible();
});
