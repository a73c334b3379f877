// The three rings that Vitest runs: unit (Node), browser (real workers, WASM) and gpu (software WebGPU adapter).
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { browserArgs, findBrowser, SOFTWARE_GPU_ARGS } from './scripts/browser.mjs';
import { ISOLATION_HEADERS } from './vite.config';
import { ortAssets } from './scripts/vite-ort';

const executablePath = findBrowser();

function browserRing(name: string, args: string[]) {
  return {
    plugins: [ortAssets()],
    server: { headers: ISOLATION_HEADERS },
    worker: { format: 'es' as const },
    optimizeDeps: {
      exclude: ['@huggingface/transformers', 'onnxruntime-web'],
      // All that tests import, or Vite finds one late and reloads the page in the middle of a test.
      include: [
        '@huggingface/tokenizers',
        'comlink',
        'idb',
        'valibot',
        'minisearch',
        'openai',
        'react',
        'react/jsx-dev-runtime',
        'react-dom/client',
        'react-aria-components/Button',
        'react-aria-components/Disclosure',
        'react-aria-components/FileTrigger',
        'react-aria-components/ProgressBar',
      ],
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
        provider: playwright({
          launchOptions: {
            ...(executablePath === undefined ? {} : { executablePath }),
            args: [...browserArgs(), ...args],
          },
        }),
      },
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      // Some hash megabytes: on cores that others keep busy they take more than the usual five seconds.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node', testTimeout: 20_000 } },
      browserRing('browser', []),
      browserRing('gpu', SOFTWARE_GPU_ARGS),
    ],
  },
});
