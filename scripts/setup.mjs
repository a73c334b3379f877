// What an empty clone needs before anything can run. Only Node's own modules: nothing is installed yet.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { env, execPath, platform, versions } from 'node:process';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

// Vite 8 notes at every start that a later Vite will want file extensions in our config's imports: nothing to act on
// while installing or starting. Delete when that Vite is here.
env.VITE_CONFIG_NATIVE_IGNORE_WARNING ??= 'true';

/** A fault that a person can act on: its message is printed without a stack. */
export class SetupError extends Error {}

/**
 * Runs a command's main function; a SetupError becomes its sentence and exit code 1.
 * @param {() => number | void | Promise<number | void>} main
 */
export async function command(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (cause) {
    if (!(cause instanceof SetupError)) throw cause;
    console.error(`\n${cause.message}`);
    process.exitCode = 1;
  }
}

export function requireNode() {
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node.replace('>=', '');
  if (compareVersions(versions.node, wanted) < 0) {
    throw new SetupError(
      `Jarvis needs Node ${wanted} or newer; this is ${versions.node}. Install a newer one from https://nodejs.org, then run this again.`,
    );
  }
}

/** Installs exactly what package-lock.json says, when node_modules is missing or older. */
export function ensureDependencies() {
  // npm writes this file last, so a broken-off install counts as none.
  const installed = modifiedAt(join(ROOT, 'node_modules/.package-lock.json'));
  if (installed >= modifiedAt(join(ROOT, 'package-lock.json'))) return;
  console.log('Installing what Jarvis is built with (once; about a minute) …');
  const npm = platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status, stderr, error } = spawnSync(npm, ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
    shell: platform === 'win32', // .cmd files cannot be started without one
  });
  if (status === 0) return;
  if (error)
    throw new SetupError(`npm could not be started (${error.message}). It comes with Node: install Node again.`);
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/.test(stderr)) {
    throw new SetupError(
      "The package registry cannot be reached. The first start needs the network (later ones do not): connect, or set npm's registry or proxy, then run this again.",
    );
  }
  // npm prints its whole manual after the reason.
  const reason = stderr.split('\n').filter((line) => line.startsWith('npm error'));
  throw new SetupError(`npm ci failed:\n${reason.slice(0, 12).join('\n')}`);
}

/** What the built app is made of, and folders inside that are not. */
const BUILD_INPUTS = [
  'src', 'workers', 'public', 'index.html', 'bench', 'vite.config.ts', 'package-lock.json', 'scripts', 'tsconfig.json',
]; // prettier-ignore

const NOT_BUILT = new Set(['suites', 'out']);

/** Builds into dist/ when that is missing or older than its sources. */
export function ensureBuild() {
  // sw.js is written last (it lists all the others): a broken-off build counts as none.
  const built = Math.min(modifiedAt(join(ROOT, 'dist/index.html')), modifiedAt(join(ROOT, 'dist/sw.js')));
  if (built > 0 && !BUILD_INPUTS.some((path) => changedSince(join(ROOT, path), built))) return;
  console.log('Building the app …');
  const { status } = runTool('vite', ['build', '--logLevel', 'error']);
  if (status !== 0) throw new SetupError('The build failed; the reason stands above.');
}

/**
 * Starts an installed tool's own script with this Node: no shell, no PATH, no .cmd files.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} options
 */
export function runTool(name, args, options = {}) {
  return spawnSync(execPath, [binOf(name), ...args], { cwd: ROOT, stdio: 'inherit', ...options });
}

/** @param {string} name of a package or, as 'package/bin', of one of its programs */
function binOf(name) {
  const folder = join(ROOT, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : (bin[name] ?? Object.values(bin)[0]));
}

/** True in a continuous-integration run, where nobody watches a screen. */
export function inCi() {
  return env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
}

/** @param {string} path */
function modifiedAt(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/**
 * @param {string} path
 * @param {number} time
 * @returns {boolean}
 */
function changedSince(path, time) {
  if (!existsSync(path) || NOT_BUILT.has(basename(path))) return false;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs > time;
  return readdirSync(path).some((name) => changedSince(join(path, name), time));
}

/**
 * @param {string} a
 * @param {string} b
 */
function compareVersions(a, b) {
  const [x = [], y = []] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
