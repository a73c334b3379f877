// mini's files laid out as SmolVLM-256M's repository on the hub: the same architecture and contract in 11 MB, so that tests download,
// load and chat in seconds. Real size in random weights: real-hub.ts.

import { join } from 'node:path';
import { DTYPE_SUFFIX, type ModelDtype } from '../../src/core/model-choice';
import { entryOf } from '../../src/runtime/catalogue';
import type { HubRepo } from './hub';

const MINI = join(import.meta.dirname, '../../public/models/mini');

export function miniAs(id: string, dtypes: readonly ModelDtype[] = ['q4']): HubRepo {
  const entry = entryOf(id);
  if (!entry) throw new Error(`no ${id} in the catalogue`);
  const files: Record<string, Uint8Array | string> = { 'README.md': new TextEncoder().encode('# stand-in\n') };
  for (const name of entry.files('fp32').filter((one) => !one.startsWith('onnx/'))) files[name] = join(MINI, name);
  for (const dtype of dtypes) {
    for (const network of ['embed_tokens', 'vision_encoder', 'decoder_model_merged']) {
      files[`onnx/${network}${DTYPE_SUFFIX[dtype]}.onnx`] = join(MINI, `onnx/${network}.onnx`);
    }
  }
  return { repo: entry.repo, revision: entry.revision, files };
}

/** A patch encoder with DINOv2's inputs and outputs in 40 KB (training/realsize/tiny_encoder.py), laid out as its repository. */
export function tinyEncoder(id = 'dinov2-small', dtype: ModelDtype = 'fp32'): HubRepo {
  const entry = entryOf(id);
  if (!entry) throw new Error(`no ${id} in the catalogue`);
  const json = new TextEncoder().encode('{"model_type": "dinov2"}');
  const files = Object.fromEntries(
    entry
      .files(dtype)
      .map((name) => [name, name.endsWith('.onnx') ? join(import.meta.dirname, 'tiny-dinov2.onnx') : json]),
  );
  return { repo: entry.repo, revision: entry.revision, files };
}
