// The e2e ring: the built app, as a person uses it, in one real browser.
import { defineConfig, devices } from '@playwright/test';
import { browserArgs, findBrowser } from './scripts/browser.mjs';

const PORT = Number(process.env['JARVIS_E2E_PORT'] ?? 4273); // several checkouts on one machine
const executablePath = findBrowser();

export default defineConfig({
  testDir: 'test/e2e',
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    baseURL: `http://localhost:${PORT}/`,
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: browserArgs(),
    },
  },
  webServer: { command: `npx vite preview --port ${PORT} --strictPort`, port: PORT, reuseExistingServer: false },
});
