// The self-test on the embedded model: what it costs to pass, and that it fails for eyes that nothing comes from.

import { expect, test } from 'vitest';
import { selfTest } from '../../src/runtime/self-test';
import type { Vlm } from '../../src/runtime/vlm';
import { createVlm } from '../../src/runtime/vlm';
import { loadMini } from '../support/mini';

test('tells plain colours apart, and counts none when pictures are not heard', async () => {
  const { vlm } = await loadMini('wasm');
  const seeing = await selfTest(vlm, 'thorough');
  expect(seeing.maxLogitDifference).toBeLessThan(1e-3);
  expect(seeing.colours).toBeGreaterThan(1); // of three; chance is one and a half
  const { model } = vlm;
  const features = new Float32Array(model.image.tokens * model.width);
  const { id, fingerprint, backend, device, rest } = vlm.info;
  const blind: Vlm = await createVlm(
    { ...model, embedImage: () => Promise.resolve(features) },
    { id, fingerprint, backend, device, rest },
  );
  expect((await selfTest(blind, 'thorough')).colours).toBe(0);
});

test('asks no picture where the model passed before', async () => {
  const { vlm } = await loadMini('wasm');
  let pictures = 0;
  const { id, fingerprint, backend, device, rest } = vlm.info;
  const counted = await createVlm(
    {
      ...vlm.model,
      embedImage(planes) {
        pictures++;
        return vlm.model.embedImage(planes);
      },
    },
    { id, fingerprint, backend, device, rest },
  );
  const words = await selfTest(counted, 'words');
  expect(words.maxLogitDifference).toBeLessThan(1e-3);
  expect(words.maxLogitDifference).toBeGreaterThan(0); // it did compare
  expect(pictures).toBe(0);
});
