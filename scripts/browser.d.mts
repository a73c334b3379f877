/** Path of a Chromium-family browser, or undefined where there is none. Throws when JARVIS_BROWSER names no file. */
export function findBrowser(): string | undefined;
/** Flags for a test browser: no sandbox as root, no traffic of its own, a quiet start. */
export function browserArgs(): string[];
/** The software WebGPU adapter: right results, useless timings. */
export const SOFTWARE_GPU_ARGS: string[];
