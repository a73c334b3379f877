// Gets a Chromium for the tests where there is none: Playwright's own download first, then the system's packages.

import { spawnSync } from 'node:child_process';
import { env, platform } from 'node:process';
import { findBrowser } from './browser.mjs';
import { runTool, SetupError } from './setup.mjs';

/** The path of a browser, found or installed. Throws a SetupError that says what to do when neither works. */
export function ensureBrowser() {
  const found = readBrowser();
  if (found) return found;
  console.log('No Chromium, Chrome or Edge found: getting one for the tests …');
  for (const install of [fromPlaywright, ...fromPackages()]) {
    install();
    const path = readBrowser();
    if (path) return path;
  }
  throw new SetupError(
    'The tests need Chromium, Chrome or Edge (120 or newer), and none could be installed here. Install one, or set JARVIS_BROWSER to its path, then run this again.',
  );
}

function readBrowser() {
  try {
    return findBrowser();
  } catch (cause) {
    throw new SetupError(/** @type {Error} */ (cause).message);
  }
}

function fromPlaywright() {
  // As root it can add the system libraries that a bare machine lacks; without them the download does not start.
  const args = ['install', ...(platform === 'linux' && isRoot() ? ['--with-deps'] : []), 'chromium'];
  runTool('playwright', args, {
    timeout: 600_000,
    env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '15000', ...env },
  });
}

/** @returns {(() => void)[]} */
function fromPackages() {
  if (platform === 'darwin') return has('brew') ? [() => run('brew', ['install', '--cask', 'chromium'])] : [];
  if (platform !== 'linux') return [];
  const prefix = isRoot() ? [] : has('sudo') && run('sudo', ['-n', 'true'], 'ignore') ? ['sudo', '-n'] : undefined;
  if (!prefix) return [];
  const managers = {
    'apt-get': [['update'], ['install', '-y', '--no-install-recommends', 'chromium']],
    dnf: [['install', '-y', 'chromium']],
    pacman: [['-Sy', '--noconfirm', 'chromium']],
    zypper: [['--non-interactive', 'install', 'chromium']],
    apk: [['add', 'chromium']],
  };
  return Object.entries(managers)
    .filter(([name]) => has(name))
    .map(([name, steps]) => () => {
      for (const step of steps) {
        const [program = name, ...args] = [...prefix, name, ...step];
        if (!run(program, args)) return;
      }
    });
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {'inherit' | 'ignore'} stdio
 */
function run(program, args, stdio = 'inherit') {
  return spawnSync(program, args, { stdio, timeout: 600_000 }).status === 0;
}

/** @param {string} program */
function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

function isRoot() {
  return process.getuid?.() === 0;
}
