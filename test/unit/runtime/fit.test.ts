import { describe, expect, it } from 'vitest';
import type { DeviceFacts } from '../../../src/core/model-offers';
import { entryOf } from '../../../src/runtime/catalogue';
import { duration, fitOf, offersFor, roomFor, timeFor } from '../../../src/runtime/fit';

const CARD: DeviceFacts = {
  gpu: { name: 'nvidia ada', halfFloats: true, maxTensorBytes: 2 ** 31 },
  noGpu: undefined,
  memoryGb: 8,
  freeBytes: 50e9,
  speed: { bytesPerS: 2e6, isMeasured: true },
};
const PROCESSOR: DeviceFacts = { ...CARD, gpu: undefined, noGpu: 'This browser has no WebGPU.' };

function fit(id: string, device: DeviceFacts) {
  const entry = entryOf(id);
  if (!entry) throw new Error(id);
  return fitOf(entry, device);
}

describe('fit for a device', () => {
  it('takes 16-bit floats where the card has them, 4 bits with 32-bit floats elsewhere', () => {
    expect(fit('smolvlm-256m', CARD).dtype).toBe('q4f16');
    const plain = { ...CARD, gpu: { name: 'old', halfFloats: false, maxTensorBytes: 2 ** 31 } };
    expect(fit('smolvlm-256m', plain).dtype).toBe('q4');
    expect(fit('smolvlm-256m', PROCESSOR).dtype).toBe('q4');
  });

  it('says size, time at the measured speed, and where it runs', () => {
    expect(fit('smolvlm-256m', CARD)).toEqual({
      dtype: 'q4f16',
      verdict: 'fits',
      sentence:
        'Fits this device. 193 MB to download, about 2 minutes at the 2.0 MB/s of the last download; runs in q4f16 on your graphics card.',
    });
  });

  it('refuses what the device cannot run, with the figures', () => {
    expect(fit('smolvlm-2b', PROCESSOR)).toMatchObject({
      verdict: 'no',
      sentence: expect.stringMatching(/Too large/) as string,
    });
    const small = { ...CARD, gpu: { name: 'small', halfFloats: true, maxTensorBytes: 128 * 2 ** 20 } };
    expect(fit('smolvlm-2b', small).sentence).toBe(
      'Your graphics card takes tables of 134 MB; this model has one of 201 MB.',
    );
    expect(fit('smolvlm-256m', small).verdict).toBe('fits');
    expect(fit('smolvlm-256m', { ...CARD, freeBytes: 100e6 }).sentence).toBe(
      'The download is 193 MB and this browser has 100 MB left for Jarvis.',
    );
    expect(fit('smolvlm-500m', { ...CARD, memoryGb: 2 }).verdict).toBe('tight');
    expect(fit('smolvlm-2b', { ...CARD, memoryGb: 2 }).verdict).toBe('no');
  });

  it('recommends one: the larger of the small on a card, the lightest on the processor, none where none fits', () => {
    const recommended = (device: DeviceFacts) =>
      offersFor(device)
        .filter(({ isRecommended }) => isRecommended)
        .map(({ id }) => id);
    expect(recommended(CARD)).toEqual(['smolvlm-500m']);
    expect(recommended(PROCESSOR)).toEqual(['smolvlm-256m']);
    expect(recommended({ ...PROCESSOR, freeBytes: 1e6 })).toEqual([]);
  });
});

it('puts time in words, and says whose figure it is', () => {
  expect(duration(4)).toBe('a few seconds');
  expect(duration(43)).toBe('45 seconds');
  expect(duration(60)).toBe('1 minute');
  expect(duration(3 * 3600)).toBe('3 hours');
  expect(timeFor(1e6, undefined)).toBe('');
  expect(timeFor(60e6, { bytesPerS: 1e6, isMeasured: false })).toMatch(
    /^, about 1 minute at the 1.0 MB\/s your browser reports$/,
  );
});

describe('room for a larger model beside the small one', () => {
  const weighed = (id: string, bytes: number) => {
    const entry = entryOf(id);
    if (!entry) throw new Error(id);
    return { entry, bytes };
  };
  const large = weighed('smolvlm-2b', 1.4e9);
  const light = weighed('smolvlm-256m', 190e6);

  it('is there where half of what the machine has holds both', () => {
    expect(roomFor(light, undefined, 8)).toBe('beside');
    expect(roomFor(light, undefined, 1)).toBe('alone');
    expect(roomFor(large, undefined, 8)).toBe('beside');
    expect(roomFor(large, weighed('smolvlm-500m', 600e6), 8)).toBe('alone'); // the small one counts
    expect(roomFor(large, undefined, 4)).toBe('alone');
  });

  it('is believed where the browser does not say', () => {
    expect(roomFor(large, undefined, undefined)).toBe('beside');
  });
});
