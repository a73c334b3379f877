// What the page is told of models it could have: plain data between the hub worker and the Models page.

import type { KeptModel } from './kept-models';
import type { ModelDtype } from './model-choice';

/** What this device has for running and keeping a model. */
export interface DeviceFacts {
  readonly gpu: { readonly name: string; readonly halfFloats: boolean; readonly maxTensorBytes: number } | undefined; // undefined: no real adapter, so WASM
  readonly noGpu: string | undefined; // why, in a sentence
  readonly memoryGb: number | undefined; // as browsers say it: 8 means eight or more
  readonly freeBytes: number | undefined;
  /** Bytes a second: of the last download, else as the browser guesses the line. */
  readonly speed: { readonly bytesPerS: number; readonly isMeasured: boolean } | undefined;
}

export interface Fit {
  readonly dtype: ModelDtype;
  readonly verdict: 'fits' | 'tight' | 'no';
  readonly sentence: string;
}

export interface Offer {
  readonly id: string;
  readonly kind: 'vlm' | 'encoder';
  readonly label: string;
  readonly repo: string;
  readonly revision: string;
  readonly licence: { readonly name: string; readonly url: string; readonly mustAccept: boolean };
  readonly languages: readonly string[];
  readonly goodAt: string;
  readonly parameters: number;
  readonly kvBytesPerToken: number;
  readonly sizes: readonly { readonly dtype: ModelDtype; readonly bytes: number }[];
  readonly fit: Fit;
  readonly isRecommended: boolean;
}

export interface KeptView {
  readonly model: KeptModel;
  readonly bytesPerS: number | undefined; // while it is coming
}

export interface ModelsSnapshot {
  readonly host: string;
  readonly device: DeviceFacts;
  readonly offers: readonly Offer[];
  readonly kept: readonly KeptView[];
  readonly usedBytes: number | undefined; // by everything Jarvis keeps in this browser
  readonly quotaBytes: number | undefined;
}
