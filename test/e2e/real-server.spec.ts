// A real OpenAI-compatible server with a real model behind it: Python transformers' own `serve` on the embedded model, where it is installed.

import { join } from 'node:path';
import { findServingPython, serveModel, type ModelServer } from '../../bench/transformers-serve';
import { answerTo, attachPhoto, expect, goToChat, openJarvis, putQuestion, remember, REX, said, test } from './jarvis';

const python = findServingPython();
test.skip(
  python === undefined,
  "no Python with transformers' serve command (pip install 'transformers[serving]' torch; JARVIS_PYTHON names one)",
);

let server: ModelServer;
test.beforeEach(async ({ allowed }) => {
  server = await serveModel(python ?? '', join(import.meta.dirname, '../../public/models/mini'));
  allowed.push(new URL(server.baseUrl).origin);
});
test.afterEach(() => server.close());

test('checks a photo, answers, and streams', async ({ page }) => {
  await openJarvis(page);
  await remember(page, REX);
  await page.getByRole('button', { name: 'Settings' }).click();
  const settings = page.getByRole('dialog', { name: 'Settings' });
  await settings.getByText('My server').click();
  await settings.getByRole('textbox', { name: 'Address' }).fill(server.baseUrl);
  await settings.getByRole('button', { name: 'Find models' }).click();
  await expect(settings.getByRole('status')).toContainText('names no models'); // it lists what it has downloaded: nothing
  await settings
    .getByRole('combobox', { name: 'Model' })
    .or(settings.getByRole('textbox', { name: 'Model' }))
    .fill(server.model);
  await settings.getByRole('button', { name: 'Test' }).click();
  await expect(settings.getByRole('status')).toContainText('It works', { timeout: 60_000 });
  await settings.getByRole('button', { name: 'Close' }).click();

  await goToChat(page);
  await attachPhoto(page, 'rex-new.jpg');
  await putQuestion(page, 'What is this?');
  await page
    .getByRole('alertdialog', { name: 'Send this?' })
    .getByRole('button', { name: 'Send', exact: true })
    .click();
  const answer = await answerTo(page, 'What is this?');
  await expect(answer).toContainText('Answered by');
  expect((await said(answer).textContent())?.length).toBeGreaterThan(3);
  await answer.getByRole('button', { name: /requests/ }).click();
  await expect(answer.getByRole('region', { name: 'Photo check' })).toContainText(/yes|no/);
});
