// The interface of the larger model's worker: what it would take to run one, loading it, and asking it.

import type { ModelKey } from '../core/kept-models';
import type { LargeReply, LargeRequest } from '../core/large';
import type { Backend } from '../core/types';

export interface LargerPlanRequest {
  readonly model: ModelKey;
  readonly small: string; // the model that answers, which stays loaded if there is room
  readonly memoryGb: number | undefined; // as the browser says it
}

export interface LargerPlan {
  readonly label: string; // "SmolVLM 256M"
  /** alone: the small model's memory is needed too. */
  readonly room: 'beside' | 'alone';
}

export interface LargerLoad {
  readonly model: ModelKey;
  readonly backend: 'auto' | Backend;
  readonly baseUrl: string; // ends in '/'
}

/** Implemented by workers/larger.worker.ts. */
export interface LargerWorkerApi {
  /** Without loading anything. Throws AppError 'model-load' when the model is not on this device. */
  plan(request: LargerPlanRequest): Promise<LargerPlan>;
  /** Once. Throws as the engine's own loading does: 'model-load', 'out-of-memory', 'gpu-lost'. */
  load(options: LargerLoad, onProgress: (loadedBytes: number, totalBytes: number) => void): Promise<Backend>;
  complete(request: LargeRequest, onText: (text: string) => void, signal: AbortSignal): Promise<LargeReply>;
}
