// Makes docs/pictures/*.png from the real, built page: node scripts/screenshots.mjs [OUT] after `npm run build`.

import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { browserArgs, findBrowser } from './browser.mjs';

const OUT = process.argv[2] ?? 'docs/pictures';
const DESKTOP = { width: 1180, height: 760 };
const PHONE = { width: 390, height: 780 };

await mkdir(OUT, { recursive: true });
const server = await preview({ logLevel: 'error', preview: { port: 4280 } });
const executablePath = findBrowser();
const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: browserArgs() });
try {
  const context = await browser.newContext({ viewport: DESKTOP, deviceScaleFactor: 1.5, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  /** @param {string} name */
  const shot = async (name) => {
    await page.evaluate(() => document.fonts.ready);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.screenshot({ path: `${OUT}/${name}.png` });
    console.log(`${OUT}/${name}.png`);
  };
  /** @param {string} name */
  const place = (name) => page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name }).click();
  const answered = () =>
    page.getByRole('article', { name: 'Answer' }).last().getByRole('button', { name: 'Copy' }).waitFor();

  await page.goto(server.resolvedUrls?.local[0] ?? 'http://localhost:4280/');
  await page.getByText(/^mini · /).waitFor();
  await shot('first-run');

  await page.getByRole('button', { name: 'Load sample concepts' }).click();
  await page.getByText(/Looking at \d+ photo/).waitFor();
  await page.getByText(/Looking at \d+ photo/).waitFor({ state: 'detached' });
  await page.getByRole('list', { name: 'Example questions' }).waitFor();
  await page.waitForLoadState('networkidle');

  await page.getByRole('button', { name: 'Where does Bo sleep?' }).click();
  await answered();
  await page.getByRole('link', { name: 'New chat' }).click();
  await page
    .getByRole('list', { name: 'Example questions' })
    .getByRole('button', { name: /with a new photo/ })
    .click();
  await answered();
  await shot('chat');
  await page.getByRole('button', { name: /tokens linked$/ }).click();
  await shot('trace');

  await place('Memory');
  await page.getByRole('heading', { name: 'Memory', level: 1 }).waitFor();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.getByRole('link', { name: /^Bo/ }).click();
  await page.getByRole('switch', { name: 'Show patches' }).waitFor();
  await shot('concept-dark');
  await place('Chat');

  await page.setViewportSize(PHONE);
  await shot('phone-dark');
} finally {
  await browser.close();
  await server.close();
}
