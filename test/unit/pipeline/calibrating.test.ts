// The curve of an encoder that nobody measured follows the photos in memory; a measured one is left alone.
import { afterEach, expect, it } from 'vitest';
import type { Pixels } from '../../../src/core/types';
import { calibrationOf } from '../../../src/pipeline/calibrating';
import { ask, enrolment, type Kit, startKit } from '../../support/engine-kit';
import { type FakeEncoder, fakeEncoder } from '../../support/fake-models';

let kit: Kit | undefined;
afterEach(() => kit?.engine.close());

/** Stripes of two colours, a little other on every photo. */
function photo(a: readonly number[], b: readonly number[], shift: number): Pixels {
  const side = 32;
  const data = new Uint8ClampedArray(side * side * 4);
  for (let at = 0; at < side * side; at++) {
    const colour = (at + 2 * shift) % 8 < 4 ? a : b;
    data.set([...colour.map((value) => value + shift), 255], at * 4);
  }
  return { widthPx: side, heightPx: side, data };
}
const red = (shift: number): Pixels => photo([220, 40, 40], [180, 30, 60], shift);
const blue = (shift: number): Pixels => photo([40, 60, 220], [30, 90, 180], shift);

function unmeasured(bias: number): FakeEncoder {
  const encoder = fakeEncoder('hub-encoder');
  return { ...encoder, calibration: { ...encoder.calibration, bias, isGuess: true } };
}

const settingsOf = async ({ memory, encoder }: Kit): Promise<unknown> =>
  memory.readSetting(`calibration/${encoder.info.fingerprint}`);

it('fits when photos come and again when they go, and matches with what it found', async () => {
  // The guess would have nobody recognised: the fake's greatest score is 1, and this curve wants 1.05.
  kit = await startKit({ encoder: unmeasured(-30 * 1.05) });
  await kit.engine.enrol(enrolment('Bo', ['Bo sleeps in the barn.'], [red(0), red(6)]));
  await kit.engine.idle();
  expect(await settingsOf(kit)).toMatchObject({ pairs: 2, bias: -31.5 }); // no strangers yet: still the guess
  expect((await ask(kit, 'Who is this?', { photo: red(3) })).cues.filter(({ present }) => present)).toEqual([]);

  const { conceptId } = await kit.engine.enrol(enrolment('Max', ['Max sleeps on the roof.'], [blue(0), blue(6)]));
  await kit.engine.idle();
  const fitted = await calibrationOf(kit.encoder, kit.memory);
  expect(await settingsOf(kit)).toMatchObject({ pairs: 8, slope: fitted.slope });
  expect(-fitted.bias / fitted.slope).toBeLessThan(1);
  expect((await ask(kit, 'Who is this?', { photo: red(3) })).cues.filter(({ present }) => present)).toHaveLength(1);

  await kit.engine.deleteConcept(conceptId);
  await kit.engine.idle();
  expect(await settingsOf(kit)).toMatchObject({ pairs: 2, bias: -31.5 });
});

it('does nothing where nothing changed', async () => {
  kit = await startKit({ encoder: unmeasured(-25) });
  await kit.engine.enrol(enrolment('Bo', [], [red(0), red(6)]));
  await kit.engine.enrol(enrolment('Max', [], [blue(0)]));
  await kit.engine.idle();
  const before = await settingsOf(kit);
  expect(before).toMatchObject({ pairs: 5 });
  const { memory, encoder } = kit;
  await memory.saveSetting(`calibration/${encoder.info.fingerprint}`, { ...(before as object), bias: -12 });
  const [bo] = await memory.listConcepts();
  if (!bo) throw new Error('nobody was enrolled');
  await kit.engine.addFacts(bo.id, ['Bo is loud.']);
  await kit.engine.idle();
  expect(await settingsOf(kit)).toMatchObject({ bias: -12 });
});

it('leaves a measured curve alone, and a damaged record counts as none', async () => {
  kit = await startKit();
  await kit.engine.enrol(enrolment('Bo', [], [red(0), red(6)]));
  await kit.engine.enrol(enrolment('Max', [], [blue(0), blue(6)]));
  await kit.engine.idle();
  expect(await settingsOf(kit)).toBeUndefined();
  const encoder = unmeasured(-25);
  await kit.memory.saveSetting('calibration/hub-encoder', { slope: 'steep' });
  expect(await calibrationOf(encoder, kit.memory)).toEqual(encoder.calibration);
});
