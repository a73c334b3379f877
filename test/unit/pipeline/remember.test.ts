// The engine over fakes: enrolment, what survives a reload, edits and undo, and which blocks each act costs.
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors';
import { fakeMemory } from '../../support/fake-memory';
import { fakeEncoder, fakeVlm, picture, RED } from '../../support/fake-models';
import { ask, enrolment, startKit, type Kit } from '../../support/engine-kit';

const redMug = picture([{ x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb: RED }]);
const redMugAgain = picture([{ x: 0.375, y: 0.25, w: 0.5, h: 0.5, rgb: RED }]);

const kits: Kit[] = [];
async function kitOf(...parts: Parameters<typeof startKit>): Promise<Kit> {
  const kit = await startKit(...parts);
  kits.push(kit);
  return kit;
}
afterEach(() => {
  for (const { engine, faults } of kits.splice(0)) {
    engine.close();
    expect(faults.map((fault) => fault.message)).toEqual([]);
  }
});

async function withBo(): Promise<Kit> {
  const kit = await kitOf();
  await kit.engine.enrol(enrolment('Bo', ['Bo sleeps on the blue sofa.', 'He is allergic to chicken.'], [redMug]));
  await kit.engine.idle();
  return kit;
}

describe('remember', () => {
  it('lets recall read facts before anyone asks', async () => {
    const read: string[] = [];
    const kit = await kitOf({
      recall: {
        odds: (_, facts) => Promise.resolve(facts.map(() => 0)),
        nearest: () => Promise.resolve([]),
        prepare: (facts) => Promise.resolve(void read.push(...facts)),
      },
    });
    await kit.engine.enrol(enrolment('Bo', ['Bo sleeps on the blue sofa.', 'He is allergic to chicken.']));
    await kit.engine.idle();
    expect(read).toEqual(['Bo sleeps on the blue sofa.', 'He is allergic to chicken.']);
  });

  it('takes a photo through mine, encode and store, with a card and a block for each part', async () => {
    const kit = await withBo();
    const [view] = kit.snapshots.at(-1)?.concepts ?? [];
    expect(view?.jobs.map(({ status, stage }) => [status, stage])).toEqual([['done', 'store']]);
    expect(view?.concept.card).toMatchObject({ name: 'Bo', category: 'mug', edited: false });
    expect(view?.concept.card?.fingerprints).toContainEqual({ part: 'colour', descriptor: 'red' });
    expect(view?.patches.length).toBeGreaterThanOrEqual(1);
    const kinds = (await kit.memory.listBlocks()).map((block) => block.source.kind).sort();
    expect(kinds.filter((kind) => kind === 'card')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'fact')).toHaveLength(2);
    expect(kinds.filter((kind) => kind === 'patch')).toHaveLength(view?.patches.length ?? 0);
    expect(view?.bytes).toBeGreaterThan(0);
  });

  it('outlines the subject', async () => {
    const kit = await withBo();
    const whole = (await kit.memory.listPatches())[0]?.box;
    expect(whole).toBeDefined();
    expect(whole?.x).toBeCloseTo(0.25, 1);
    expect(whole?.w).toBeCloseTo(0.5, 1);
  });

  it('rejects what is no picture and what is there already, and keeps the rest', async () => {
    const kit = await kitOf();
    const { rejected } = await kit.engine.enrol({
      ...enrolment('Bo', [], [redMug, redMug]),
      photos: [
        ...enrolment('Bo', [], [redMug, redMug]).photos,
        { fileName: 'notes.txt', mime: 'text/plain', bytes: new ArrayBuffer(20) },
      ],
    });
    expect(rejected.map(({ fileName }) => fileName)).toEqual(['Bo-1.fake', 'notes.txt']);
    expect(await kit.memory.listPhotos()).toHaveLength(1);
  });

  it('refuses a second concept of one name with a sentence', async () => {
    const kit = await withBo();
    await expect(kit.engine.enrol(enrolment(' bo '))).rejects.toMatchObject({ code: 'duplicate' });
    await expect(kit.engine.enrol(enrolment('  '))).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('goes on after a reload at every block', async () => {
    const whole = await withBo();
    const finished = whole.vlm.encoded.length;
    for (let cut = 0; cut < finished; cut++) {
      const memory = fakeMemory();
      const vlm = fakeVlm();
      const stuck = new Promise<void>(() => undefined);
      vlm.gate = () => (vlm.encoded.length >= cut ? stuck : Promise.resolve());
      const before = await kitOf({ memory, vlm });
      await before.engine.enrol(
        enrolment('Bo', ['Bo sleeps on the blue sofa.', 'He is allergic to chicken.'], [redMug]),
      );
      await expect.poll(() => vlm.encoded.length).toBe(cut);
      before.engine.close(); // the tab is gone

      const after = await kitOf({ memory });
      await after.engine.idle();
      expect((await memory.listJobs()).map(({ status }) => status)).toEqual(['done']);
      expect((await memory.listBlocks()).length).toBe((await whole.memory.listBlocks()).length);
      expect(after.vlm.encoded).toHaveLength(finished - cut);
    }
  });

  it('encodes a photo once however often it is mined: a second photo joins without it', async () => {
    const kit = await withBo();
    const [view] = kit.snapshots.at(-1)?.concepts ?? [];
    if (view === undefined) throw new Error('no concept');
    expect(kit.encoder.calls).toBe(1);
    await kit.engine.addPhotos(view.concept.id, enrolment('Bo', [], [redMugAgain]).photos);
    await kit.engine.idle();
    expect(kit.encoder.calls).toBe(2);
    expect(await kit.memory.readVectors()).toHaveLength(2);
  });

  it('cancels a photo in the middle and takes it up again on retry', async () => {
    const kit = await kitOf();
    let open: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (open = resolve));
    kit.vlm.gate = (text) => (text.startsWith('Photo') ? held : Promise.resolve());
    await kit.engine.enrol(enrolment('Bo', [], [redMug]));
    await expect.poll(async () => (await kit.memory.listJobs())[0]?.stage).toBe('encode');
    const [job] = await kit.memory.listJobs();
    if (job === undefined) throw new Error('no job');
    await kit.engine.cancelPhoto(job.photoId);
    open();
    await kit.engine.idle();
    expect(await kit.memory.listJobs()).toMatchObject([{ status: 'cancelled' }]);
    expect((await kit.memory.listBlocks()).filter(({ source }) => source.kind === 'patch')).toEqual([]);
    await kit.engine.retryPhoto(job.photoId);
    await kit.engine.idle();
    expect(await kit.memory.listJobs()).toMatchObject([{ status: 'done' }]);
    expect((await kit.memory.listBlocks()).some(({ source }) => source.kind === 'patch')).toBe(true);
  });

  it('says why a photo failed and stops when the models are gone', async () => {
    const kit = await startKit();
    kit.vlm.gate = (text) =>
      text.startsWith('Photo') ? Promise.reject(new AppError('model-run', 'The model stopped.')) : Promise.resolve();
    await kit.engine.enrol(enrolment('Bo', [], [redMug]));
    await kit.engine.idle();
    expect(await kit.memory.listJobs()).toMatchObject([{ status: 'failed', error: 'The model stopped.' }]);
    expect(kit.faults.map(({ code }) => code)).toEqual(['model-run']);
  });

  it('rebuilds blocks and vectors of other models, and drops the old ones', async () => {
    const memory = fakeMemory();
    const first = await kitOf({ memory });
    await first.engine.enrol(enrolment('Bo', ['Bo sleeps on the blue sofa.'], [redMug]));
    await first.engine.idle();
    const count = (await memory.listBlocks()).length;
    first.engine.close();
    const second = await kitOf({ memory, vlm: fakeVlm('fake-vlm-2'), encoder: fakeEncoder('fake-encoder-2') });
    expect(second.snapshots.at(-1)?.staleBlocks ?? count).toBe(count);
    await second.engine.idle();
    expect(second.snapshots.at(-1)?.staleBlocks).toBe(0);
    const blocks = await memory.listBlocks();
    expect(blocks).toHaveLength(count);
    expect(new Set(blocks.map(({ model }) => model))).toEqual(new Set(['fake-vlm-2']));
    expect((await memory.readVectors()).map(({ encoder }) => encoder)).toEqual(['fake-encoder-2']);
  });
});

