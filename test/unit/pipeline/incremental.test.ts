// What is distinctive follows memory: a new photo, a new twin, a removed one; nothing is encoded again for it.
import { afterEach, describe, expect, it } from 'vitest';
import type { ConceptId } from '../../../src/core/types';
import type { MemoryPort } from '../../../src/pipeline/ports';
import { fakeMemory } from '../../support/fake-memory';
import { BLUE, GREEN, picture, RED } from '../../support/fake-models';
import { enrolment, startKit, type Kit } from '../../support/engine-kit';

type Rgb = readonly [number, number, number];
/** A thing with a red left half and a right half of its own colour. */
const thing = (x: number, right: Rgb) =>
  picture([
    { x, y: 0.25, w: 0.25, h: 0.5, rgb: RED },
    { x: x + 0.25, y: 0.25, w: 0.25, h: 0.5, rgb: right },
  ]);

const kits: Kit[] = [];
afterEach(() => {
  for (const { engine, faults } of kits.splice(0)) {
    engine.close();
    expect(faults.map((fault) => fault.message)).toEqual([]);
  }
});

async function withBo(memory: MemoryPort = fakeMemory()): Promise<{ kit: Kit; bo: ConceptId }> {
  const kit = await startKit({ memory });
  kits.push(kit);
  const { conceptId } = await kit.engine.enrol(enrolment('Bo', [], [thing(0.25, GREEN)]));
  await kit.engine.idle();
  return { kit, bo: conceptId };
}

async function addRex(kit: Kit): Promise<ConceptId> {
  const { conceptId } = await kit.engine.enrol(enrolment('Rex', [], [thing(0.25, BLUE)]));
  await kit.engine.idle();
  return conceptId;
}

async function mapOf(kit: Kit, bo: ConceptId): Promise<Float32Array> {
  const found = (await kit.memory.readVectors()).find(({ conceptId }) => conceptId === bo);
  if (found === undefined) throw new Error('Bo has no vectors');
  return found.scoreMap;
}

describe('what is distinctive', () => {
  it('is looked for again when a twin comes, and as before when it goes; no photo is encoded twice', async () => {
    const { kit, bo } = await withBo();
    const alone = await mapOf(kit, bo);
    expect(kit.encoder.calls).toBe(1);
    const rex = await addRex(kit);
    expect(kit.encoder.calls).toBe(2);
    const beside = await mapOf(kit, bo);
    expect(beside).not.toEqual(alone);
    // The left half is Rex's too: cell (3, 3) of 8 × 8 tells less than cell (4, 3).
    expect(beside[3 * 8 + 2] ?? 1).toBeLessThan(beside[3 * 8 + 4] ?? 0);
    await kit.engine.deleteConcept(rex);
    await kit.engine.idle();
    expect(await mapOf(kit, bo)).toEqual(alone);
    expect(kit.encoder.calls).toBe(2);
  });

  it('keeps what the user drew', async () => {
    const { kit, bo } = await withBo();
    const [photo] = await kit.memory.listPhotos(bo);
    if (photo === undefined) throw new Error('no photo');
    const box = { x: 0.1, y: 0.1, w: 0.3, h: 0.3 };
    await kit.engine.replacePatches(photo.id, [box]);
    await addRex(kit);
    expect((await kit.memory.listPatches(bo)).map((patch) => patch.box)).toEqual([box]);
  });

  it('is not looked for again when nothing changed', async () => {
    let saved = 0;
    const memory = fakeMemory();
    const counting: MemoryPort = {
      ...memory,
      saveVectors: (vectors) => {
        saved++;
        return memory.saveVectors(vectors);
      },
    };
    const { kit, bo } = await withBo(counting);
    await addRex(kit);
    const before = saved;
    await kit.engine.addFacts(bo, ['Bo is two.']);
    await kit.engine.idle();
    expect(saved).toBe(before);
  });
});
