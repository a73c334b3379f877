// What cannot be used is said in a sentence, and nothing that was typed or dropped is lost.

import { dropFiles, expect, openJarvis, photoButtons, remember, REX, test } from './jarvis';

test('says what is wrong with a file and keeps the rest', async ({ page }) => {
  await openJarvis(page);
  await dropFiles(page, page.getByRole('main'), ['corrupt.jpg', 'one-pixel.png', 'rex-1.jpg']);
  const dialog = page.getByRole('dialog', { name: 'Remember something' });
  await expect(dialog.getByText(/^corrupt\.jpg: .*not a picture this browser can read/)).toBeVisible();
  await expect(dialog.getByText(/^one-pixel\.png: .*only 1 × 1 pixels/)).toBeVisible();
  await expect(dialog.getByRole('img', { name: 'rex-1.jpg' })).toBeVisible();

  await dialog.getByRole('textbox', { name: 'Facts' }).fill('Rex is afraid of thunder.');
  await dialog.getByRole('button', { name: 'Remember', exact: true }).click();
  await expect(dialog.getByText('Give it a name, so that you can ask about it.')).toBeVisible();
  await expect(dialog.getByRole('textbox', { name: 'Name', exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expect(dialog.getByRole('textbox', { name: 'Facts' })).toHaveValue('Rex is afraid of thunder.');
  await expect(dialog.getByRole('img', { name: 'rex-1.jpg' })).toBeVisible();

  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Rex');
  await dialog.getByRole('button', { name: 'Remember', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Rex', level: 1 })).toBeVisible();
  await expect(photoButtons(page, REX)).toHaveCount(1);
});

test('only unusable photos and no fact are not enough', async ({ page }) => {
  await openJarvis(page);
  await dropFiles(page, page.getByRole('main'), ['corrupt.jpg']);
  const dialog = page.getByRole('dialog', { name: 'Remember something' });
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Ghost');
  await expect(dialog.getByText(/not a picture this browser can read/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Remember', exact: true }).click();
  await expect(dialog.getByText('Add a photo or a fact: there is nothing to remember yet.')).toBeVisible();
});

test('a name that is taken offers to add to it', async ({ page }) => {
  await openJarvis(page);
  await remember(page, { ...REX, photos: ['rex-1.jpg'] });
  await dropFiles(page, page.getByRole('main'), ['rex-2.jpg']);
  const dialog = page.getByRole('dialog', { name: 'Remember something' });
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('rex');
  await dialog.getByRole('button', { name: 'Remember', exact: true }).click();
  await expect(dialog.getByText(/You already have “Rex”\. Add to it/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Add these photos to Rex' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(photoButtons(page, REX)).toHaveCount(2);
});

test('an unreadable photo for a question is refused and the question stays', async ({ page }) => {
  await openJarvis(page);
  await page.getByRole('textbox', { name: 'Question' }).fill('What is this?');
  await dropFiles(page, page.getByRole('form', { name: 'Ask' }), ['corrupt.jpg']);
  await page.getByRole('button', { name: 'Ask about this photo' }).click();
  await expect(page.getByText(/corrupt\.jpg: .*not a picture/)).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Question' })).toHaveValue('What is this?');
});
