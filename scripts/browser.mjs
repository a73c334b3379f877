// Finds a Chromium to test with. Only Node's own modules, synchronous, so that vitest and playwright configs can call it.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { env, platform } from 'node:process';

/** Below this the flags that the gpu ring uses (`--use-webgpu-adapter`) and parts of WebGPU are missing. */
const OLDEST_MAJOR = 120;

const NAMES = [
  'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge-stable',
  'microsoft-edge', 'msedge', 'brave-browser',
]; // prettier-ignore

/**
 * Path of a Chromium-family browser, or undefined where there is none. Looked for in: the variable JARVIS_BROWSER, the
 * PATH, the usual places of this system, Playwright's own cache.
 * @returns {string | undefined}
 */
export function findBrowser() {
  const named = env.JARVIS_BROWSER;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`JARVIS_BROWSER is ${named}, but there is no such file. Correct it, or unset it to search.`);
  }
  for (const path of candidates()) if (existsSync(path) && answers(path)) return path;
  return undefined;
}

/**
 * Flags for a test browser: no sandbox as root, no traffic of its own, a quiet start.
 * @returns {string[]}
 */
export function browserArgs() {
  const asRoot = process.getuid?.() === 0;
  return [
    ...(asRoot ? ['--no-sandbox'] : []),
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
}

/** The software WebGPU adapter: right results, useless timings. */
export const SOFTWARE_GPU_ARGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** @returns {Generator<string>} */
function* candidates() {
  const suffix = platform === 'win32' ? '.exe' : '';
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder) for (const name of NAMES) yield join(folder, name + suffix);
  }
  yield* usualPlaces();
  const own = playwrightBrowser();
  if (own) yield own;
}

/** @returns {string[]} */
function usualPlaces() {
  if (platform === 'darwin') {
    const apps = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser'];
    return ['/Applications', join(env.HOME ?? '', 'Applications')].flatMap((root) =>
      apps.map((app) => join(root, `${app}.app`, 'Contents/MacOS', app)),
    );
  }
  if (platform === 'win32') {
    const roots = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter((root) => root !== undefined);
    const apps = ['Google\\Chrome', 'Microsoft\\Edge', 'Chromium', 'BraveSoftware\\Brave-Browser'];
    const files = ['chrome.exe', 'msedge.exe', 'brave.exe'];
    return roots.flatMap((root) => apps.flatMap((app) => files.map((file) => join(root, app, 'Application', file))));
  }
  return [
    '/snap/bin/chromium',
    '/opt/google/chrome/chrome',
    '/usr/lib/chromium/chromium',
    '/opt/microsoft/msedge/msedge',
  ];
}

/** What `npx playwright install chromium` put in its cache; undefined while the package is not installed. */
function playwrightBrowser() {
  try {
    return createRequire(import.meta.url)('playwright-core').chromium.executablePath();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND') return undefined;
    throw cause;
  }
}

/**
 * Ubuntu's chromium-browser is a stub that only says "install the snap": a browser is one that tells its version.
 * @param {string} path
 */
function answers(path) {
  if (platform === 'win32') return true; // chrome.exe --version opens a window
  try {
    const text = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return Number(/(\d+)\.\d+/.exec(text)?.[1] ?? 0) >= OLDEST_MAJOR;
  } catch {
    return false; // a stub, or a browser for another machine: the next candidate may do
  }
}
