// Whether a model fits this device, in which dtype, and how long its download takes: in words.
import type { DeviceFacts, Fit, Offer } from '../core/model-offers';
import type { ModelDtype } from '../core/model-choice';
import { CATALOGUE, type CatalogueEntry } from './catalogue';
import { chooseDevice } from './device';

/** A file is read into one buffer and copied into the session, so weights lie in memory twice while they load. Chosen with a margin. */
const LOADING_FACTOR = 2;
/** Beside weights: the runtime, the page, the patch encoder and recall. Seen: 300–400 MB for the app on `mini`. */
const APP_BYTES = 400e6;
/** Memory tokens and a chat that a model should hold without trouble. */
const CACHE_TOKENS = 2_000;
/** WASM addresses 4 GB, and grows by copying. */
const WASM_BYTES = 3.5e9;
/** Above this a token on WASM takes seconds: 256M was measured at 15 tokens/s on one thread, 500M takes half of that. */
const WASM_PARAMETERS = 600e6;
/** Of what a browser says the machine has, a tab may count on half. It never says more than 8 GB. */
const MEMORY_SHARE = 0.5;
const MOST_MEMORY_GB = 8;

/** Asks the browser; `speed` and `freeBytes` are the caller's. */
export async function probeDevice(freeBytes: number | undefined, speed: DeviceFacts['speed']): Promise<DeviceFacts> {
  const device = await chooseDevice('auto');
  const memoryGb = (navigator as { deviceMemory?: number }).deviceMemory;
  if (device.backend === 'wasm') return { gpu: undefined, noGpu: device.fallback, memoryGb, freeBytes, speed };
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  const limits = adapter?.limits;
  const maxTensorBytes = Math.min(limits?.maxBufferSize ?? 0, limits?.maxStorageBufferBindingSize ?? 0);
  return {
    gpu: { name: device.name, halfFloats: device.halfFloats, maxTensorBytes },
    noGpu: undefined,
    memoryGb,
    freeBytes,
    speed,
  };
}

/** The dtypes to try on this device, best first; what platform.md says of each. */
export function dtypesFor(entry: CatalogueEntry, device: Pick<DeviceFacts, 'gpu'>): ModelDtype[] {
  const offered = Object.keys(entry.bytes) as ModelDtype[];
  if (entry.kind === 'encoder') return offered; // on WASM everywhere, in the catalogue's order
  // q4 keeps float32 activations and keys: right everywhere. q4f16 is smaller and faster where the card has 16-bit floats.
  const wanted: ModelDtype[] = device.gpu?.halfFloats ? ['q4f16', 'q4', 'fp16', 'fp32'] : ['q4', 'q8', 'fp32'];
  return wanted.filter((dtype) => offered.includes(dtype));
}

export function fitOf(entry: CatalogueEntry, device: DeviceFacts): Fit {
  const [dtype = 'q4'] = dtypesFor(entry, device);
  const bytes = entry.bytes[dtype] ?? 0;
  const no = (sentence: string): Fit => ({ dtype, verdict: 'no', sentence });
  const onGpu = entry.kind === 'vlm' && device.gpu !== undefined;
  const needed = bytes * LOADING_FACTOR + entry.kvBytesPerToken * CACHE_TOKENS + APP_BYTES;
  if (onGpu) {
    const tensor = entry.largestTensor * (dtype === 'q4f16' || dtype === 'fp16' ? 2 : 4);
    if (device.gpu.maxTensorBytes > 0 && tensor > device.gpu.maxTensorBytes) {
      return no(
        `Your graphics card takes tables of ${mb(device.gpu.maxTensorBytes)}; this model has one of ${mb(tensor)}.`,
      );
    }
  } else if (entry.kind === 'vlm' && (entry.parameters > WASM_PARAMETERS || needed > WASM_BYTES)) {
    return no(
      `Too large for this device: without a graphics card that the browser can use, an answer would take minutes.`,
    );
  }
  if (device.freeBytes !== undefined && bytes > device.freeBytes) {
    return no(`The download is ${mb(bytes)} and this browser has ${mb(device.freeBytes)} left for Jarvis.`);
  }
  const { memoryGb } = device;
  const share = memoryGb === undefined ? Infinity : memoryGb * 1e9 * MEMORY_SHARE;
  const where =
    entry.kind === 'encoder' ? 'on the processor' : onGpu ? 'on your graphics card' : 'on the processor (WASM), slowly';
  const size = `${mb(bytes)} to download${timeFor(bytes, device.speed)}; runs in ${dtype} ${where}.`;
  if (needed > share && memoryGb !== undefined) {
    if (memoryGb < MOST_MEMORY_GB && needed > 2 * share) {
      return no(`It wants about ${mb(needed)} of memory, and this device says it has ${memoryGb} GB.`);
    }
    return { dtype, verdict: 'tight', sentence: `May be tight: it wants about ${mb(needed)} of memory. ${size}` };
  }
  return { dtype, verdict: 'fits', sentence: `Fits this device. ${size}` };
}

