// `npm start`: from an empty clone to Jarvis in a browser tab. Installs and builds what is missing, then serves dist/.

import { spawn } from 'node:child_process';
import { env, platform } from 'node:process';
import { parseArgs } from 'node:util';
import { command, ensureBuild, ensureDependencies, inCi, requireNode, ROOT, SetupError } from './setup.mjs';

const USAGE = `Usage: npm start -- [--port 4173] [--no-open]`;
const DEFAULT_PORT = 4173;

await command(async () => {
  const { port, open } = readArguments();
  requireNode();
  ensureDependencies();
  ensureBuild();

  const running = await runningAt(port);
  if (running === 'jarvis') {
    console.log(`\nJarvis is already running: http://localhost:${port}/`);
    if (open) openInBrowser(`http://localhost:${port}/`);
    return;
  }
  const { preview } = await import('vite');
  const server = await preview({
    root: ROOT,
    logLevel: 'warn',
    preview: { port, host: 'localhost', strictPort: false, open: false },
  });
  const { port: actual } = /** @type {import('node:net').AddressInfo} */ (server.httpServer.address());
  const url = `http://localhost:${actual}/`;
  if (actual !== port) {
    // IndexedDB belongs to the origin, and the port is part of it.
    console.log(
      `\nPort ${port} is in use, so this is port ${actual}. What Jarvis remembers belongs to the address: to see what you enrolled at another port, free that port or name it with --port.`,
    );
  }
  console.log(`\nJarvis is at ${url}\nEverything stays on this device. Ctrl+C ends it.`);
  if (open) openInBrowser(url);
});

function readArguments() {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, 'no-open': { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (values.help) throw new SetupError(USAGE);
    const port = Number(values.port ?? DEFAULT_PORT);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new SetupError(`--port must be a number from 1 to 65535.\n${USAGE}`);
    }
    return { port, open: !values['no-open'] && !inCi() && hasScreen() };
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    throw new SetupError(`${/** @type {Error} */ (cause).message}\n${USAGE}`);
  }
}

/**
 * @param {number} port
 * @returns {Promise<'jarvis' | 'other' | 'free'>}
 */
async function runningAt(port) {
  try {
    const response = await fetch(`http://localhost:${port}/`, { signal: AbortSignal.timeout(2000) });
    return (await response.text()).includes('<title>Jarvis') ? 'jarvis' : 'other';
  } catch {
    return 'free'; // nobody answers; should someone hold the port silently, vite takes the next one
  }
}

function hasScreen() {
  return platform === 'darwin' || platform === 'win32' || Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY);
}

/** @param {string} url */
function openInBrowser(url) {
  const [program, ...args] =
    platform === 'darwin' ? ['open', url] : platform === 'win32' ? ['cmd', '/c', 'start', '', url] : ['xdg-open', url];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => console.log('Open that address in your browser.'));
  child.unref();
}
