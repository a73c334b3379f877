// The page that eval and bench drive: the app's own workers without its UI, as plain calls on `window.jarvisBench`.

import * as Comlink from 'comlink';
import { startEngine } from '../src/client/workers';
import type { EngineClient } from '../src/client/workers';
import type { Probe } from '../src/core/acts';
import type { CollaborationTrace, LargeSettings } from '../src/core/large';
import type { CheckUpResult, EngineStatus, MemorySnapshot } from '../src/rpc/protocol';
import type { Backend, ConceptId, Message } from '../src/core/types';
import type { ExactResult } from './exact-rows';
import { measureSearch } from './measure-search';
import type { SearchRequest, SearchSize } from './measure-search';
import type { VisualRow } from './measure-visual';
import type { ExactRequest, VisualRequest, MeasureApi, MeasureRequest, Sample } from './measure.worker';
import type { MineApi, MineFigures, MineRequest } from './mine.worker';
import type { Recognised, RecogniseApi, RecogniseRequest } from './recognise.worker';
import type { FoundFacts } from './retrieve';
import type { RetrieveApi, RetrieveRequest } from './retrieve.worker';

/** Bytes travel as base64: what Playwright hands over is JSON. */
export interface PhotoFile {
  readonly fileName: string;
  readonly mime: string;
  readonly base64: string;
}

export interface Enrolled {
  readonly conceptId: ConceptId;
  readonly rejected: readonly string[];
}

/** One question of a chat. */
export interface Turn {
  readonly text: string;
  readonly photo: PhotoFile | undefined;
}

export interface Answered {
  readonly text: string;
  readonly ttftMs: number | undefined;
  /** Of sources and of what the photo was found to show. */
  readonly conceptIds: readonly ConceptId[];
  /** Found on the photo, after whatever check there was. */
  readonly present: readonly ConceptId[];
  readonly collaboration: CollaborationTrace | undefined;
}

export interface MemoryState {
  readonly bytes: number;
  readonly failedPhotos: readonly string[];
}

let engine: EngineClient | undefined;
let snapshot: MemorySnapshot | undefined;
let checking = '';

