// What the e2e tests share: a page that may talk to its own origin only, and the acts of a person in words.

import axe from 'axe-core';
import { expect, test as base, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const PHOTOS = join(import.meta.dirname, '../photos');

export const REX = {
  name: 'Rex',
  photos: ['rex-1.jpg', 'rex-2.jpg', 'rex-3.jpg'],
  facts: ['My dog Rex sleeps in the green basket.', 'Rex is afraid of thunder.'],
};

export const MUG = {
  name: 'Tea Mug',
  photos: ['tea-mug-1.jpg', 'tea-mug-2.jpg', 'tea-mug-3.jpg'],
  facts: ['The Tea Mug is kept on the kitchen shelf.', 'The Tea Mug is from Berlin.'],
};

/** Every test fails when anything, page, worker or service worker, asks another origin, except those a test puts into `allowed`. */
export const test = base.extend<{ allowed: string[]; onlyOwnOrigin: undefined }>({
  allowed: async ({}, use) => {
    await use([]);
  },
  onlyOwnOrigin: [
    async ({ context, baseURL, allowed }, use) => {
      const foreign: string[] = [];
      const own = new URL(baseURL ?? '').origin;
      context.on('request', (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith('http') && origin !== own && !allowed.includes(origin)) foreign.push(request.url());
      });
      await use(undefined);
      expect(foreign, 'requests to another origin').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Opens the page and waits until questions can be asked. */
export async function openJarvis(page: Page, path = './'): Promise<void> {
  await page.goto(path);
  await expectReady(page);
}

export async function expectReady(page: Page): Promise<void> {
  await expect(page.getByText(/^mini · (WASM|WebGPU)/)).toBeVisible({ timeout: 60_000 });
}

/** A real drop: the files travel in a DataTransfer through dragenter, dragover and drop. */
export async function dropFiles(page: Page, target: Locator, names: readonly string[]): Promise<void> {
  const files = await Promise.all(
    names.map(async (name) => ({
      name: basename(name),
      type: name.endsWith('.png') ? 'image/png' : 'image/jpeg',
      base64: (await readFile(join(PHOTOS, name))).toString('base64'),
    })),
  );
  const dataTransfer = await page.evaluateHandle((list) => {
    const data = new DataTransfer();
    for (const { name, type, base64 } of list) {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      data.items.add(new File([bytes], name, { type }));
    }
    return data;
  }, files);
  for (const type of ['dragenter', 'dragover', 'drop']) await target.dispatchEvent(type, { dataTransfer });
}

export interface Thing {
  readonly name: string;
  readonly photos: readonly string[];
  readonly facts: readonly string[];
}

/** Fills the enrolment dialog and presses Remember; the photos are dropped on the page first. */
export async function beginToRemember(page: Page, thing: Thing): Promise<void> {
  await dropFiles(page, page.getByRole('main'), thing.photos);
  const dialog = page.getByRole('dialog', { name: 'Remember something' });
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill(thing.name);
  await dialog.getByRole('textbox', { name: 'Facts' }).fill(thing.facts.join('\n'));
  await dialog.getByRole('button', { name: 'Remember', exact: true }).click();
  await expect(page.getByRole('heading', { name: thing.name, level: 1 })).toBeVisible();
}

/** Until no photo has anything left to do. */
export async function expectRemembered(page: Page, thing: Thing): Promise<void> {
  await expect(page.getByRole('heading', { name: thing.name, level: 1 })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Progress' })).toHaveCount(0, { timeout: 90_000 });
  await expect(photoButtons(page, thing)).toHaveCount(thing.photos.length);
  await expect(page.getByRole('switch', { name: 'Show patches' })).toBeVisible();
}

export async function remember(page: Page, thing: Thing): Promise<void> {
  await beginToRemember(page, thing);
  await expectRemembered(page, thing);
}

export function photoButtons(page: Page, thing: Thing): Locator {
  return page
    .getByRole('region', { name: 'Photos' })
    .getByRole('button', { name: new RegExp(`^${thing.name}, photo \\d+ of`) });
}

export async function goToChat(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Chat' }).click();
  await expect(questionField(page)).toBeVisible();
}

/** The place is loaded when it is first gone to: until it shows, the page that was left still has its links. */
export async function goToMemory(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Memory' }).click();
  await expect(page.getByRole('main').getByRole('heading', { name: 'Memory', level: 1 })).toBeVisible();
}

export function questionField(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Question' });
}

/** Asks in the chat that is open and resolves to the finished answer. */
export async function ask(page: Page, text: string): Promise<Locator> {
  await putQuestion(page, text);
  return answerTo(page, text);
}

/** Asks, without waiting for an answer. */
export async function putQuestion(page: Page, text: string): Promise<void> {
  await questionField(page).fill(text);
  await page.keyboard.press('Enter');
}

/** Puts a new photo to the question by dropping it on the composer. */
export async function askWithPhoto(page: Page, text: string, photo: string): Promise<Locator> {
  await attachPhoto(page, photo);
  return ask(page, text);
}

export async function attachPhoto(page: Page, photo: string): Promise<void> {
  await dropFiles(page, page.getByRole('form', { name: 'Ask' }), [photo]);
  await page.getByRole('button', { name: 'Ask about this photo' }).click();
  await expect(page.getByRole('img', { name: `Photo for the question: ${photo}` })).toBeVisible();
}

/** The finished answer to the last question, which must be `text`. */
export async function answerTo(page: Page, text: string): Promise<Locator> {
  const turn = page.getByRole('listitem', { name: 'Turn' }).last();
  await expect(turn.getByText(text, { exact: true })).toBeVisible();
  const answer = turn.getByRole('article', { name: 'Answer' });
  await expect(answer.getByRole('button', { name: 'Copy' })).toBeVisible({ timeout: 60_000 });
  return answer;
}

/** The words of an answer, without what stands under them. */
export function said(answer: Locator): Locator {
  return answer.getByRole('paragraph').first();
}

export async function expectUnknown(answer: Locator): Promise<void> {
  await expect(said(answer)).toHaveText("I don't know.");
  await expect(answer.getByRole('button', { name: 'Add the fact' })).toBeVisible();
}

/** The app's files are all in the service worker's cache, and it serves this page. */
export async function expectOfflineReady(page: Page): Promise<void> {
  await page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.ready;
    return registration.active?.state === 'activated' && navigator.serviceWorker.controller !== null;
  });
}

/** What lies in a store of Jarvis's memory, all of it or what its keys begin with. */
export async function readStore<T>(page: Page, store: string, prefix = ''): Promise<T[]> {
  const values: unknown[] = await page.evaluate(
    async ([name, from]) => {
      const settled = <R>(request: IDBRequest<R>): Promise<R> =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error ?? new Error('memory cannot be read'));
        });
      const db = await settled(indexedDB.open('jarvis'));
      try {
        const range = from === '' ? undefined : IDBKeyRange.bound(from, `${from}\uffff`);
        return (await settled(db.transaction(name).objectStore(name).getAll(range))) as unknown[];
      } finally {
        db.close();
      }
    },
    [store, prefix] as const,
  );
  return values as T[];
}

export async function secondPage(context: BrowserContext): Promise<Page> {
  return context.newPage();
}

/** By axe, in the theme that is shown. */
export async function expectNoSeriousFinding(page: Page, where: string): Promise<void> {
  await page.evaluate(axe.source);
  const findings = await page.evaluate(async () => {
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)));
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document);
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  });
  expect(findings, where).toEqual([]);
}
