// The check-up over fakes: what it hides, what it keeps, and how it ends.
import { afterEach, describe, expect, it } from 'vitest';
import type { CheckUpProgress } from '../../../src/core/acts';
import { BLUE, picture, RED } from '../../support/fake-models';
import { enrolment, startKit, type Kit } from '../../support/engine-kit';

const kits: Kit[] = [];
afterEach(() => {
  for (const { engine, faults } of kits.splice(0)) {
    engine.close();
    expect(faults.map((fault) => fault.message)).toEqual([]);
  }
});

const shot = (x: number, rgb: readonly [number, number, number]) => picture([{ x, y: 0.25, w: 0.5, h: 0.5, rgb }]);

async function household(): Promise<Kit> {
  const kit = await startKit();
  kits.push(kit);
  await kit.engine.enrol(
    enrolment(
      'Bo',
      ['Bo sleeps on the sofa.'],
      [0.125, 0.25, 0.375].map((x) => shot(x, RED)),
    ),
  );
  await kit.engine.enrol(
    enrolment(
      'Rex',
      [],
      [0.125, 0.25].map((x) => shot(x, BLUE)),
    ),
  );
  await kit.engine.idle();
  return kit;
}

describe('check-up', () => {
  it('asks about every thing with and without memory, and keeps the result', async () => {
    const kit = await household();
    const steps: CheckUpProgress[] = [];
    const { report, stopped } = await kit.engine.checkUp((step) => void steps.push(step), new AbortController().signal);
    expect(stopped).toBe(false);
    expect(report.concepts.map(({ name }) => name).sort()).toEqual(['Bo', 'Rex']);
    expect(report.kinds.recognise?.n).toBe(4);
    expect(report.kinds.patch?.n).toBeGreaterThan(0);
    expect(report.kinds.recognise?.rightWithout).toBe(0);
    expect(report.kinds.patch?.right).toBe(report.kinds.patch?.n); // without memory by chance alone: ids shuffle the options
    expect(steps.at(-1)).toMatchObject({ done: report.all.n, total: report.all.n });
    expect(await kit.engine.lastCheckUp()).toMatchObject({ report });
  });

  it('does not know a thing while it is hidden, though it is in memory', async () => {
    const { report } = await (await household()).engine.checkUp(() => undefined, new AbortController().signal);
    expect(report.kinds.absent?.right).toBe(report.kinds.absent?.n);
  });

  it('leaves chats and uses as they were', async () => {
    const kit = await household();
    const before = await kit.memory.listBlocks();
    await kit.engine.checkUp(() => undefined, new AbortController().signal);
    expect(await kit.memory.listChats()).toEqual([]);
    expect((await kit.memory.listBlocks()).map(({ uses }) => uses)).toEqual(before.map(({ uses }) => uses));
  });

  it('ends where it is stopped, with what was asked', async () => {
    const kit = await household();
    const stopper = new AbortController();
    const { report, stopped } = await kit.engine.checkUp(({ done }) => {
      if (done === 3) stopper.abort();
    }, stopper.signal);
    expect(stopped).toBe(true);
    expect(report.all.n).toBe(3);
  });

  it('says so when there is nothing to ask', async () => {
    const kit = await startKit();
    kits.push(kit);
    await expect(kit.engine.checkUp(() => undefined, new AbortController().signal)).rejects.toThrow('nothing to ask');
  });

  it('forgets what it said of a thing that was forgotten', async () => {
    const kit = await household();
    const { report } = await kit.engine.checkUp(() => undefined, new AbortController().signal);
    const rex = report.concepts.find(({ name }) => name === 'Rex');
    if (rex === undefined) throw new Error('no Rex');
    await kit.engine.deleteConcept(rex.conceptId);
    expect(await kit.engine.lastCheckUp()).toBeUndefined();
  });
});