interface Weighed {
  readonly entry: CatalogueEntry;
  readonly bytes: number; // of its files
}

/**
 * Whether a larger model fits into memory beside the small one, or must have it alone. `small` is undefined for an embedded one, which the
 * app's own bytes count. A browser that does not say what the machine has is believed to have enough; loading finds out.
 */
export function roomFor(larger: Weighed, small: Weighed | undefined, memoryGb: number | undefined): 'beside' | 'alone' {
  if (memoryGb === undefined) return 'beside';
  const cacheOf = ({ entry }: Weighed): number => entry.kvBytesPerToken * CACHE_TOKENS;
  const needed = larger.bytes * LOADING_FACTOR + cacheOf(larger) + APP_BYTES;
  const taken = small === undefined ? 0 : small.bytes + cacheOf(small);
  return needed + taken > memoryGb * 1e9 * MEMORY_SHARE ? 'alone' : 'beside';
}

/** Every entry as the page shows it; one VLM is recommended: the largest that fits well, but on WASM the lightest. */
export function offersFor(device: DeviceFacts): Offer[] {
  const fits = new Map(CATALOGUE.map((entry) => [entry.id, fitOf(entry, device)]));
  const good = CATALOGUE.filter((entry) => entry.kind === 'vlm' && fits.get(entry.id)?.verdict === 'fits');
  const light = good.filter(({ parameters }) => parameters < 1e9); // 2.2B is a gigabyte and a half: chosen, not recommended
  const best = device.gpu
    ? light.toSorted((a, b) => b.parameters - a.parameters)[0]
    : light.toSorted((a, b) => a.parameters - b.parameters)[0];
  return CATALOGUE.map((entry) => ({
    id: entry.id,
    kind: entry.kind,
    label: entry.label,
    repo: entry.repo,
    revision: entry.revision,
    licence: entry.licence,
    languages: entry.languages,
    goodAt: entry.goodAt,
    parameters: entry.parameters,
    kvBytesPerToken: entry.kvBytesPerToken,
    sizes: (Object.entries(entry.bytes) as [ModelDtype, number][]).map(([dtype, bytes]) => ({ dtype, bytes })),
    fit: fits.get(entry.id) ?? fitOf(entry, device),
    isRecommended: entry.id === best?.id,
  }));
}

/** ", about 3 minutes at the 1.2 MB/s of the last download", or nothing when no speed is known. */
export function timeFor(bytes: number, speed: DeviceFacts['speed']): string {
  if (!speed || speed.bytesPerS <= 0) return '';
  const seconds = bytes / speed.bytesPerS;
  const rate = `${(speed.bytesPerS / 1e6).toFixed(1)} MB/s`;
  const how = speed.isMeasured ? `the ${rate} of the last download` : `the ${rate} your browser reports`;
  return `, about ${duration(seconds)} at ${how}`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return seconds < 10 ? 'a few seconds' : `${Math.round(seconds / 5) * 5} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} minute${minutes === 1 ? '' : 's'}`;
  const hours = Math.round(minutes / 30) / 2;
  return `${hours} hours`;
}

function mb(bytes: number): string {
  return bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
