// An encoder worker without a model, beside fake-vlm.worker.ts.
import { exposeWorker } from '../../src/rpc/life';
import type { EncoderWorkerApi } from '../../src/rpc/protocol';

exposeWorker({
  start: () => Promise.resolve({ backend: 'wasm', device: 'none' }),
  connect: () => Promise.resolve(),
} satisfies EncoderWorkerApi);
