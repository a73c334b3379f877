// A VLM worker without models, in place of workers/vlm.worker.ts where a test is about starting and restarting. What it
// does is said in the model's name: 'gpu-fails' has no use for any backend but WASM, 'claims-webgpu' says it runs on it.
import { AppError } from '../../src/core/errors';
import type { ChatId } from '../../src/core/types';
import { exposeWorker } from '../../src/rpc/life';
import type { EngineEvent, EngineStatus, StartOptions, VlmWorkerApi } from '../../src/rpc/protocol';

async function start(
  { model, encoder, backend, fallback }: StartOptions,
  _port: MessagePort,
  onEvent: (event: EngineEvent) => void,
): Promise<EngineStatus> {
  if (model === 'gpu-fails' && backend !== 'wasm') throw new AppError('gpu-lost', 'It computes wrongly here.');
  const claimed = model === 'claims-webgpu' && backend !== 'wasm' ? 'webgpu' : 'wasm';
  const selfTest = { maxLogitDifference: 0, ms: 0 };
  const status: EngineStatus = { model, label: model, encoder, backend: claimed, device: 'none', fallback, selfTest };
  onEvent({ kind: 'ready', status });
  return Promise.resolve(status);
}

exposeWorker({
  start,
  connectModels: () => Promise.resolve(),
  createChat: () => Promise.resolve('chat' as ChatId),
  readChat: () => new Promise(() => undefined),
  idle: () => Promise.reject(new AppError('model-run', 'The model failed while it was computing.')),
} satisfies Partial<VlmWorkerApi>);
