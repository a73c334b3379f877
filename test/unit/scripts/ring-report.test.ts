// The one line of `npm run test:all` must be true of every way a runner can end.

import { describe, expect, it } from 'vitest';
import { fromPlaywright, fromVitest, settle, summarise } from '../../../scripts/ring-report.mjs';
import type { RingReport, VitestModule } from '../../../scripts/ring-report.mjs';

type TestResult = { state: 'passed' | 'failed' | 'skipped' | 'pending'; note?: string };

function aModule(tests: Record<string, TestResult>, errors: { message: string }[] = []): VitestModule {
  return {
    relativeModuleId: 'test/unit/a.test.ts',
    errors: () => errors,
    children: {
      allTests: () => Object.entries(tests).map(([fullName, result]) => ({ fullName, result: () => result })),
    },
  };
}

const PASSED: RingReport = { passed: 3, failures: [], skipped: [] };

describe('a Vitest run', () => {
  it('is counted by test, with the reasons of skips', () => {
    const report = fromVitest(
      [aModule({ a: { state: 'passed' }, b: { state: 'failed' }, c: { state: 'skipped', note: 'no adapter' } })],
      [],
    );
    expect(report).toEqual({ passed: 1, failures: ['b'], skipped: [{ name: 'c', reason: 'no adapter' }] });
  });

  it('has failed when a file cannot be loaded, a test never ended, or an error escaped', () => {
    expect(fromVitest([aModule({}, [{ message: 'cannot import x\nat y' }])], []).failures).toEqual([
      'test/unit/a.test.ts: cannot import x',
    ]);
    expect(fromVitest([aModule({ hangs: { state: 'pending' } })], []).failures).toEqual(['hangs']);
    expect(fromVitest([aModule({ a: { state: 'passed' } })], [{ message: 'late' }]).failures).toEqual([
      'unhandled error: late',
    ]);
  });
});

describe('a Playwright run', () => {
  const test = (status: string, annotations: { type: string; description?: string }[] = []) => ({
    status,
    annotations,
  });

  it('is counted by test at every depth', () => {
    const report = fromPlaywright({
      suites: [
        {
          title: 'day.spec.ts',
          specs: [{ title: 'enrol', tests: [test('expected')] }],
          suites: [
            {
              title: 'offline',
              specs: [
                { title: 'ask', tests: [test('unexpected')] },
                { title: 'install', tests: [test('skipped', [{ type: 'skip', description: 'no service worker' }])] },
                { title: 'shaky', tests: [test('flaky')] },
              ],
            },
          ],
        },
      ],
      errors: [],
    });
    expect(report).toEqual({
      passed: 1,
      failures: ['day.spec.ts > offline > ask', 'day.spec.ts > offline > shaky (passed only when tried again)'],
      skipped: [{ name: 'day.spec.ts > offline > install', reason: 'no service worker' }],
    });
  });

  it('has failed when it broke outside a test', () => {
    const broken = { suites: [], errors: [{ message: '\u001b[31mError: no server\u001b[39m\nat config' }] };
    expect(fromPlaywright(broken).failures).toEqual(['Error: no server']);
  });
});

describe('a ring', () => {
  it('fails without a report, without tests, or when only its exit code tells', () => {
    expect(settle(undefined, 1).failures).toHaveLength(1);
    expect(settle({ passed: 0, failures: [], skipped: [] }, 0).failures).toEqual(['no test ran']);
    expect(settle(PASSED, 1).failures).toEqual(['the runner ended with exit code 1']);
    expect(settle(PASSED, null).failures).toHaveLength(1);
    expect(settle(PASSED, 0)).toEqual(PASSED);
  });

  it('that could run nothing but skipped by name is no failure', () => {
    const skipped = { passed: 0, failures: [], skipped: [{ name: 'decode', reason: 'no WebGPU adapter' }] };
    expect(settle(skipped, 0)).toEqual(skipped);
  });
});

it('the last line counts over all rings', () => {
  const lines = summarise([
    { name: 'unit', report: { ...PASSED, skipped: [{ name: 'x', reason: '' }] } },
    { name: 'gpu', report: { passed: 1, failures: ['decode'], skipped: [{ name: 'y', reason: 'no adapter' }] } },
  ]);
  expect(lines.at(-1)).toBe('4 passed, 1 failed, 2 skipped');
  expect(lines).toContain('failed   gpu: decode');
  expect(lines).toContain('skipped  gpu: y (no adapter)');
  expect(lines.filter((line) => /^\d+ passed, \d+ failed, \d+ skipped$/.test(line))).toHaveLength(1);
});
