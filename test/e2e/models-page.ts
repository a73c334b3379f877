// The Models page over a hub on loopback, as the e2e tests share it: the acts of a person there, and a test that lets no other host be asked.

import type { Locator, Page } from '@playwright/test';
import { type HubRepo, type LoopbackHub, startHub } from '../support/hub';
import { expect, readStore, test as base } from './jarvis';

/** Requests go to this origin and to the hub that was configured, nowhere else. */
export function hubTest(repos: () => HubRepo[]) {
  return base.extend<{ hub: LoopbackHub }>({
    hub: async ({}, use) => {
      const hub = await startHub(repos());
      await use(hub);
      await hub.close();
    },
    allowed: async ({ hub }, use) => {
      await use([hub.url]);
    },
  });
}

export async function goToModels(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page
    .getByRole('dialog')
    .getByRole('link', { name: /Get a larger one|Models on this device/ })
    .click();
  await expect(page.getByRole('heading', { name: 'Models', level: 1 })).toBeVisible();
}

/** The one setting: where models come from. */
export async function useHub(page: Page, hub: LoopbackHub): Promise<void> {
  await page.getByRole('textbox', { name: 'Model hub' }).fill(hub.url);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
}

export function card(page: Page, label: string): Locator {
  return page.getByRole('listitem', { name: label, exact: true });
}

export async function expectAnswering(page: Page, label: string, timeout = 60_000): Promise<void> {
  await expect(page.getByText(new RegExp(`^${label} · (WASM|WebGPU)`))).toBeVisible({ timeout });
}

/** How many blocks memory holds, by the fingerprint of the model that made them. */
export async function blocksByModel(page: Page): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { model } of await readStore<{ model: string }>(page, 'blocks')) counts[model] = (counts[model] ?? 0) + 1;
  return counts;
}