const bench = {
  /** `readyMs`: from the start of the navigation to being able to chat. */
  async start(model: string, backend: Backend): Promise<{ status: EngineStatus; readyMs: number }> {
    engine = await startEngine({ model, encoder: 'patch', backend, baseUrl: appUrl() }, (event) => {
      if (event.kind === 'memory') snapshot = event.snapshot;
      if (event.kind === 'failed') console.error(`engine: ${event.message}`);
    });
    return { status: engine.status(), readyMs: performance.now() };
  },

  /** Resolves when every photo is through all stages. */
  async enrol(concept: {
    name: string;
    aliases: readonly string[];
    facts: readonly string[];
    photos: readonly PhotoFile[];
  }): Promise<Enrolled> {
    const photos = concept.photos.map((photo) => ({ ...photo, bytes: toBuffer(photo.base64) }));
    const { conceptId, rejected } = await running().enrol({ ...concept, photos });
    await running().idle();
    return { conceptId, rejected: rejected.map(({ fileName, message }) => `${fileName}: ${message}`) };
  },

  async memory(): Promise<MemoryState> {
    await running().idle();
    await new Promise((resolve) => setTimeout(resolve, 100)); // events travel on a port of their own
    const jobs = (snapshot?.concepts ?? []).flatMap((view) => view.jobs);
    const failed = jobs.filter((job) => job.status === 'failed');
    return {
      bytes: snapshot?.totalBytes ?? 0,
      failedPhotos: failed.map((job) => `${job.fileName}: ${job.error ?? job.stage}`),
    };
  },

  /** The last answer of a chat of its own: no question hears of another that it does not follow. */
  async ask(turns: readonly Turn[], noMemory: boolean, probe?: Probe): Promise<Answered> {
    const chatId = await running().createChat();
    let message: Message | undefined;
    for (const { text, photo } of turns) {
      message = await running().ask(
        {
          chatId,
          text,
          noMemory,
          ...(probe && { probe }),
          ...(photo && { photo: { mime: photo.mime, bytes: toBuffer(photo.base64) } }),
        },
        (event) => {
          // Nobody is there to be asked; what runs here was chosen on the command line.
          if (event.kind !== 'review' || event.outgoing === undefined) return;
          void running().decideReview(event.outgoing.id, { send: true, rememberChat: true, enrolled: [] });
        },
        new AbortController().signal,
      );
    }
    await running().deleteChat(chatId);
    if (message === undefined) throw new Error('nothing was asked');
    if (message.role !== 'assistant') {
      return { text: message.text, ttftMs: undefined, conceptIds: [], present: [], collaboration: undefined };
    }
    const seen = message.cues.filter((cue) => cue.present);
    const conceptIds = message.trace?.concepts ?? [...message.sources, ...seen].map(({ conceptId }) => conceptId);
    return {
      text: message.text,
      ttftMs: message.trace?.ttftMs,
      conceptIds: [...new Set(conceptIds)],
      present: seen.map(({ conceptId }) => conceptId),
      collaboration: message.trace?.collaboration,
    };
  },

  async setLarge(settings: Partial<LargeSettings>): Promise<void> {
    await running().editLarge({ settings });
  },

  /** The app's own check-up of what it remembers. */
  async checkUp(): Promise<CheckUpResult> {
    checking = 'writing the questions';
    return running().checkUp(({ done, total }) => {
      checking = `asked ${done} of ${total}`;
    }, new AbortController().signal);
  },

  checkUpProgress(): string {
    return checking;
  },

  /** Ends the engine; its memory stays. */
  stop(): void {
    engine?.dispose();
    engine = undefined;
  },

  /** Measures the ports themselves, in a worker, without the engine. */
  async measure(request: Omit<MeasureRequest, 'baseUrl'>): Promise<{ device: string; samples: Sample[] }> {
    return inWorker((api) => api.measure({ ...request, baseUrl: appUrl() }));
  },

  async visual(request: Omit<VisualRequest, 'baseUrl'>): Promise<VisualRow[]> {
    return inWorker((api) => api.visual({ ...request, baseUrl: appUrl() }));
  },

  async exact(request: Omit<ExactRequest, 'baseUrl'>): Promise<ExactResult> {
    return inWorker((api) => api.exact({ ...request, baseUrl: appUrl() }));
  },

  /** Scores between all photos; plain arrays, because what Playwright hands back is JSON. */
  async recognise(request: Omit<RecogniseRequest, 'baseUrl'>) {
    const worker = new Worker(new URL('./recognise.worker.ts', import.meta.url), { type: 'module' });
    try {
      const api = Comlink.wrap<RecogniseApi>(worker);
      const found: Recognised = await api.recognise({ ...request, baseUrl: appUrl() });
      return { ...found, score: [...found.score], teacherScore: [...found.teacherScore] };
    } finally {
      worker.terminate();
    }
  },

  search(request: SearchRequest): SearchSize[] {
    return measureSearch(request);
  },

  async retrieve(request: Omit<RetrieveRequest, 'baseUrl'>): Promise<FoundFacts[]> {
    const worker = new Worker(new URL('./retrieve.worker.ts', import.meta.url), { type: 'module' });
    try {
      return await Comlink.wrap<RetrieveApi>(worker).retrieve({ ...request, baseUrl: appUrl() });
    } finally {
      worker.terminate();
    }
  },

  /** Mines sibling sets whose distinguishing part is known. */
  async mine(request: Omit<MineRequest, 'baseUrl'>): Promise<{ device: string; figures: MineFigures }> {
    const worker = new Worker(new URL('./mine.worker.ts', import.meta.url), { type: 'module' });
    try {
      return await Comlink.wrap<MineApi>(worker).mine({ ...request, baseUrl: appUrl() });
    } finally {
      worker.terminate();
    }
  },
};

export type JarvisBench = typeof bench;

declare global {
  interface Window {
    jarvisBench: JarvisBench;
  }
}

window.jarvisBench = bench;

async function inWorker<T>(act: (api: Comlink.Remote<MeasureApi>) => Promise<T>): Promise<T> {
  const worker = new Worker(new URL('./measure.worker.ts', import.meta.url), { type: 'module' });
  try {
    return await act(Comlink.wrap<MeasureApi>(worker));
  } finally {
    worker.terminate();
  }
}

function appUrl(): string {
  return new URL('../', document.baseURI).href;
}

function running(): EngineClient {
  if (!engine) throw new Error('call start() first');
  return engine;
}

function toBuffer(base64: string): ArrayBuffer {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).buffer;
}