describe('edit, delete, undo', () => {
  it('encodes exactly one block when one fact is edited', async () => {
    const kit = await withBo();
    const before = await kit.memory.listBlocks();
    const [fact] = await kit.memory.listFacts();
    if (fact === undefined) throw new Error('no fact');
    kit.vlm.encoded.length = 0;
    await kit.engine.editFact(fact.id, 'Bo sleeps in a basket.');
    await kit.engine.idle();
    expect(kit.vlm.encoded).toEqual(['Note about Bo: Bo sleeps in a basket.\n']);
    const after = await kit.memory.listBlocks();
    expect(after).toHaveLength(before.length);
    expect(after.filter(({ key }) => !before.some((old) => old.key === key))).toHaveLength(1);
  });

  it('never answers from a fact as it was before its edit', async () => {
    const kit = await withBo();
    const [fact] = await kit.memory.listFacts();
    if (fact === undefined) throw new Error('no fact');
    await kit.engine.editFact(fact.id, 'Bo sleeps in a basket.');
    expect((await ask(kit, 'Where does Bo sleep?')).text).toBe('Bo sleeps in a basket.');
  });

  it('encodes every block anew, and only then, when the name changes', async () => {
    const kit = await withBo();
    const [view] = kit.snapshots.at(-1)?.concepts ?? [];
    if (view === undefined) throw new Error('no concept');
    const count = (await kit.memory.listBlocks()).length;
    kit.vlm.encoded.length = 0;
    await kit.engine.editConcept(view.concept.id, { aliases: ['Bobo'] });
    await kit.engine.idle();
    expect(kit.vlm.encoded).toEqual([]);
    await kit.engine.editConcept(view.concept.id, { name: 'Max' });
    await kit.engine.idle();
    expect(kit.vlm.encoded).toHaveLength(count);
    expect(kit.vlm.encoded.every((text) => text.includes('Max') && !text.includes('about Bo'))).toBe(true);
    expect(await kit.memory.listBlocks()).toHaveLength(count);
  });

  it('keeps an edited card and the boxes the user drew', async () => {
    const kit = await withBo();
    const [view] = kit.snapshots.at(-1)?.concepts ?? [];
    const [photo] = view?.photos ?? [];
    if (view?.concept.card === undefined || photo === undefined) throw new Error('no concept');
    await kit.engine.editConcept(view.concept.id, { card: { ...view.concept.card, caption: 'My favourite.' } });
    await kit.engine.replacePatches(photo.id, [{ x: 0.1, y: 0.1, w: 0.2, h: 0.2 }]);
    await kit.engine.addPhotos(view.concept.id, enrolment('Bo', [], [redMugAgain]).photos);
    await kit.engine.idle();
    expect((await kit.memory.readConcept(view.concept.id))?.card).toMatchObject({
      caption: 'My favourite.',
      edited: true,
    });
    const own = (await kit.memory.listPatches()).filter(({ photoId }) => photoId === photo.id);
    expect(own).toMatchObject([{ by: 'user', box: { x: 0.1, y: 0.1, w: 0.2, h: 0.2 } }]);
  });

  it('does not mine a photo again whose last patch the user removed', async () => {
    const kit = await withBo();
    const [photo] = await kit.memory.listPhotos();
    if (photo === undefined) throw new Error('no photo');
    await kit.engine.replacePatches(photo.id, []);
    await kit.engine.addPhotos(photo.conceptId, enrolment('Bo', [], [redMugAgain]).photos);
    await kit.engine.idle();
    expect((await kit.memory.listPatches()).filter(({ photoId }) => photoId === photo.id)).toEqual([]);
  });

  it('deletes a concept to the last block and puts it back whole', async () => {
    const kit = await withBo();
    const [concept] = await kit.memory.listConcepts();
    if (concept === undefined) throw new Error('no concept');
    const count = (await kit.memory.listBlocks()).length;
    const token = await kit.engine.deleteConcept(concept.id);
    expect(await kit.memory.listBlocks()).toEqual([]);
    expect((await ask(kit, 'Where does Bo sleep?')).text).toBe("I don't know.");
    await kit.engine.undo(token);
    await kit.engine.idle();
    expect(await kit.memory.listBlocks()).toHaveLength(count);
    expect((await ask(kit, 'Where does Bo sleep?')).text).toBe('Bo sleeps on the blue sofa.');
    await expect(kit.engine.undo(token)).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('undoes the deletion of a photo and of a fact', async () => {
    const kit = await withBo();
    const [photo] = await kit.memory.listPhotos();
    const [fact] = await kit.memory.listFacts();
    if (photo === undefined || fact === undefined) throw new Error('nothing there');
    const count = (await kit.memory.listBlocks()).length;
    const tokens = [await kit.engine.deletePhoto(photo.id), await kit.engine.deleteFact(fact.id)];
    await kit.engine.idle();
    expect((await ask(kit, 'Where does Bo sleep?')).text).toBe("I don't know.");
    for (const token of tokens) await kit.engine.undo(token);
    await kit.engine.idle();
    expect(await kit.memory.listBlocks()).toHaveLength(count);
    expect((await kit.memory.listJobs()).map(({ status }) => status)).toEqual(['done']);
  });
});
