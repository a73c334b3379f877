// A lost WebGPU device is told as such: the page then restarts the workers instead of calling the model broken.
import { env } from 'onnxruntime-web/webgpu';
import { expect, test } from 'vitest';
import { isAppError } from '../../src/core/errors';
import { turnSegment } from '../../src/core/prompt';
import { deviceLost } from '../../src/runtime/faults';
import { configureOrt } from '../../src/runtime/ort';
import { openModelFiles } from '../../src/runtime/model-files';
import { loadVlmModel } from '../../src/runtime/vlm-model';
import { createVlm } from '../../src/runtime/vlm';
import { NEVER } from '../support/mini';

const adapter = 'gpu' in navigator ? await navigator.gpu.requestAdapter() : null;

test.skipIf(!adapter)(
  adapter ? 'a run after the device was lost throws gpu-lost' : 'skipped: this browser gives no WebGPU adapter',
  { timeout: 240_000 },
  async () => {
    const base = `${location.origin}/`;
    configureOrt({ backend: 'webgpu', name: '', threads: 1, halfFloats: false, fallback: undefined }, base);
    const files = openModelFiles(`${base}models/mini/`, () => undefined);
    const model = await loadVlmModel({
      id: 'mini',
      modelsUrl: `${base}models/`,
      files,
      backend: 'webgpu',
      dtype: 'fp32',
    });
    const vlm = await createVlm(model, {
      id: 'mini',
      fingerprint: files.fingerprint([], []),
      backend: 'webgpu',
      device: '',
      rest: 'float16',
    });
    const session = await vlm.link([], NEVER);
    await session.prefill([turnSegment('Who?')], NEVER);

    const device = await env.webgpu.device;
    device.destroy();
    expect(await deviceLost).toMatchObject({ code: 'gpu-lost' }); // at once, before anybody asks anything
    const error: unknown = await session.prefill([turnSegment('Why?')], NEVER).catch((thrown: unknown) => thrown);
    expect(isAppError(error) ? error.code : error).toBe('gpu-lost');
  },
);
