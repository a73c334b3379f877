// The built app in a browser of our own, for as long as one function runs: serve, launch, and close both whatever happens.

import { basename, resolve } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
import * as v from 'valibot';
import { browserArgs, findBrowser, SOFTWARE_GPU_ARGS } from '../scripts/browser.mjs';
import { ensureBuild, ROOT } from '../scripts/setup.mjs';
import type { Backend } from '../src/core/types';
import type { Figure } from './figures';
import type { JarvisBench } from './page';
import { peakMemory } from './peak-memory';
import { serve } from './serve';
import { printStep, STEP } from './step';

/** A wish that cannot be met here; its message is printed without a stack. */
export class UsageError extends Error {}

export interface App {
  /** A fresh bench page in the same browser profile, with `window.jarvisBench` ready. */
  openPage(): Promise<Page>;
  /** Of the largest tab so far: bench/peak-memory.ts. */
  peakMemory(): Promise<Figure[]>;
  /** The model's id, as the app knows it. */
  readonly model: string;
  /** What figures of this model must say of it: "random weights, real size". */
  readonly label: string | undefined;
  /** True when WebGPU here is computed by the CPU: right results, timings that mean nothing. */
  readonly softwareGpu: boolean;
}

export interface AppOptions {
  readonly model: string; // an id under public/models, or a folder anywhere
  readonly dtype?: string | undefined; // undefined: the model's own
  readonly backend: Backend;
  /** Served beside the app, by the path they get: each ends in '/'. */
  readonly folders?: Readonly<Record<string, string>>;
}

export async function withApp<T>(options: AppOptions, use: (app: App) => Promise<T>): Promise<T> {
  const { folder, mounts, label } = locateModel(options.model);
  const model = options.dtype === undefined ? folder : `${folder}:${options.dtype}`;
  const executablePath = findBrowser();
  if (!executablePath) {
    throw new UsageError('No Chromium, Chrome or Edge found. Install one, or set JARVIS_BROWSER to its path.');
  }
  ensureBuild();
  const server = await serve({ '': resolve(ROOT, 'dist'), ...mounts, ...options.folders });
  try {
    const gpu = options.backend === 'webgpu' ? ['--enable-unsafe-webgpu', '--enable-gpu'] : [];
    const real = await inBrowser(executablePath, gpu, async (context) => {
      const openPage = openerOf(context, server.url);
      if (options.backend === 'webgpu' && !(await hasAdapter(await openPage()))) return undefined;
      return {
        result: await use({ openPage, peakMemory: () => peakMemory(context), model, label, softwareGpu: false }),
      };
    });
    if (real) return real.result;
    return await inBrowser(executablePath, SOFTWARE_GPU_ARGS, (context) =>
      use({
        openPage: openerOf(context, server.url),
        peakMemory: () => peakMemory(context),
        model,
        label,
        softwareGpu: true,
      }),
    );
  } finally {
    await server.close();
  }
}

/** Loads the models in a bench page. Throws UsageError with the app's own sentence when it cannot. */
export async function startOn(page: Page, model: string, backend: Backend): ReturnType<JarvisBench['start']> {
  try {
    return await page.evaluate(([m, b]) => window.jarvisBench.start(m, b), [model, backend] as const);
  } catch (cause) {
    const sentence = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new UsageError(`The app could not start: ${sentence}`);
  }
}

async function inBrowser<T>(
  executablePath: string,
  args: readonly string[],
  use: (context: BrowserContext) => Promise<T>,
): Promise<T> {
  const browser = await chromium.launch({ executablePath, args: [...browserArgs(), ...args] });
  try {
    return await use(await browser.newContext());
  } finally {
    await browser.close();
  }
}

function openerOf(context: BrowserContext, url: string): () => Promise<Page> {
  return async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(0); // a whole suite runs in one call; hangs are the engine's to end
    page.on('pageerror', (error) => console.error(`page: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error') console.error(`page: ${text}`);
      else if (text.startsWith(STEP)) printStep(text.slice(STEP.length));
    });
    await page.goto(`${url}bench/page.html`);
    await page.waitForFunction(() => 'jarvisBench' in window, undefined, { timeout: 30_000 });
    return page;
  };
}

async function hasAdapter(page: Page): Promise<boolean> {
  const found = await page.evaluate(async () => {
    const adapter = 'gpu' in navigator ? await navigator.gpu.requestAdapter() : null;
    return adapter !== null && !adapter.info.isFallbackAdapter && !/swiftshader/i.test(adapter.info.architecture);
  });
  await page.close();
  return found;
}

interface Located {
  readonly folder: string;
  readonly mounts: Record<string, string>;
  readonly label: string | undefined;
}

/** `mini` is part of the build; a folder is served beside the built models under its own name. */
function locateModel(model: string): Located {
  if (!/[/\\]/.test(model)) {
    if (existsSync(resolve(ROOT, 'public/models', model))) return { folder: model, mounts: {}, label: undefined };
    throw new UsageError(`There is no model "${model}" under public/models.`);
  }
  const path = resolve(model);
  if (!existsSync(resolve(path, 'config.json')))
    throw new UsageError(`${model} has no config.json: not a model folder.`);
  const folder = basename(path);
  const config = v.safeParse(Labelled, JSON.parse(readFileSync(resolve(path, 'config.json'), 'utf8')));
  return {
    folder,
    mounts: { [`models/${folder}/`]: path },
    label: config.success ? config.output.jarvis.label : undefined,
  };
}

const Labelled = v.object({ jarvis: v.object({ label: v.string() }) });
