// A real OpenAI-compatible server over loopback: Python transformers' own `serve` command on a model in Hugging Face's format. It runs where
// somebody has installed it (pip install 'transformers[serving]' and PyTorch); nothing of it is needed otherwise.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

export interface ModelServer {
  readonly baseUrl: string; // ends in /v1
  readonly model: string;
  close(): Promise<void>;
}

const NEEDED = 'import fastapi, uvicorn, openai, torch, transformers.cli.serving';
const START_MS = 120_000;

/** A Python that has the command: the variable JARVIS_PYTHON, else those of the PATH; undefined where none has. */
export function findServingPython(): string | undefined {
  const named = env['JARVIS_PYTHON'];
  const candidates = named === undefined ? ['python3', 'python'] : [named];
  return candidates.find(
    (python) => spawnSync(python, ['-c', NEEDED], { stdio: 'ignore', timeout: 60_000 }).status === 0,
  );
}

/** Serves `folder` on a free port of this machine, for pages of any origin; resolves when it answers. Nothing is downloaded. */
export async function serveModel(python: string, folder: string): Promise<ModelServer> {
  const port = await freePort();
  const cache = mkdtempSync(join(tmpdir(), 'jarvis-serve-'));
  const args = ['-m', 'transformers.cli.transformers', 'serve', folder];
  const child = spawn(
    python,
    [...args, '--host', '127.0.0.1', '--port', String(port), '--device', 'cpu', '--enable-cors'],
    {
      env: { ...env, HF_HUB_OFFLINE: '1', HF_HUB_CACHE: cache, HF_HUB_DISABLE_TELEMETRY: '1', OMP_NUM_THREADS: '2' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let log = '';
  child.stderr.on('data', (data: Buffer) => (log = `${log}${data.toString()}`.slice(-4000)));
  const close = async (): Promise<void> => {
    await ended(child);
    if (existsSync(cache)) rmSync(cache, { recursive: true });
  };
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  for (const startedAt = Date.now(); Date.now() - startedAt < START_MS;) {
    if (child.exitCode !== null) break;
    const up = await fetch(`${baseUrl}/../health`).then(
      ({ ok }) => ok,
      () => false,
    ); // refused until it listens
    if (up) return { baseUrl, model: folder, close };
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await close();
  throw new Error(`transformers serve did not start:\n${log}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
