// Stop, regenerate, several chats, and Undo for everything that was deleted.

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

test('an answer can be stopped, and asked for again', async ({ page }) => {
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await goToChat(page);
  await questionField(page).fill('Where does Rex sleep?');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();

  // It was stopped before or after its first word; either way it can be had again.
  await page.getByRole('button', { name: /^(Ask again|Regenerate)$/ }).click();
  const answer = await answerTo(page, 'Where does Rex sleep?');
  await expect(said(answer)).toContainText(/green basket/i);

  await answer.getByRole('button', { name: 'Regenerate' }).click();
  await expect(said(await answerTo(page, 'Where does Rex sleep?'))).toContainText(/green basket/i);
  await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(1);
});

test('several chats are kept, renamed, deleted and brought back', async ({ page }) => {
  await openJarvis(page);
  await remember(page, ONE_PHOTO);
  await goToChat(page);
  await ask(page, 'Where does Rex sleep?');
  await page.getByRole('link', { name: 'New chat' }).click();
  await ask(page, 'What is Rex afraid of?');

  const chats = page.getByRole('navigation', { name: 'Chats' });
  await chats.getByRole('link', { name: 'Where does Rex sleep?' }).click();
  await expect(said(page.getByRole('article', { name: 'Answer' }))).toContainText(/green basket/i);

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
  await expect(said(page.getByRole('article', { name: 'Answer' }))).toContainText(/green basket/i);
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
