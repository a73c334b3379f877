// The Vitest reporter of `npm run test:all`: writes a ring report to the file named by JARVIS_REPORT.

import { writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { fromVitest } from './ring-report.mjs';

export default class RingReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly { message: string }[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    if (!env.JARVIS_REPORT) throw new Error('JARVIS_REPORT must name the file to write.');
    writeFileSync(env.JARVIS_REPORT, JSON.stringify(fromVitest(modules, unhandledErrors)));
  }
}
