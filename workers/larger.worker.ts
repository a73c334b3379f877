// The larger model's worker: wiring only. Holds one downloaded model of the hub beside the engine, and answers what the engine asks of it.
import { AppError } from '../src/core/errors';
import { parseModelChoice } from '../src/core/model-choice';
import { exposeWorker } from '../src/rpc/life';
import type { LargerWorkerApi } from '../src/rpc/larger-protocol';
import { entryOf } from '../src/runtime/catalogue';
import { roomFor } from '../src/runtime/fit';
import type { LocalLarge } from '../src/runtime/local-large';
import { keptModel, keptVlm } from './kept-model';
import { paced } from './paced';

let loaded: LocalLarge | undefined;

exposeWorker({
  async plan({ model, small, memoryGb }) {
    const [larger, smaller] = await Promise.all([keptVlm(model), keptVlm(small)]);
    if (larger === undefined) throw gone(model);
    return { label: larger.entry.label, room: roomFor(larger, smaller, memoryGb) };
  },
  async load({ model, backend, baseUrl }, onProgress) {
    const kept = await keptModel(model, backend);
    if (kept === undefined) throw gone(model);
    const [{ loadVlm }, { createLocalLarge }, { createImages }] = await Promise.all([
      import('../src/runtime/load-vlm'),
      import('../src/runtime/local-large'),
      import('../src/runtime/image'),
    ]);
    const { vlm, device } = await loadVlm(model, backend, baseUrl, paced(onProgress), undefined, kept);
    await kept.passed();
    loaded = createLocalLarge(vlm.model, createImages());
    return device.backend;
  },
  complete(request, onText, signal) {
    if (!loaded) return Promise.reject(new AppError('not-ready', 'The larger model is still loading.'));
    return loaded.complete(request, onText, signal);
  },
} satisfies LargerWorkerApi);

function gone(model: string): AppError {
  const label = entryOf(parseModelChoice(model).folder)?.label ?? model;
  return new AppError('model-load', `${label} is not on this device any more. Download it again under Models.`);
}
