// The few choices the page keeps for itself, in localStorage; a browser that refuses it just forgets them.

import { EMBEDDED_ENCODER, EMBEDDED_MODEL } from '../core/model-choice';
import { DEFAULT_REST, type RestDtype } from '../core/kv-block';

export type Theme = 'system' | 'light' | 'dark';
export type BackendChoice = 'auto' | 'wasm';

export function readTheme(): Theme {
  const value = read('theme');
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** Also sets it: `data-theme` on the root drives `color-scheme`, and with it every light-dark() colour. */
export function saveTheme(theme: Theme): void {
  write('theme', theme);
  applyTheme(theme);
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function readBackendChoice(): BackendChoice {
  return read('backend') === 'wasm' ? 'wasm' : 'auto';
}

export function saveBackendChoice(choice: BackendChoice): void {
  write('backend', choice);
}

/** How blocks are kept. Changing it makes them stale: they are made again in the background. */
export function readRestChoice(): RestDtype {
  const value = read('rest');
  return value === 'float16' || value === 'int8' ? value : DEFAULT_REST;
}

export function saveRestChoice(choice: RestDtype): void {
  write('rest', choice);
}

/**
 * For developers: `?model=real-size:q4` in the address loads another model that this origin serves (in dev and preview what
 * `python -m training.realsize` built; scripts/vite-models.ts). What was remembered is encoded anew for each model.
 */
export function readModelChoice(): string {
  return new URLSearchParams(location.search).get('model') ?? read('model') ?? EMBEDDED_MODEL;
}

export function readEncoderChoice(): string {
  return read('encoder') ?? EMBEDDED_ENCODER;
}

export function saveEncoderChoice(choice: string): void {
  write('encoder', choice);
}

/** A model of the hub that is on this device, or an embedded one. */
export function saveModelChoice(choice: string): void {
  write('model', choice);
}

/**
 * [Note: A start that took the tab with it] Where memory runs out for good the browser ends the whole tab, and no code of ours hears of it.
 * So a start of a model of the hub is written down before and struck out when it came to an end of any kind, the page being left
 * included. Starts that nobody struck out, in a row:
 */
export function readBrokenStarts(model: string): number {
  const [name, count] = (read('starting') ?? '').split(' ');
  return name === model ? Number(count) : 0;
}

export function noteStart(model: string): void {
  write('starting', `${model} ${readBrokenStarts(model) + 1}`);
}

export function noteStartEnded(): void {
  write('starting', '');
}

/** Where models are downloaded from: what the user wrote, else VITE_JARVIS_HUB of the build, else the Hugging Face Hub. */
export function readHubHost(): string {
  const built: unknown = import.meta.env['VITE_JARVIS_HUB'];
  return parseHubHost(read('hub') ?? '') ?? parseHubHost(typeof built === 'string' ? built : '') ?? HUGGING_FACE;
}

/** An empty text brings the built one back. */
export function saveHubHost(host: string): void {
  write('hub', host);
}

export const HUGGING_FACE = 'https://huggingface.co';

/** An address of a server, without a '/' at the end; undefined for anything else. */
export function parseHubHost(text: string): string | undefined {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.username === '' && url.search === '' && url.hash === ''
    ? url.href.replace(/\/+$/, '')
    : undefined;
}

/** Whether anything was remembered when the page was last open: decides between first run and chat before memory is read. */
export function readHadMemory(): boolean {
  return read('had-memory') === 'yes';
}

export function saveHadMemory(had: boolean): void {
  write('had-memory', had ? 'yes' : 'no');
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(`jarvis.${key}`);
  } catch (error) {
    console.info('localStorage is closed to this page', error);
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(`jarvis.${key}`, value);
  } catch (error) {
    console.info('localStorage is closed to this page', error);
  }
}
