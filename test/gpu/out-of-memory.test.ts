// A buffer that a graphics card could not make fails nothing by itself: ONNX Runtime's own device is listened to from its birth.
import { env } from 'onnxruntime-web/webgpu';
import { expect, test } from 'vitest';
import { isAppError } from '../../src/core/errors';
import { loadVlm } from '../../src/runtime/load-vlm';
import { runError } from '../../src/runtime/faults';

const adapter = 'gpu' in navigator ? await navigator.gpu.requestAdapter() : null;

test.skipIf(!adapter)(
  adapter ? 'is why a run failed, in the words of the device' : 'skipped: this browser gives no WebGPU adapter',
  { timeout: 240_000 },
  async () => {
    await loadVlm('mini', 'webgpu', `${location.origin}/`, () => undefined);
    const failed = new Error('failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: mapAsync failed');
    const codeOf = (): unknown => {
      const error = runError(failed);
      return isAppError(error) ? error.code : error;
    };
    const device = await env.webgpu.device;
    const tell = (error: GPUError): boolean =>
      device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }));
    tell(new GPUValidationError('not of this size'));
    expect(codeOf()).toBe('model-run');
    tell(new GPUOutOfMemoryError('no room for a buffer')); // software has the machine's memory: it is only said here
    expect(codeOf()).toBe('out-of-memory');
  },
);
