// An enrolment that a reload interrupts goes on where it was.

import {
  ask,
  beginToRemember,
  expect,
  expectReady,
  expectRemembered,
  goToChat,
  openJarvis,
  REX,
  said,
  test,
} from './jarvis';

test('a reload in the middle of an enrolment loses nothing', async ({ page }) => {
  await openJarvis(page);
  await beginToRemember(page, REX);
  await expect(page.getByRole('list', { name: 'Progress' }).getByRole('listitem').first()).toBeVisible();
  await page.reload();
  await expectReady(page);
  await expectRemembered(page, REX);
  await expect(page.getByRole('region', { name: 'Facts' })).toContainText('Rex is afraid of thunder.');

  await goToChat(page);
  await expect(said(await ask(page, 'What is Rex afraid of?'))).toContainText(/thunder/i);
});
