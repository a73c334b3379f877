// Files of a model that was downloaded, as the loader reads files: a Response for a URL under the model's folder.
import { AppError } from '../core/errors';
import { type ModelStore } from '../core/kept-models';
import { parseModelChoice } from '../core/model-choice';
import { entryOf } from './catalogue';
import type { ReadFile } from './model-files';

/** Throws AppError 'model-load' when the model is not on this device whole; nothing is downloaded here. */
export async function keptFiles(store: ModelStore, choice: string): Promise<ReadFile> {
  const { folder, dtype } = parseModelChoice(choice);
  const model = await store.read(choice);
  if (model?.state !== 'ready') {
    const name = `${entryOf(folder)?.label ?? folder}${dtype === undefined ? '' : ` (${dtype})`}`;
    throw new AppError('model-load', `${name} is not on this device any more. Download it again under Models.`);
  }
  await store.change(choice, (now) => ({ ...now, usedAt: Date.now() }));
  return (url) => {
    const name = decodeURIComponent(new URL(url).pathname.split(`/models/${folder}/`)[1] ?? '');
    const file = model.files.find((one) => one.name === name);
    if (!file) return Promise.resolve(new Response(null, { status: 404 }));
    const pieces = store.pieces(choice, name)[Symbol.asyncIterator]();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const next = await pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(new Uint8Array(next.value));
      },
    });
    return Promise.resolve(new Response(body, { headers: { 'content-length': `${file.size}` } }));
  };
}
