// The check-up and the score map, as a person sees them.

import { expect, goToMemory, MUG, openJarvis, photoButtons, remember, REX, test } from './jarvis';

test('checks its own memory, keeps what it found, and can be stopped', async ({ page }) => {
  await openJarvis(page, './#/check-up');
  await expect(page.getByText('There is nothing to compare yet.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Check my memory' })).toBeDisabled();

  await goToMemory(page);
  await remember(page, REX);
  await goToMemory(page);
  await remember(page, MUG);

  await goToMemory(page);
  await page.getByRole('link', { name: 'Check-up' }).click();
  await page.getByRole('button', { name: 'Check my memory' }).press('Enter');
  const progress = page.getByRole('progressbar', { name: 'Check-up' });
  await expect(progress).toContainText(/Question \d+ of \d+/);
  await page.screenshot({ path: 'test-results/check-up-running.png' });
  await expect(progress).toHaveCount(0, { timeout: 90_000 });

  const things = page.getByRole('region', { name: 'By thing' });
  await expect(things.getByRole('row', { name: /^Rex \d+ of \d+/ })).toBeVisible();
  await expect(things.getByRole('row', { name: /^Tea Mug \d+ of \d+/ })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Which photo would help most' })).toBeVisible();
  await page.screenshot({ path: 'test-results/check-up.png', fullPage: true });
  const sum = await page.locator('.check-up-sum strong').innerText();

  await page.reload();
  await expect(page.locator('.check-up-sum strong')).toHaveText(sum);

  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(progress).toContainText(/Question [3-9] of/);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(progress).toHaveCount(0);
  await expect(page.getByText('stopped before the end')).toBeVisible();
});

test('shows the score map of a photo, and takes it away', async ({ page }) => {
  await openJarvis(page);
  await remember(page, { ...REX, photos: ['rex-1.jpg', 'rex-2.jpg'] });
  await photoButtons(page, REX).first().click();
  const dialog = page.getByRole('dialog', { name: 'Rex' });
  await dialog.getByRole('switch', { name: 'Score map' }).press('Space');
  await expect(dialog.getByRole('img', { name: /^Score map/ })).toBeVisible();
  await page.screenshot({ path: 'test-results/score-map.png' });
  await dialog.getByRole('switch', { name: 'Score map' }).press('Space');
  await expect(dialog.getByRole('img', { name: /^Score map/ })).toHaveCount(0);
});
