import { expect, it } from 'vitest';
import { rememberFeatures } from '../../../src/runtime/picture-features';

function counted(most: number) {
  const seen: number[] = [];
  const embed = rememberFeatures((planes) => {
    seen.push(planes[0] ?? 0);
    if (planes[0] === 9) return Promise.reject(new Error('no'));
    return Promise.resolve(planes.map((value) => 2 * value));
  }, most);
  return { seen, see: (value: number) => embed(Float32Array.of(value, 1)) };
}

it('looks once at a picture that is asked about again, and forgets the oldest', async () => {
  const { seen, see } = counted(2);
  expect(await see(1)).toEqual(Float32Array.of(2, 2));
  expect(await see(1)).toEqual(Float32Array.of(2, 2));
  await see(2);
  await see(1); // now the newer of the two
  await see(3);
  expect(seen).toEqual([1, 2, 3]);
  await see(1);
  expect(seen).toEqual([1, 2, 3]);
  await see(2);
  expect(seen).toEqual([1, 2, 3, 2]);
});

it('keeps no failure', async () => {
  const { seen, see } = counted(2);
  await expect(see(9)).rejects.toThrow('no');
  await expect(see(9)).rejects.toThrow('no');
  expect(seen).toEqual([9, 9]);
});
