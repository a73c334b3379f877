// The few choices the page keeps for itself, in localStorage; a browser that refuses it just forgets them.

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
  return new URLSearchParams(location.search).get('model') ?? 'mini';
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
