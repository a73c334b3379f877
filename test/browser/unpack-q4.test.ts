// Four-bit weights unpacked at load give what ONNX Runtime's own four-bit product gives.
import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { expect, test } from 'vitest';
import { createRng } from '../../src/core/random';
import { chooseDevice } from '../../src/runtime/device';
import { configureOrt } from '../../src/runtime/ort';
import { shareOfSpan } from '../../src/runtime/self-test';
import { written } from '../../src/runtime/onnx-wire';
import { unpackQ4 } from '../../src/runtime/unpack-q4';
import tinyUrl from '../support/tiny-q4.onnx?url';

async function run(model: Uint8Array, x: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { executionProviders: ['wasm'], logSeverityLevel: 3 });
  const { y } = await session.run({ x: new Tensor('float32', x, [1, x.length / 64, 64]) });
  return y?.data as Float32Array;
}

test('of one token and of many', async () => {
  configureOrt(await chooseDevice('wasm'), `${location.origin}/`);
  const packed = new Uint8Array(await (await fetch(tinyUrl)).arrayBuffer());
  const unpacked = unpackQ4(packed);
  if (!unpacked) throw new Error('nothing was unpacked');
  const random = createRng(5);
  for (const tokens of [1, 7]) {
    const x = Float32Array.from({ length: tokens * 64 }, () => random() * 2 - 1);
    const [expected, got] = [await run(packed, x), await run(written(unpacked), x)];
    expect(got).toHaveLength(tokens * 32);
    expect(Math.max(...expected)).toBeGreaterThan(10); // there is something to compare
    // float16 keeps eleven bits of a weight that four had rounded already.
    expect(shareOfSpan(expected, got)).toBeLessThan(1e-3);
    expect(shareOfSpan(expected, got)).toBeGreaterThan(0);
  }
});
