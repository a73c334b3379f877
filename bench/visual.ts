// `npm run bench -- visual`: crops against rows, and how many patches a concept should keep. A table of docs/kv-memory.md.

import { resolve } from 'node:path';
import { startOn } from './app';
import type { App } from './app';
import { enrolAll } from './enrol-suite';
import type { ExactOptions } from './exact';
import { type Measured, SHARE } from './figures';
import { isRight } from '../src/core/grade';
import { expectedOf, readSuite } from './suite';

const HOME = resolve(import.meta.dirname, 'suites/home.json');

/** Questions of kind `fine`: of one concept, about what only its photos show. */
export async function benchVisual(app: App, { suite: path = HOME, limit, backend }: ExactOptions): Promise<Measured> {
  const suite = readSuite(path);
  const page = await app.openPage();
  const { status } = await startOn(page, app.model, backend);
  await enrolAll(page, suite);
  await page.evaluate(() => window.jarvisBench.stop());
  const nameOf = new Map(suite.concepts.map(({ id, name }) => [id, name]));
  const questions = suite.questions
    .filter(({ kind, photo, concepts }) => kind === 'fine' && photo === undefined && concepts?.length === 1)
    .slice(0, limit);
  const request = {
    model: app.model,
    backend,
    questions: questions.map(({ id, text, concepts }) => ({
      id,
      text,
      concept: nameOf.get(concepts?.[0] ?? '') ?? '',
    })),
  };
  const rows = await page.evaluate((wanted) => window.jarvisBench.visual(wanted), request);
  const figures = rows.flatMap(({ kind, patches, tokens, bytes, ms, answers }) => {
    const right = questions.filter((question, i) => isRight(answers[i] ?? '', expectedOf(question, suite.concepts)));
    const name = `${kind}, ${patches} a concept`;
    return [
      { name: `fine right, ${name}`, value: right.length / questions.length, unit: SHARE },
      { name: `tokens, ${name}`, value: tokens, unit: 'tokens' },
      { name: `bytes, ${name}`, value: bytes / 1000, unit: 'kB' },
      { name: `encoding, ${name}`, value: ms, unit: 'ms' },
    ];
  });
  console.log(`${questions.length} fine questions, figures a concept\n`);
  console.log('| kind | patches | tokens | kB | encoding, ms | fine right |\n| --- | --- | --- | --- | --- | --- |');
  for (const [i, { kind, patches, tokens, bytes, ms }] of rows.entries()) {
    const cells = [kind, patches, tokens.toFixed(0), (bytes / 1000).toFixed(0), ms.toFixed(0)];
    console.log(`| ${[...cells, figures[4 * i]?.value.toFixed(3)].join(' | ')} |`);
  }
  console.log('');
  return { device: status.device, figures };
}
