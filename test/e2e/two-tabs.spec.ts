// One tab has the models and the memory; another says so and can take over.

import { expect, expectReady, expectRemembered, openJarvis, remember, REX, secondPage, test } from './jarvis';

test('a second tab is locked until it takes over', async ({ page, context }) => {
  await openJarvis(page);
  await remember(page, { ...REX, photos: ['rex-1.jpg'] });

  const other = await secondPage(context);
  await other.goto(page.url());
  await expect(other.getByRole('heading', { name: 'Jarvis is open in another tab' })).toBeVisible();

  await other.getByRole('button', { name: 'Use Jarvis here' }).click();
  await expectReady(other);
  await expectRemembered(other, { ...REX, photos: ['rex-1.jpg'] });
  await expect(page.getByRole('heading', { name: 'Jarvis is open in another tab' })).toBeVisible();

  await page.getByRole('button', { name: 'Use Jarvis here' }).click();
  await expectReady(page);
  await expect(other.getByRole('heading', { name: 'Jarvis is open in another tab' })).toBeVisible();
});
