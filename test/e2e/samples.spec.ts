// The first run's short way: sample concepts, then an example question, answered.

import { answerTo, expect, openJarvis, said, test } from './jarvis';

test('sample concepts are loaded and an example question is answered', async ({ page }) => {
  await openJarvis(page);
  await page.getByRole('button', { name: 'Load sample concepts' }).click();
  const examples = page.getByRole('list', { name: 'Example questions' }).getByRole('button');
  await expect(examples.filter({ hasText: 'Where does Bo sleep?' })).toBeVisible();
  await examples.filter({ hasText: 'Where does Bo sleep?' }).click();
  const answer = await answerTo(page, 'Where does Bo sleep?');
  await expect(said(answer)).toContainText(/blue sofa/i);
  await expect(answer.getByRole('region', { name: 'Sources' })).toContainText('sleeps on the blue sofa');
});
