// A larger model's worker without a model, in place of workers/larger.worker.ts where a test is about starting, stopping and giving up. What it
// does is said in the model's name: 'stalls' says two words and no more, 'too-large' runs out of memory, 'gpu-fails' has no use for any
// backend but WASM.
import { AppError } from '../../src/core/errors';
import { exposeWorker } from '../../src/rpc/life';
import type { LargerWorkerApi } from '../../src/rpc/larger-protocol';

let held = '';

exposeWorker({
  plan: ({ model }) => Promise.resolve({ label: model.split(':')[0] ?? '', room: 'beside' }),
  load({ model, backend }, onProgress) {
    held = model;
    onProgress(1, 2);
    if (model.startsWith('too-large')) return Promise.reject(new AppError('out-of-memory', 'No memory.'));
    if (model.startsWith('gpu-fails') && backend !== 'wasm') return Promise.reject(new AppError('gpu-lost', 'Lost.'));
    return Promise.resolve(backend === 'wasm' ? 'wasm' : 'webgpu');
  },
  complete(_request, onText) {
    onText('Bo sleeps');
    if (held.startsWith('stalls')) return new Promise(() => undefined);
    return Promise.resolve({ text: 'Bo sleeps.', tokensIn: 3, tokensOut: 3, counted: true });
  },
} satisfies LargerWorkerApi);
