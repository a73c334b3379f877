// The way of hub.spec.ts with a model of real size: SmolVLM-256M's architecture in random weights, a quarter of a gigabyte in q4. What is said
// is noise; what is proved is that everything holds at that size on this machine, and the times and the memory it takes are printed:
//
//     python -m training.realsize --source …/smolvlm-256m-tokenizer --dtypes q4
//     npx playwright test real-size

import type { Page } from '@playwright/test';
import { peakMemory } from '../../bench/peak-memory';
import { realSize } from '../support/real-hub';
import { ask, expect, expectOfflineReady, expectReady, openJarvis, remember, REX, said } from './jarvis';
import { blocksByModel, card, expectAnswering, goToModels, hubTest, useHub } from './models-page';

const repo = realSize('q4');
const test = hubTest(() => (repo ? [repo] : []));

const LABEL = 'SmolVLM 256M';
/** Every step on one busy core. */
const PATIENCE = 300_000;

async function keptBytes(page: Page): Promise<number> {
  return page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
}

test(
  repo
    ? 'at real size: choose, download, lose the hub, reload, go on, answer, offline too, remove'
    : 'skipped: there is no training/runs/real-size, which `python -m training.realsize` writes',
  async ({ page, hub, context }) => {
    test.skip(repo === undefined, 'no model of real size on this machine');
    test.setTimeout(20 * 60_000);
    const told: string[] = [];
    let since = performance.now();
    const tell = async (what: string): Promise<void> => {
      const ms = performance.now() - since;
      const [peak] = await peakMemory(context);
      told.push(`${(ms / 1000).toFixed(1).padStart(8)} s  ${what}; peak so far ${Math.round(peak?.value ?? 0)} MB`);
      console.log(told.at(-1));
      since = performance.now();
    };

    await openJarvis(page);
    await remember(page, { ...REX, photos: ['rex-1.jpg'] });
    const before = await blocksByModel(page);
    const [mini = ''] = Object.keys(before);
    await goToModels(page);
    await useHub(page, hub);
    await tell('the app with mini, one concept remembered');

    const model = card(page, LABEL);
    const progress = model.getByRole('progressbar', { name: `Download of ${LABEL}` });
    await model.getByRole('button', { name: /^Download / }).click();
    await expect
      .poll(async () => Number(await progress.getAttribute('aria-valuenow')), { timeout: PATIENCE, intervals: [50] })
      .toBeGreaterThan(40);
    await hub.kill(); // half way
    await tell('downloaded to 40 %, then the hub was killed');
    await page.reload();
    await expectReady(page);
    await expect(model.getByText(/closed while this was downloading\. What came is kept/)).toBeVisible();
    expect(Number(await progress.getAttribute('aria-valuenow'))).toBeGreaterThan(20);
    await hub.revive();
    hub.requests.length = 0;
    since = performance.now();
    await model.getByRole('button', { name: 'Go on' }).click();
    await expect(model.getByRole('button', { name: 'Answer with it' })).toBeVisible({ timeout: PATIENCE });
    expect(hub.requests.some(({ range }) => range !== undefined)).toBe(true);
    await tell('the rest downloaded and every file checked');

    await model.getByRole('button', { name: 'Answer with it' }).click();
    await expect(model.getByText('Answers now')).toBeVisible({ timeout: PATIENCE });
    await expectAnswering(page, LABEL, PATIENCE);
    await tell('loaded, tested, and memory encoded for it, beside mini');
    const after = await blocksByModel(page);
    const [encoded = ''] = Object.keys(after).filter((name) => name !== mini);
    expect(after).toEqual({ [mini]: before[mini], [encoded]: before[mini] });

    await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
    since = performance.now();
    const answer = await ask(page, 'Where does Rex sleep?');
    await tell('an answer, which is noise');
    await expect(said(answer)).not.toBeEmpty();
    await answer.getByRole('button', { name: /[1-9]\d* tokens linked$/ }).click();
    await expect(answer.getByText('smolvlm-256m:q4')).toBeVisible();

    await expectOfflineReady(page);
    await hub.kill();
    await context.setOffline(true);
    since = performance.now();
    await page.reload();
    await expectAnswering(page, LABEL, PATIENCE);
    await tell('offline: page opened to able to chat');
    await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(1);
    const second = await ask(page, 'What is Rex afraid of?');
    await tell('offline: an answer');
    await expect(said(second)).not.toBeEmpty();

    const full = await keptBytes(page);
    await goToModels(page);
    await model.getByRole('button', { name: /^Remove / }).click();
    await model.getByRole('button', { name: /^Yes, remove / }).click();
    await expectReady(page);
    await expect(model.getByRole('button', { name: /^Download / })).toBeVisible();
    await expect.poll(async () => full - (await keptBytes(page)), { timeout: 60_000 }).toBeGreaterThan(200e6);
    await tell('removed, and mini answers again');
    console.log(['At real size, in random weights:', ...told].join('\n'));
  },
);
