// Our own decode loop beside transformers.js's generate(): the same model, the same prompt, as many greedy tokens, in turn.

import { prefixSegment } from '../src/core/prompt';
import { GREEDY } from '../src/core/stages/decode';
import type { Segment } from '../src/core/types';
import { tokenRun } from '../src/runtime/prefill';
import type { Vlm } from '../src/runtime/vlm';
import type { BenchConcept } from './content';
import type { Sample } from './measure.worker';
import { tellStep } from './step';

/** Enough that the time of a token stands out of the clock's grain; few enough for a large model on two cores. */
const TOKENS = 32;
const SAMPLING = { ...GREEDY, minTokens: TOKENS, maxTokens: TOKENS };
const NEVER = new AbortController().signal;
const WARM_UP = 1;

export async function measureDecode(
  vlm: Vlm,
  concepts: readonly BenchConcept[],
  turn: Segment,
  sizes: readonly number[],
  runs: number,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const size of sizes) {
    const memory = concepts.slice(0, size).flatMap(({ blocks }) => blocks.map(({ segment }) => segment));
    const prompt = tokenRun(vlm.model, [prefixSegment(), ...memory, turn]).ids;
    const read = prompt.length - vlm.info.prefixTokens; // our session has read the prefix before
    const times = {
      ours: [] as number[],
      library: [] as number[],
      oursRead: [] as number[],
      libraryRead: [] as number[],
    };
    let same = 0;
    for (let run = -WARM_UP; run < runs; run++) {
      const session = await vlm.link([], NEVER);
      const startedAt = performance.now();
      const logits = await session.prefill([...memory, turn], NEVER);
      const said = await session.decode(logits, SAMPLING, () => undefined, NEVER);
      const endedAt = performance.now();
      session.dispose();
      const generatedAt = performance.now();
      const generated = await vlm.model.generate(prompt, TOKENS);
      const generatedEnd = performance.now();
      const kind = run < 0 ? 'warm-up' : `run ${run + 1} of ${runs}`;
      tellStep(`prompt of ${prompt.length} tokens, ${kind}: ${Math.round(generatedEnd - startedAt)} ms for both`);
      if (said.tokens !== TOKENS || generated.ids.length !== TOKENS) {
        throw new Error(`not as many tokens: ${said.tokens} and ${generated.ids.length}`);
      }
      if (run < 0) continue;
      if (said.text === vlm.model.detokenize(generated.ids).trim()) same++;
      times.ours.push((endedAt - said.firstTokenAt) / (TOKENS - 1));
      times.library.push((generatedEnd - generated.firstTokenAt) / (TOKENS - 1));
      times.oursRead.push((said.firstTokenAt - startedAt) / read);
      times.libraryRead.push((generated.firstTokenAt - generatedAt) / prompt.length);
    }
    samples.push(
      { name: `decode ${size}`, unit: 'ms/token', values: times.ours },
      { name: `generate ${size}`, unit: 'ms/token', values: times.library },
      { name: `prefill ${size}`, unit: 'ms/token', values: times.oursRead },
      { name: `generate prefill ${size}`, unit: 'ms/token', values: times.libraryRead },
      { name: `prompt ${size}`, unit: 'tokens', values: [prompt.length] },
      { name: `same text ${size}`, unit: 'share', values: [same / runs] },
    );
  }
  return samples;
}
