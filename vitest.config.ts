// The three rings that Vitest runs: unit (Node), browser (real workers, WASM) and gpu (software WebGPU adapter).
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findBrowser } from './scripts/browser.mjs';
import { ISOLATION_HEADERS } from './vite.config';
import { ortAssets } from './scripts/vite-ort';

// As root and in CI a browser has no user namespace to sandbox itself in; nothing may be fetched in the background.
const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

function browserRing(name: string, args: string[]) {
  return {
    plugins: [ortAssets()],
    server: { headers: ISOLATION_HEADERS },
    worker: { format: 'es' as const },
    optimizeDeps: {
      exclude: ['@huggingface/transformers', 'onnxruntime-web'],
      include: ['comlink', 'idb', 'valibot', 'minisearch'],
    },
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout: 120_000,
      hookTimeout: 120_000,
      fileParallelism: false,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        instances: [{ browser: 'chromium' as const }],
        provider: playwright({ launchOptions: { executablePath: findBrowser(), args: [...QUIET, ...args] } }),
      },
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node' } },
      browserRing('browser', []),
      browserRing('gpu', SOFTWARE_GPU),
    ],
  },
});
