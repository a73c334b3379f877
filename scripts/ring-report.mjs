// What a test runner says, as counts and names: one shape for Vitest, Playwright and single checks.

/** @typedef {{ passed: number, failures: string[], skipped: { name: string, reason: string }[] }} RingReport */

/**
 * As much of Vitest's TestModule as is read here.
 * @typedef {{
 *   relativeModuleId: string,
 *   errors(): readonly { message: string }[],
 *   children: { allTests(): Iterable<{ fullName: string, result(): { state: string, note?: string | undefined } }> },
 * }} VitestModule
 */

/**
 * As much of a suite in Playwright's JSON as is read here.
 * @typedef {{
 *   title?: string,
 *   specs?: { title: string, tests: PlaywrightTest[] }[],
 *   suites?: PlaywrightSuite[],
 * }} PlaywrightSuite
 * @typedef {{ status: string, annotations?: { type: string, description?: string }[] }} PlaywrightTest
 */

/**
 * Our report of a Vitest run: its own JSON has neither the reasons of skips nor unhandled errors.
 * @param {Iterable<VitestModule>} modules
 * @param {readonly { message: string }[]} unhandledErrors
 */
export function fromVitest(modules, unhandledErrors) {
  /** @type {RingReport} */
  const report = { passed: 0, failures: [], skipped: [] };
  for (const module of modules) {
    for (const error of module.errors())
      report.failures.push(`${module.relativeModuleId}: ${firstLine(error.message)}`);
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === 'passed') report.passed++;
      else if (result.state === 'skipped') report.skipped.push({ name: test.fullName, reason: result.note ?? '' });
      else report.failures.push(test.fullName); // failed, or still pending when the run broke off
    }
  }
  for (const error of unhandledErrors) report.failures.push(`unhandled error: ${firstLine(error.message)}`);
  return report;
}

/**
 * Reads Playwright's JSON report. A test that passes only when tried again has failed.
 * @param {{ suites: PlaywrightSuite[], errors?: { message?: string }[] }} json
 */
export function fromPlaywright(json) {
  /** @type {RingReport} */
  const report = { passed: 0, failures: [], skipped: [] };
  /** @type {(suite: PlaywrightSuite, path: string[]) => void} */
  const visit = (suite, path) => {
    const here = suite.title ? [...path, suite.title] : path;
    for (const spec of suite.specs ?? []) {
      const name = [...here, spec.title].join(' > ');
      for (const test of spec.tests) {
        if (test.status === 'expected') report.passed++;
        else if (test.status === 'skipped') report.skipped.push({ name, reason: reasonOf(test) });
        else report.failures.push(test.status === 'flaky' ? `${name} (passed only when tried again)` : name);
      }
    }
    for (const child of suite.suites ?? []) visit(child, here);
  };
  for (const suite of json.suites) visit(suite, []);
  for (const error of json.errors ?? []) report.failures.push(firstLine(error.message ?? 'error outside any test'));
  return report;
}

/**
 * A ring in which nothing ran proves nothing, and so has failed. `exitCode` catches what no report tells of.
 * @param {RingReport | undefined} report
 * @param {number | null} exitCode
 * @returns {RingReport}
 */
export function settle(report, exitCode) {
  if (!report) return { passed: 0, failures: ['the runner ended without a report'], skipped: [] };
  const ran = report.passed + report.failures.length;
  if (ran + report.skipped.length === 0) return { ...report, failures: ['no test ran'] };
  if (exitCode !== 0 && report.failures.length === 0) {
    return { ...report, failures: [`the runner ended with exit code ${exitCode}`] };
  }
  return report;
}

/**
 * Everything said after the rings have run; the last line is the one over all rings.
 * @param {readonly { name: string, report: RingReport }[]} rings
 */
export function summarise(rings) {
  const lines = [];
  for (const { name, report } of rings) {
    for (const failure of report.failures) lines.push(`failed   ${name}: ${failure}`);
    for (const skip of report.skipped)
      lines.push(`skipped  ${name}: ${skip.name}${skip.reason && ` (${skip.reason})`}`);
  }
  for (const { name, report } of rings) lines.push(`${name}: ${countLine([report])}`);
  return [...lines, countLine(rings.map(({ report }) => report))];
}

/** @param {readonly RingReport[]} reports */
function countLine(reports) {
  /** @param {(report: RingReport) => number} count */
  const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
  const passed = sum((report) => report.passed);
  const failed = sum((report) => report.failures.length);
  const skipped = sum((report) => report.skipped.length);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** @param {PlaywrightTest} test */
function reasonOf(test) {
  return test.annotations?.find(({ type }) => type === 'skip' || type === 'fixme')?.description ?? '';
}

/**
 * @param {string} text
 * @returns {string}
 */
function firstLine(text) {
  // Playwright colours its messages even in JSON.
  return (
    String(text)
      .replace(/\u001b\[[0-9;]*m/g, '')
      .split('\n')[0] ?? ''
  );
}
