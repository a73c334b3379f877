// `npm run bench -- retrieve`: which facts a question finds in a crowd of concepts, by name and without one.

import { resolve } from 'node:path';
import { ROOT } from '../scripts/setup.mjs';
import type { App } from './app';
import { figureOf, SHARE } from './figures';
import type { Figure, Measured } from './figures';
import { readSuite, type SuiteQuestion } from './suite';

const CROWD = 'bench/suites/crowd.json';
const TOP = [1, 3];

/** One question, its hits best first. `facts`: "concept id/number of the fact". */
export interface FoundFacts {
  readonly id: string;
  readonly facts: readonly string[]; // linked
  readonly ranked: readonly string[]; // judged, linked or not
  readonly concepts: readonly string[];
  readonly ms: number;
}

export async function benchRetrieve(app: App, path = resolve(ROOT, CROWD), verbose = false): Promise<Measured> {
  const suite = readSuite(path);
  const page = await app.openPage();
  const concepts = suite.concepts.map(({ id, name, aliases, facts }) => ({ id, name, aliases, facts }));
  const questions = suite.questions.map(({ id, text }) => ({ id, text }));
  const found = await page.evaluate((wanted) => window.jarvisBench.retrieve(wanted), { concepts, questions });
  const byId = new Map(found.map((one) => [one.id, one]));
  const kinds = [...new Set(suite.questions.map(({ kind }) => kind))];
  const facts = suite.concepts.reduce((sum, concept) => sum + concept.facts.length, 0);
  for (const question of suite.questions) {
    const one = byId.get(question.id);
    if (verbose && question.answer !== null && !one?.facts.includes(answerOf(question)))
      console.log(
        `  ${question.kind}: ${question.text} (${answerOf(question)}), got ${one?.ranked.slice(0, 3).join(', ') || 'nothing'}`,
      );
  }
  return {
    device: 'WASM, 1 thread',
    figures: [
      ...kinds.flatMap((kind) =>
        figuresOf(
          kind,
          suite.questions.filter((question) => question.kind === kind),
          byId,
        ),
      ),
      figureOf({ name: 'a question, facts read before', unit: 'ms', values: found.map(({ ms }) => ms) }),
      { name: 'in memory', value: suite.concepts.length, unit: 'concepts' },
      { name: 'in memory', value: facts, unit: 'facts' },
    ],
  };
}

function answerOf({ concepts, fact }: SuiteQuestion): string {
  return `${concepts?.[0]}/${fact}`;
}

function figuresOf(
  kind: string,
  questions: readonly SuiteQuestion[],
  found: ReadonlyMap<string, FoundFacts>,
): Figure[] {
  const share = (name: string, right: (question: SuiteQuestion, one: FoundFacts) => boolean): Figure => {
    const hits = questions.filter((question) => {
      const one = found.get(question.id);
      return one !== undefined && right(question, one);
    });
    return {
      name: `${kind} (${questions.length}), ${name}`,
      value: hits.length / Math.max(1, questions.length),
      unit: SHARE,
    };
  };
  if (questions.every(({ answer }) => answer === null))
    return [share('nothing linked', (_, one) => one.facts.length === 0)];
  return [
    ...TOP.map((top) =>
      share(`fact recall@${top}`, (question, one) =>
        (one.ranked.length > 0 ? one.ranked : one.facts).slice(0, top).includes(answerOf(question)),
      ),
    ),
    share('fact linked', (question, one) => one.facts.includes(answerOf(question))),
    share('its concept among the hits', ({ concepts }, one) => one.concepts.includes(concepts?.[0] ?? '')),
  ];
}
