// Retrieval by the app's own stage and recall's model over a memory of texts, without the VLM. Runs in a worker of its own.

import * as Comlink from 'comlink';
import { retrieve } from '../src/core/stages/retrieve';
import { buildTextIndex } from '../src/core/text-index';
import type { Concept, ConceptId, Fact, FactId } from '../src/core/types';
import { openRecall } from '../src/runtime/recall';
import { configureOrt } from '../src/runtime/ort';
import type { FoundFacts } from './retrieve';

export interface RetrieveRequest {
  readonly baseUrl: string;
  readonly concepts: readonly {
    readonly id: string;
    readonly name: string;
    readonly aliases: readonly string[];
    readonly facts: readonly string[];
  }[];
  readonly questions: readonly { readonly id: string; readonly text: string }[];
}

export interface RetrieveApi {
  retrieve(request: RetrieveRequest): Promise<FoundFacts[]>;
}

const never = new AbortController().signal;

Comlink.expose({
  async retrieve({ baseUrl, concepts: given, questions }) {
    configureOrt({ backend: 'wasm', name: 'CPU', threads: 1, halfFloats: false, fallback: undefined }, baseUrl);
    const recall = await openRecall(baseUrl, Promise.resolve());
    const concepts = given.map(({ id, name, aliases }): Concept => ({
      id: id as ConceptId,
      name,
      aliases,
      card: undefined,
      createdAt: 0,
      updatedAt: 0,
    }));
    const facts = given.flatMap(({ id, facts: texts }) =>
      texts.map((text, at): Fact => ({
        id: `${id}/${at + 1}` as FactId,
        conceptId: id as ConceptId,
        text,
        createdAt: 0,
      })),
    );
    await recall.prepare(
      facts.map(({ text }) => text),
      never,
    );
    const memory = { concepts, facts, patches: [], index: buildTextIndex(concepts, facts), recall };
    const found: FoundFacts[] = [];
    for (const { id, text } of questions) {
      const began = performance.now();
      const { hits, ranked } = await retrieve(text, memory, undefined, []);
      found.push({
        id,
        facts: hits.flatMap((hit) => (hit.kind === 'fact' ? [hit.factId] : [])),
        ranked,
        concepts: hits.flatMap((hit) => (hit.kind === 'concept' ? [hit.conceptId] : [])),
        ms: performance.now() - began,
      });
    }
    return found;
  },
} satisfies RetrieveApi);
