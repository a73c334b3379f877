// Serves ONNX Runtime's WASM files from this origin under /ort/, in dev, build and preview. They are never in git: the
// package in node_modules is the source. By default transformers.js would fetch them from a CDN.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defaultClientConditions, type Plugin } from 'vite';

/**
 * `asyncify` has the WebGPU and the CPU provider; the plain one has the CPU provider only and is half the size and
 * faster, so src/runtime/device.ts asks for it when the backend is WASM.
 */
const ORT_FILES = [
  'ort-wasm-simd-threaded.mjs',
  'ort-wasm-simd-threaded.wasm',
  'ort-wasm-simd-threaded.asyncify.mjs',
  'ort-wasm-simd-threaded.asyncify.wasm',
];

/**
 * What is changed in ONNX Runtime's loaders (.mjs), which export no way to do it from outside.
 *
 * [Note: Attention on WASM] Since pull request 28962 (1.31) GroupQueryAttention reads several tokens at once in tiles that fit the second-level
 * cache, whose size WASM does not know: a layer of SmolVLM-256M's with 16 tokens behind 1,024 takes 42 ms instead of 1.8. The
 * variable, read when a session is made, chooses the older way. Delete when `npm run bench -- first-token` is as fast without it.
 *
 * The module is left where src/runtime/ort-heap.ts finds it ([Note: Tensors in the heap]).
 */
const CHANGES: readonly { readonly from: string; readonly to: string }[] = [
  { from: 'USER:"web_user"', to: 'ORT_GQA_DISABLE_FLASH_ATTENTION:"1",USER:"web_user"' },
  {
    from: 'export default ortWasmThreaded;',
    to: 'export default async(options)=>globalThis.ortModule=await ortWasmThreaded(options);',
  },
];

const MIME: Record<string, string> = { mjs: 'text/javascript', wasm: 'application/wasm' };

export function ortAssets(): Plugin {
  // onnxruntime-web comes with transformers.js, which pins it: resolve from there, not from our own package.json.
  const fromApp = createRequire(import.meta.url);
  const fromTransformers = createRequire(fromApp.resolve('@huggingface/transformers'));
  const folder = dirname(fromTransformers.resolve('onnxruntime-web'));
  const file = (name: string): string => join(folder, name);
  function contents(name: string): Buffer | string {
    const bytes = readFileSync(file(name));
    if (!name.endsWith('.mjs')) return bytes;
    return CHANGES.reduce((code, { from, to }) => {
      if (!code.includes(from)) throw new Error(`${name} has no ${from}: see what onnxruntime-web does now`);
      return code.replace(from, to);
    }, bytes.toString());
  }

  return {
    name: 'jarvis:ort-assets',
    config: () => ({
      // The builds that import their .mjs at run time from `wasmPaths`. The default builds carry a copy of it and make the
      // bundler emit a second 26 MB .wasm.
      resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
    }),
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        // Vite adds `?import` to dynamic imports: match on the path alone.
        const name = /^\/ort\/([\w.-]+)(?:\?.*)?$/.exec(request.url ?? '')?.[1];
        if (name === undefined || !ORT_FILES.includes(name) || !existsSync(file(name))) {
          next();
          return;
        }
        response.setHeader('Content-Type', MIME[name.split('.').pop() ?? ''] ?? 'application/octet-stream');
        // ONNX Runtime's threads are workers made from the .mjs: they must be isolated like the page.
        response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
        response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
        response.end(contents(name));
      });
    },
    generateBundle() {
      // Workers are built by nested builds: emit once, from the page's.
      if (this.environment.config.isWorker) return;
      for (const name of ORT_FILES) {
        this.emitFile({ type: 'asset', fileName: `ort/${name}`, source: contents(name) });
      }
    },
  };
}
