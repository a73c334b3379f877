// `npm run test:all`: from an empty clone to one line over all test rings. Installs, finds or gets a browser, builds.
//
// The last line is `N passed, N failed, N skipped`. The exit code is 1 when anything failed or a ring ran no test.
// `static` counts types, lint and format as one test each, so that this one command is all a gate needs.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { parseArgs } from 'node:util';
import { ensureBrowser } from './install-browser.mjs';
import { fromPlaywright, settle, summarise } from './ring-report.mjs';
import { command, ensureBuild, ensureDependencies, requireNode, runTool, SetupError } from './setup.mjs';

/** @typedef {import('./ring-report.mjs').RingReport} RingReport */
/** @typedef {{ name: string, reportPath: string, env: NodeJS.ProcessEnv }} Run */

/**
 * Each ring with what runs it, in the order from quick to slow.
 * @type {Record<string, (run: Run) => RingReport>}
 */
const RINGS = { static: runChecks, unit: vitest, browser: vitest, gpu: vitest, e2e: playwright };

/** A runner that hangs must not hang the gate. The slowest ring takes minutes. */
const RING_TIMEOUT_MS = 30 * 60_000;

await command(() => {
  const wanted = readArguments();
  requireNode();
  ensureDependencies();
  const browser = ensureBrowser();
  console.log(`Browser: ${browser}`);
  const folder = mkdtempSync(join(tmpdir(), 'jarvis-tests-'));
  try {
    const rings = wanted.map((name) => {
      console.log(`\n——— ${name} ———`);
      const run = { name, reportPath: join(folder, `${name}.json`), env: { ...env, JARVIS_BROWSER: browser } };
      return { name, report: /** @type {(run: Run) => RingReport} */ (RINGS[name])(run) };
    });
    console.log(`\n${summarise(rings).join('\n')}`);
    return rings.some(({ report }) => report.failures.length > 0) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function readArguments() {
  try {
    const { values } = parseArgs({ options: { ring: { type: 'string', multiple: true } } });
    const names = values.ring ?? Object.keys(RINGS);
    const unknown = names.find((name) => !(name in RINGS));
    if (unknown) throw new Error(`There is no ring called ${unknown}.`);
    return names;
  } catch (cause) {
    throw new SetupError(
      `${/** @type {Error} */ (cause).message}\nUsage: npm run test:all -- [--ring ${Object.keys(RINGS).join('|')}] …`,
    );
  }
}

function runChecks() {
  /** @type {Record<string, [tool: string, args: string[]][]>} */
  const checks = {
    types: [
      ['typescript', ['-p', 'tsconfig.json']],
      ['typescript', ['-p', 'tsconfig.pure.json']],
    ],
    lint: [['eslint', ['.', '--max-warnings', '0']]],
    format: [['prettier', ['--check', '.']]],
  };
  /** @type {RingReport} */
  const report = { passed: 0, failures: [], skipped: [] };
  for (const [name, steps] of Object.entries(checks)) {
    const good = steps.every(([tool, args]) => runTool(tool, args, { timeout: RING_TIMEOUT_MS }).status === 0);
    if (good) report.passed++;
    else report.failures.push(name);
  }
  return report;
}

/** @param {Run} run */
function vitest({ name, reportPath, env }) {
  const reporters = ['--reporter=default', '--reporter=./scripts/vitest-reporter.mjs'];
  const { status } = runTool('vitest', ['run', '--project', name, ...reporters], {
    timeout: RING_TIMEOUT_MS,
    env: { ...env, JARVIS_REPORT: reportPath },
  });
  return settle(readJson(reportPath), status);
}

/** @param {Run} run */
function playwright({ reportPath, env }) {
  try {
    ensureBuild();
  } catch (cause) {
    if (!(cause instanceof SetupError)) throw cause;
    return { passed: 0, failures: [cause.message], skipped: [] };
  }
  const { status } = runTool('@playwright/test', ['test', '--reporter=list,json'], {
    timeout: RING_TIMEOUT_MS,
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: reportPath },
  });
  const json = readJson(reportPath);
  return settle(json && fromPlaywright(json), status);
}

/**
 * undefined when the runner ended before it wrote its report.
 * @param {string} path
 */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (/** @type {NodeJS.ErrnoException} */ (cause).code === 'ENOENT' || cause instanceof SyntaxError)
      return undefined;
    throw cause;
  }
}
