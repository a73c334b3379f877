// Runs a command written in TypeScript on any Node that Vite runs on: `npm run eval` and `npm run bench` need no loader.

import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

/** @param {string} file beside this one, exporting `main(args): Promise<number>`; the number is the exit code */
export async function run(file) {
  const { module } = await runnerImport(fileURLToPath(new URL(file, import.meta.url)), {
    configFile: false,
    logLevel: 'error',
  });
  process.exitCode = await module.main(process.argv.slice(2));
}
