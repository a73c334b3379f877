// Serves model folders that are not part of the build under /models/<name>/, in dev and preview only: what training/ built
// into training/runs (a folder with a config.json is a model), so that `?model=real-size` loads it in the app.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Connect, Plugin } from 'vite';

const FOLDER = resolve(import.meta.dirname, '../training/runs');

export function localModels(): Plugin {
  const serve: Connect.NextHandleFunction = (request, response, next) => {
    const [, name, file] = /\/models\/([\w-]+)\/((?:onnx\/)?[\w.-]+)(?:\?.*)?$/.exec(request.url ?? '') ?? [];
    const path = join(FOLDER, name ?? '', file ?? '');
    if (!name || !file || !existsSync(join(FOLDER, name, 'config.json')) || !existsSync(path)) {
      next();
      return;
    }
    response.setHeader('Content-Type', file.endsWith('.json') ? 'application/json' : 'application/octet-stream');
    response.setHeader('Content-Length', statSync(path).size);
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    createReadStream(path).pipe(response);
  };
  return {
    name: 'jarvis:local-models',
    configureServer: ({ middlewares }) => void middlewares.use(serve),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(serve),
  };
}
