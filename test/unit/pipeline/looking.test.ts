// Looking: when the model's eyes answer instead of its words, and when not.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { LookQuery, LookWords } from '../../../src/core/look';
import type { Recall } from '../../../src/core/recall';
import { DONT_KNOW } from '../../../src/core/prompt';
import type { Pixels } from '../../../src/core/types';
import { ask, enrolment, startKit, type Kit } from '../../support/engine-kit';
import { fakeVlm, picture, RED } from '../../support/fake-models';

const words = JSON.parse(readFileSync('public/models/mini/look.json', 'utf8')) as LookWords;
const photo = picture([{ x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb: RED }]);
const other = picture([{ x: 0.1, y: 0.1, w: 0.3, h: 0.8, rgb: [20, 20, 220] }]);

const kits: Kit[] = [];
afterEach(() => {
  for (const { engine } of kits.splice(0)) engine.close();
});

/** An engine whose eyes see a mug, green all over, in the middle of everything. */
async function withEyes(
  recall?: Recall,
): Promise<{ kit: Kit; asked: { queries: readonly LookQuery[]; pixels: Pixels }[] }> {
  const vlm = fakeVlm();
  const asked: { queries: readonly LookQuery[]; pixels: Pixels }[] = [];
  const sure = (list: readonly string[], word: string): number[] => list.map((one) => (one === word ? 0.9 : 0.001));
  vlm.look = {
    words,
    at(pixels, queries, signal) {
      signal.throwIfAborted();
      asked.push({ queries, pixels });
      const box = { x0: 0.3, y0: 0.3, x1: 0.7, y1: 0.7 };
      const finding = {
        colours: sure(words.colours, 'green'),
        kinds: sure(words.categories, 'mug'),
        present: 0.9,
        box,
      };
      return Promise.resolve(queries.map(() => finding));
    },
  };
  const kit = await startKit({ vlm, ...(recall && { recall }) });
  kits.push(kit);
  return { kit, asked };
}

describe('looking', () => {
  it('answers what a new photo shows, and says in the trace that it looked', async () => {
    const { kit } = await withEyes();
    const message = await ask(kit, 'What colour is the handle?', { photo });
    expect(message.text).toBe('The handle is green.');
    expect(message.trace?.tokensPrefilled).toBe(0);
    expect(message.trace?.stages.find(({ stage }) => stage === 'decode')?.note).toBe('looked at the photo');
    expect((await ask(kit, 'What is this?', { photo })).text).toBe('This is a mug.');
  });

  it('leaves who somebody is to memory', async () => {
    const { kit } = await withEyes();
    await kit.engine.enrol(enrolment('Bo', ['Bo sleeps on the sofa.'], [photo]));
    await kit.engine.idle();
    expect((await ask(kit, 'What is this?', { photo: other })).text).toBe(DONT_KNOW);
    expect((await ask(kit, 'Who is this?', { photo })).text).toContain('Bo');
  });

  it('looks at the remembered photo for the colour of a part', async () => {
    const { kit, asked } = await withEyes();
    await kit.engine.enrol(enrolment("Dad's mug", ['He bought it in Ghent.'], [photo]));
    await kit.engine.idle();
    asked.length = 0;
    const message = await ask(kit, "What colour is the handle of Dad's mug?");
    expect(message.text).toBe('The handle is green.');
    const mug = words.categories.indexOf('mug') + 1;
    expect(asked[0]?.queries).toEqual([{ task: 1, category: mug, part: words.parts.indexOf('handle') + 1 }]);
    expect(asked[0]?.pixels.widthPx).toBeLessThanOrEqual(photo.widthPx);
  });

  it('does not look for what the words of memory tell', async () => {
    const { kit, asked } = await withEyes();
    await kit.engine.enrol(enrolment('Bo', ['Bo sleeps on the sofa.'], [photo]));
    await kit.engine.idle();
    asked.length = 0;
    expect((await ask(kit, 'Where does Bo sleep?')).text).toBe('Bo sleeps on the sofa.');
    expect(asked).toEqual([]);
  });

  it('looks unless a fact that recall is sure of tells the colour of that part', async () => {
    const sure: Recall = {
      odds: (_, facts) => Promise.resolve(facts.map(() => 5)),
      nearest: () => Promise.resolve([]),
      prepare: () => Promise.resolve(),
    };
    const { kit } = await withEyes(sure);
    await kit.engine.enrol(enrolment("Dad's mug", ["Dad's mug has a white letter on it."], [photo]));
    await kit.engine.enrol(enrolment("Mum's mug", ["Mum's mug has a blue handle."], [other]));
    await kit.engine.idle();
    expect((await ask(kit, "What colour is the handle of Dad's mug?")).text).toBe('The handle is green.');
    expect((await ask(kit, "What colour is the handle of Mum's mug?")).text).toContain('blue');
  });

  it('takes the kind and the caption of a card from what it sees', async () => {
    const { kit } = await withEyes();
    const { conceptId } = await kit.engine.enrol(enrolment('Zog', [], [photo]));
    await kit.engine.idle();
    expect((await kit.memory.readConcept(conceptId))?.card).toMatchObject({ category: 'mug', caption: 'A green mug.' });
  });
});
