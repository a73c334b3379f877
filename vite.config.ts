// Build and serve: one page, one bench page, two workers, self-hosted ONNX Runtime, offline by Workbox.
import react from '@vitejs/plugin-react';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { localModels } from './scripts/vite-models';
import { ortAssets } from './scripts/vite-ort';

/** WASM threads need cross-origin isolation, in dev, preview and on the static host (public/_headers says the same). */
export const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

export default defineConfig({
  base: './',
  plugins: [
    react(),
    ortAssets(),
    localModels(),
    VitePWA({
      registerType: 'prompt',
      injectRegister: false,
      manifest: {
        name: 'Jarvis',
        short_name: 'Jarvis',
        description: 'Remembers your own things, on this device only.',
        display: 'standalone',
        background_color: '#faf8f4',
        theme_color: '#faf8f4',
        start_url: './',
        icons: [{ src: 'icons/jarvis.svg', sizes: 'any', type: 'image/svg+xml' }],
      },
      workbox: {
        // Everything the main job needs works offline after the first load: page, workers, runtime, embedded models, samples.
        globPatterns: ['**/*.{html,js,mjs,css,svg,json,wasm,onnx,bin,jpg,png,woff2,webmanifest}'],
        globIgnores: ['bench/**', '**/*.safetensors'],
        maximumFileSizeToCacheInBytes: 40 * 1024 * 1024,
        clientsClaim: true,
        navigateFallback: 'index.html',
        navigateFallbackDenylist: [/\/bench\//],
      },
    }),
  ],
  worker: { format: 'es' },
  server: { headers: ISOLATION_HEADERS },
  preview: { headers: ISOLATION_HEADERS },
  optimizeDeps: { exclude: ['@huggingface/transformers', 'onnxruntime-web'] },
  build: {
    target: 'es2023',
    rolldownOptions: {
      input: {
        main: resolve(import.meta.dirname, 'index.html'),
        bench: resolve(import.meta.dirname, 'bench/page.html'),
      },
    },
  },
});
