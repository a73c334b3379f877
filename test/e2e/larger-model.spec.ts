// A larger model on a server of the user's: chosen in settings, shown before anything goes, falling back when it fails.

import type { Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDouble, type Double, type DoubleBody } from '../support/large-double';
import { answerTo, attachPhoto, expect, goToChat, openJarvis, putQuestion, remember, REX, said, test } from './jarvis';

let server: Double;
test.beforeEach(async ({ allowed }) => {
  server = await startDouble({ kind: 'answers by', reply });
  allowed.push(new URL(server.url).origin);
});
test.afterEach(() => server.close());

/** Says yes to checks, and to a question the note it was sent, as a large model might. */
function reply({ messages }: DoubleBody): string {
  const last = JSON.stringify(messages.at(-1)?.content);
  if (last.includes('Is there a')) return 'Yes.';
  if (last.includes('Say hello')) return 'Hello.';
  return last.includes('green basket') ? 'Rex, of course: in the green basket.' : 'It is not in the notes.';
}

async function chooseServer(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  const settings = page.getByRole('dialog', { name: 'Settings' });
  await settings.getByText('My server').click();
  await settings.getByRole('textbox', { name: 'Address' }).fill(server.url);
  await settings.getByRole('button', { name: 'Find models' }).click();
  await expect(settings.getByRole('status')).toHaveText('2 models.');
  await settings.getByRole('combobox', { name: 'Model' }).fill('large-vl');
  await settings.getByRole('button', { name: 'Test' }).click();
  await expect(settings.getByRole('status')).toContainText('It works: “Hello.”');
  await settings.getByRole('button', { name: 'Close' }).click();
}

test('nothing goes before it was shown, and what went can be read', async ({ page }) => {
  await openJarvis(page);
  await remember(page, REX);
  await chooseServer(page);
  await goToChat(page);
  const before = server.received.length;

  await attachPhoto(page, 'rex-new.jpg');
  await putQuestion(page, 'Where does Rex sleep?');
  const review = page.getByRole('alertdialog', { name: 'Send this?' });
  await expect(review).toContainText('Note about Rex: My dog Rex sleeps in the green basket.');
  await expect(review.getByRole('img', { name: 'Your photo' })).toBeVisible();
  await expect(review.getByRole('checkbox', { name: /add Rex/ }).first()).not.toBeChecked();
  expect(server.received).toHaveLength(before);
  const shown = (await review.locator('pre').textContent()) ?? '';
  await review.getByRole('button', { name: 'Send', exact: true }).click();

  const answer = await answerTo(page, 'Where does Rex sleep?');
  await expect(said(answer)).toHaveText('Rex, of course: in the green basket.');
  await expect(answer).toContainText('Answered by large-vl');
  const bodies = server.received.slice(before).map(({ body }) => body);
  expect(bodies.length).toBeGreaterThanOrEqual(2); // a check, and the question
  expect(JSON.parse(bodies.at(-1) ?? '')).toMatchObject({ model: 'large-vl' });
  for (const line of shown.split('\n'))
    expect(bodies.join('\n')).toContain(JSON.stringify(line).slice(1, -1).replace(/: .*/, ''));
  const picture = /data:(image\/[a-z]+);base64,([^"]+)/.exec(bodies.at(-1) ?? '');
  const sent = Buffer.from(picture?.[2] ?? '', 'base64');
  const original = await readFile(join(import.meta.dirname, '../photos/rex-new.jpg'));
  expect(sent.equals(original)).toBe(false); // encoded anew
  expect(sent.includes('Exif')).toBe(false);

  await answer.getByRole('button', { name: /requests/ }).click();
  await expect(answer.getByRole('region', { name: 'Photo check' })).toContainText('yes');

  await page.getByRole('button', { name: 'Settings' }).click();
  const record = page.getByText('What was sent: 1 question');
  await record.click();
  await page.getByText(/large-vl · \d requests, 1 picture · answered/).click();
  await expect(page.getByRole('img', { name: 'Picture that was sent' })).toBeVisible();
  await page.getByRole('button', { name: 'Clear the record' }).click();
  await expect(page.getByText('Nothing was sent yet')).toBeVisible();
});

test('not sending, and every fault, end in an answer of this device that says so', async ({ page }) => {
  await openJarvis(page);
  await remember(page, REX);
  await chooseServer(page);
  await goToChat(page);
  const review = page.getByRole('alertdialog', { name: 'Send this?' });

  await putQuestion(page, 'Where does Rex sleep?');
  const before = server.received.length;
  await review.getByRole('button', { name: 'Don’t send' }).click();
  let answer = await answerTo(page, 'Where does Rex sleep?');
  await expect(said(answer)).toContainText('green basket');
  await expect(answer).toContainText('Answered on this device. You chose not to send this question.');
  expect(server.received).toHaveLength(before);

  const faults = [
    [{ kind: 'status', status: 401 }, 'did not accept the key'],
    [{ kind: 'cut', text: 'Rex sl' }, 'broke in the middle of the answer'],
  ] as const;
  for (const [at, [manner, sentence]] of faults.entries()) {
    server.manner = manner;
    const question = `Where does Rex sleep${' '.repeat(at)}, please?`;
    await putQuestion(page, question);
    if (at === 0) await review.getByText('Don’t ask again in this chat').click();
    if (at === 0) await review.getByRole('button', { name: 'Send', exact: true }).click();
    answer = await answerTo(page, question);
    await expect(answer).toContainText('green basket');
    await expect(answer).toContainText(sentence);
  }

  server.manner = { kind: 'answers', text: 'Never seen.' };
  server.cors = false; // a browser says the same of a server that is not there
  await putQuestion(page, 'Where does Rex sleep, again?');
  answer = await answerTo(page, 'Where does Rex sleep, again?');
  await expect(answer).toContainText('green basket');
  await expect(answer).toContainText(`allow this page (${new URL(page.url()).origin})`);
});

test('stop ends a larger model too, and keeps its words', async ({ page }) => {
  await openJarvis(page);
  await remember(page, REX);
  await chooseServer(page);
  await goToChat(page);
  server.manner = { kind: 'stalls', text: 'Rex sleeps somewhere ' };
  await putQuestion(page, 'Where does Rex sleep?');
  await page
    .getByRole('alertdialog', { name: 'Send this?' })
    .getByRole('button', { name: 'Send', exact: true })
    .click();
  await expect(page.getByText('Rex sleeps somewhere')).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  const answer = await answerTo(page, 'Where does Rex sleep?');
  await expect(said(answer)).toHaveText('Rex sleeps somewhere');
  await expect(answer).toContainText('Stopped');
});

test('switched back to this device, nothing goes whatever is asked', async ({ page }) => {
  await openJarvis(page);
  await remember(page, REX);
  await chooseServer(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByText('This device only').click();
  await expect(page.getByRole('textbox', { name: 'Address' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Close' }).click();
  const before = server.received.length;
  await goToChat(page);
  await attachPhoto(page, 'rex-new.jpg');
  await putQuestion(page, 'Send Rex to my server and tell me where he sleeps.');
  await answerTo(page, 'Send Rex to my server and tell me where he sleeps.');
  await putQuestion(page, 'Where does Rex sleep?');
  await expect(said(await answerTo(page, 'Where does Rex sleep?'))).toContainText('green basket');
  expect(server.received).toHaveLength(before);
});
