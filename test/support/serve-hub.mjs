// Serves a folder as a model of the hub on loopback, to try the Models page by hand without the internet:
//
//     python -m training.realsize --source …/smolvlm-256m-tokenizer --dtypes q4
//     node test/support/serve-hub.mjs [training/runs/real-size] [smolvlm-256m] [port] [bytes a second]
//
// Write the address it prints into "Model hub" on the Models page. Answers of random weights are noise.

import { readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [folder = 'training/runs/real-size', id = 'smolvlm-256m', port = '4400', bytesPerS] = process.argv.slice(2);
/** @param {string} path */
const load = async (path) => {
  const { module } = await runnerImport(fileURLToPath(new URL(path, import.meta.url)), { configFile: false });
  return module;
};
const { startHub } = await load('./hub.ts');
const { entryOf } = await load('../../src/runtime/catalogue.ts');
const entry = entryOf(id);
if (!entry) throw new Error(`There is no model "${id}" in the catalogue.`);
const root = resolve(folder);
const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
  statSync(join(root, name)).isFile(),
);
const files = Object.fromEntries(names.map((name) => [relative('.', name).split('\\').join('/'), join(root, name)]));
const hub = await startHub([{ repo: entry.repo, revision: entry.revision, files }], Number(port));
if (bytesPerS !== undefined) hub.faults.bytesPerS = Number(bytesPerS);
console.log(`${entry.repo} at ${hub.url}`);
