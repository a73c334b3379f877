// The main job, from an empty page to an answer without a network, and what is left when a thing is forgotten.

import {
  ask,
  askWithPhoto,
  expect,
  expectOfflineReady,
  expectReady,
  expectRemembered,
  expectUnknown,
  goToChat,
  goToMemory,
  MUG,
  openJarvis,
  remember,
  REX,
  said,
  test,
} from './jarvis';

test('remembers two things, answers about them, offline too, and forgets', async ({ page, context }) => {
  test.setTimeout(300_000);
  await openJarvis(page);
  await expect(page.getByRole('heading', { name: 'Jarvis remembers your things.' })).toBeVisible();

  await remember(page, REX);
  await remember(page, MUG);

  await goToChat(page);
  const byName = await ask(page, 'Where does Rex sleep?');
  await expect(said(byName)).toContainText(/green basket/i);
  await expect(byName.getByRole('region', { name: 'Sources' })).toContainText('My dog Rex sleeps in the green basket.');

  const byPhoto = await askWithPhoto(page, 'Who is this?', 'rex-new.jpg');
  await expect(said(byPhoto)).toContainText('Rex');
  await expect(page.getByRole('img', { name: 'Shows Rex' })).toBeVisible();

  const stranger = await askWithPhoto(page, 'What is this?', 'stranger-truck.jpg');
  await expectUnknown(stranger);
  const unknownName = await ask(page, 'Where does Waldo live?');
  await expectUnknown(unknownName);

  await page.reload();
  await expectReady(page);
  await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(4);
  await expectOfflineReady(page);

  await context.setOffline(true);
  await page.reload();
  await expectReady(page);
  const offline = await ask(page, 'Where is the Tea Mug kept?');
  await expect(said(offline)).toContainText(/kitchen shelf/i);
  await expect(page.getByText('offline', { exact: false }).first()).toBeVisible();

  await goToMemory(page);
  await page.getByRole('link', { name: /^Rex/ }).click();
  await expectRemembered(page, REX);
  await page.getByRole('button', { name: 'Forget Rex' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Forget', exact: true }).click();
  await expect(page.getByRole('link', { name: /^Rex/ })).toHaveCount(0);

  await goToChat(page);
  const forgotten = await ask(page, 'Where does Rex sleep?');
  await expectUnknown(forgotten);
  await expect(forgotten).not.toContainText(/green basket/i);
});

test('shows the trace and the patches of an answer', async ({ page }) => {
  await openJarvis(page);
  await remember(page, REX);
  await goToChat(page);
  const answer = await askWithPhoto(page, 'Who is this?', 'rex-new.jpg');
  await expect(said(answer)).toContainText('Rex');

  await answer.getByRole('button', { name: /tokens linked$/ }).click();
  const timeline = answer.getByRole('list', { name: 'Stages' });
  await expect(timeline.getByRole('listitem')).toHaveText([
    /enrol/,
    /mine/,
    /encode/,
    /store/,
    /retrieve.*ms/,
    /assemble.*ms/,
    /decode.*m?s/,
    /reflect.*ms/,
  ]);
  await expect(answer).toContainText('First token');
  await expect(answer).toContainText(/WASM|WebGPU/);

  await answer.getByRole('button', { name: 'Photo of Rex with the patch that was used' }).first().click();
  await expect(page.getByRole('dialog', { name: 'Rex' })).toContainText(/used in this answer/);
});
