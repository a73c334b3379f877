// An engine without models, in the page, for working on the UI (test/support/dev.html). Never shipped: no test or build
// imports it. It keeps the contract of EngineClient and takes its time, so that waiting can be looked at.

import type { EngineClient, EngineOptions } from '../../src/client/workers';
import type { CheckUpReport } from '../../src/core/check-up-report';
import { AppError } from '../../src/core/errors';
import type {
  Box,
  Chat,
  ChatId,
  ConceptId,
  FactId,
  Message,
  MessageId,
  Patch,
  PatchId,
  PhotoId,
  PhotoJob,
  SourceRef,
} from '../../src/core/types';
import { fakeLarge } from './fake-large';
import type { ConceptView, EngineEvent, EngineStatus, NewPhoto } from '../../src/rpc/protocol';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type View = { -readonly [K in keyof ConceptView]: ConceptView[K] extends readonly (infer E)[] ? E[] : ConceptView[K] };

const STATUS: EngineStatus = {
  model: 'mini',
  label: 'mini',
  encoder: 'patch',
  backend: 'wasm',
  device: 'WASM, 2 threads',
  fallback: 'This browser offers no WebGPU adapter, so Jarvis runs on the processor.',
  selfTest: { maxLogitDifference: 9.5e-7, ms: 212 },
};
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- any of the branded ids
const id = <T>(): T => crypto.randomUUID() as T;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function startFakeEngine(
  _options: EngineOptions,
  onEvent: (event: EngineEvent) => void,
): Promise<EngineClient> {
  const views: View[] = [];
  const blobs = new Map<PhotoId, Blob>();
  const chats = new Map<ChatId, Mutable<Chat>>();
  const undos = new Map<string, () => void>();

  const tell = () => {
    const concepts = structuredClone(views);
    const totalBytes = views.reduce((sum, view) => sum + view.bytes, 0);
    onEvent({ kind: 'memory', snapshot: { concepts, totalBytes, quotaBytes: 4e9, blocks: 0, staleBlocks: 0 } });
  };
  const tellChats = () => {
    const list = [...chats.values()].map((chat) => ({ id: chat.id, title: chat.title, updatedAt: chat.updatedAt }));
    onEvent({ kind: 'chats', chats: list.toReversed() });
  };
  const undoable = (undo: () => void): string => {
    const token = crypto.randomUUID();
    undos.set(token, undo);
    return token;
  };
  const find = (conceptId: ConceptId): View => {
    const view = views.find(({ concept }) => concept.id === conceptId);
    if (!view) throw new AppError('storage', 'That is gone.');
    return view;
  };
  const remove = <T>(list: T[], test: (item: T) => boolean): (() => void) => {
    const at = list.findIndex(test);
    const [item] = list.splice(at, 1);
    return () => {
      if (item !== undefined) list.splice(at, 0, item);
    };
  };

  const accept = async (view: View, photos: readonly NewPhoto[]) => {
    const rejected: { fileName: string; message: string }[] = [];
    const conceptId = view.concept.id;
    for (const { fileName, bytes, mime } of photos) {
      const blob = new Blob([bytes], { type: mime });
      const bitmap = await createImageBitmap(blob).catch(() => undefined);
      if (!bitmap) {
        rejected.push({ fileName, message: 'This file is not a picture.' });
        continue;
      }
      const photoId = id<PhotoId>();
      const { width: widthPx, height: heightPx } = bitmap;
      blobs.set(photoId, blob);
      const made = { conceptId, mime, bytes: blob.size, pixelHash: photoId, createdAt: Date.now() };
      view.photos.push({ id: photoId, widthPx, heightPx, ...made });
      view.bytes += blob.size;
      const state = { stage: 'enrol', status: 'waiting', error: undefined, updatedAt: Date.now() } as const;
      view.jobs.push({ photoId, conceptId, fileName, ...state });
    }
    tell();
    void work(view);
    return { rejected };
  };
  const work = async (view: View) => {
    for (const { photoId } of [...view.jobs]) {
      for (const stage of ['enrol', 'mine', 'encode', 'store'] as const) {
        const at = view.jobs.findIndex((job) => job.photoId === photoId);
        const job = view.jobs[at];
        if (!job || job.status === 'done' || job.status === 'cancelled') break;
        view.jobs[at] = { ...job, stage, status: 'running' };
        tell();
        await wait(350);
        const now = view.jobs.at(at); // may have been cancelled meanwhile
        if (now?.status !== 'running') break;
        if (stage === 'mine') view.patches.push(...fakePatches(view.concept.id, photoId));
        if (stage === 'store') view.jobs[at] = { ...job, stage, status: 'done' } satisfies PhotoJob;
      }
    }
    const { concept } = view;
    const card = {
      name: concept.name,
      category: 'dog',
      caption: 'A small dog with short legs, large ears and a white chest, photographed at home on a soft surface.',
      fingerprints: [
        { part: 'ears', descriptor: 'large, upright' },
        { part: 'chest', descriptor: 'white' },
      ],
      edited: false,
    };
    view.concept = { ...concept, card: concept.card ?? card };
    tell();
  };

  for (let step = 0; step <= 10; step++) {
    onEvent({ kind: 'loading', what: step < 3 ? 'patch' : 'mini', loadedBytes: step * 1.4e6, totalBytes: 14e6 });
    if (step === 1) {
      tell();
      tellChats();
    }
    await wait(80);
  }
  onEvent({ kind: 'ready', status: STATUS });
  const large = fakeLarge();

  return {
    status: () => STATUS,
    restart: () => Promise.resolve(STATUS),
    replaceModel: () => Promise.resolve(STATUS),
    dispose: () => undefined,
    idle: () => Promise.resolve(),
    ...large.acts,
    lastCheckUp: () => Promise.resolve(undefined),
    async checkUp(onProgress, signal) {
      let done = 0;
      for (; done < 12 && !signal.aborted; done++) {
        onProgress({ done, total: 12, right: done, text: 'Do you recognise this?' });
        await wait(300);
      }
      return { report: fakeReport(views, done), at: Date.now(), stopped: done < 12 };
    },
    async enrol({ name, aliases, facts, photos }) {
      const conceptId = id<ConceptId>();
      const now = Date.now();
      const view: View = {
        concept: { id: conceptId, name, aliases, card: undefined, createdAt: now, updatedAt: now },
        facts: facts.map((text) => ({ id: id<FactId>(), conceptId, text, createdAt: now })),
        photos: [],
        patches: [],
        jobs: [],
        bytes: 4000,
      };
      views.push(view);
      return { conceptId, ...(await accept(view, photos)) };
    },
    addPhotos: (conceptId, photos) => accept(find(conceptId), photos),
    cancelPhoto(photoId) {
      for (const view of views) {
        view.jobs = view.jobs.map((job) => (job.photoId === photoId ? { ...job, status: 'cancelled' } : job));
      }
      tell();
      return Promise.resolve();
    },
    retryPhoto(photoId) {
      for (const view of views) {
        if (!view.jobs.some((job) => job.photoId === photoId)) continue;
        view.jobs = view.jobs.map((job) => (job.photoId === photoId ? { ...job, status: 'waiting' } : job));
        void work(view);
      }
      return Promise.resolve();
    },
    deletePhoto(photoId) {
      const view = views.find(({ photos }) => photos.some((photo) => photo.id === photoId));
      const undo = view ? remove(view.photos, (photo) => photo.id === photoId) : () => undefined;
      tell();
      return Promise.resolve(undoable(undo));
    },
    readPhoto: (photoId) => Promise.resolve(blobs.get(photoId)),
    readScoreMap: () =>
      Promise.resolve({ gridW: 7, gridH: 7, score: Float32Array.from({ length: 49 }, (_, at) => (at % 7) / 6) }),
    replacePatches(photoId, boxes) {
      const view = views.find(({ photos }) => photos.some((photo) => photo.id === photoId));
      if (view) {
        const others = view.patches.filter((patch) => patch.photoId !== photoId);
        view.patches = [...others, ...boxes.map((box) => patchOf(view.concept.id, photoId, box, 'user'))];
      }
      tell();
      return Promise.resolve();
    },
    editConcept(conceptId, edit) {
      const view = find(conceptId);
      view.concept = { ...view.concept, ...edit };
      tell();
      return Promise.resolve();
    },
    deleteConcept(conceptId) {
      const undo = remove(views, ({ concept }) => concept.id === conceptId);
      tell();
      return Promise.resolve(undoable(undo));
    },
    addFacts(conceptId, facts) {
      find(conceptId).facts.push(
        ...facts.map((text) => ({ id: id<FactId>(), conceptId, text, createdAt: Date.now() })),
      );
      tell();
      return Promise.resolve();
    },
    editFact(factId, text) {
      for (const view of views) view.facts = view.facts.map((fact) => (fact.id === factId ? { ...fact, text } : fact));
      tell();
      return Promise.resolve();
    },
    deleteFact(factId) {
      const view = views.find(({ facts }) => facts.some((fact) => fact.id === factId));
      const undo = view ? remove(view.facts, (fact) => fact.id === factId) : () => undefined;
      tell();
      return Promise.resolve(undoable(undo));
    },
    undo(token) {
      undos.get(token)?.();
      tell();
      tellChats();
      return Promise.resolve();
    },
    createChat() {
      const chatId = id<ChatId>();
      chats.set(chatId, { id: chatId, title: '', messages: [], createdAt: Date.now(), updatedAt: Date.now() });
      return Promise.resolve(chatId);
    },
    readChat: (chatId) => Promise.resolve(structuredClone(chats.get(chatId))),
    renameChat(chatId, title) {
      const chat = chats.get(chatId);
      if (chat) chat.title = title;
      tellChats();
      return Promise.resolve();
    },
    deleteChat(chatId) {
      const chat = chats.get(chatId);
      chats.delete(chatId);
      tellChats();
      return Promise.resolve(
        undoable(() => {
          if (chat) chats.set(chatId, chat);
        }),
      );
    },
    async ask(request, onAnswer, signal) {
      const chat = chats.get(request.chatId);
      if (!chat) throw new AppError('storage', 'That chat is gone.');
      if (request.text.includes('crash')) throw new AppError('worker-died', 'The model stopped. It is starting again.');
      const cut = chat.messages.findIndex((message) => message.id === request.regenerate);
      const asked: Message = {
        id: id<MessageId>(),
        role: 'user',
        text: request.text,
        photo: request.photo,
        createdAt: Date.now(),
      };
      const before = cut < 0 ? [...chat.messages, asked] : chat.messages.slice(0, cut);
      if (chat.title === '') chat.title = request.text.slice(0, 40);
      tellChats();
      const [view] = views;
      const known = view !== undefined && !request.text.includes('unknown');
      for (const stage of ['retrieve', 'assemble', 'decode'] as const) {
        onAnswer({ kind: 'stage', stage, note: stage === 'assemble' ? '3 facts, 1 concept' : '' });
        await wait(300);
      }
      await large.review(request, onAnswer);
      const words = (known ? `**${view.concept.name}** sleeps on the blue sofa.` : "I don't know.").split(' ');
      let text = '';
      for (const word of words) {
        if (signal.aborted) break;
        text += (text && ' ') + word;
        onAnswer({ kind: 'text', text });
        await wait(request.text.includes('slow') ? 500 : 90);
      }
      const sources: SourceRef[] = known
        ? [
            ...view.facts.slice(0, 2).map(({ id: factId, text: said }) => ({
              kind: 'fact' as const,
              conceptId: view.concept.id,
              name: view.concept.name,
              factId,
              text: said,
            })),
            ...view.patches.slice(0, 3).map(({ id: patchId, photoId, box }) => ({
              kind: 'patch' as const,
              conceptId: view.concept.id,
              name: view.concept.name,
              photoId,
              patchId,
              box,
            })),
          ]
        : [];
      const answer: Message = {
        id: id<MessageId>(),
        role: 'assistant',
        text,
        sources,
        cues:
          request.photo && view
            ? [
                {
                  conceptId: view.concept.id,
                  name: view.concept.name,
                  present: true,
                  place: { x: 0.2, y: 0.15, w: 0.5, h: 0.6 },
                  probability: 0.93,
                },
              ]
            : [],
        nearest: known ? undefined : view?.facts[0]?.text,
        trace: {
          stages: [
            { stage: 'retrieve', ms: 12, note: '1 concept, 2 facts' },
            { stage: 'assemble', ms: 5.4, note: '61 tokens linked' },
            { stage: 'decode', ms: 312, note: '9 tokens' },
            { stage: 'reflect', ms: 0.6, note: 'kept' },
          ],
          model: 'mini',
          backend: 'wasm',
          tokensLinked: 61,
          tokensPrefilled: 18,
          tokensDecoded: 9,
          ttftMs: 74,
          draft: text,
          verdict: known ? { kind: 'kept' } : { kind: 'unknown' },
        },
        stopped: signal.aborted,
        createdAt: Date.now(),
      };
      chat.messages = [...before, answer];
      onAnswer({ kind: 'done', message: answer });
      return answer;
    },
  };
}

function fakeReport(views: readonly View[], n: number): CheckUpReport {
  const tally = { n, right: Math.max(0, n - 1), rightWithout: 1, rightFirst: 3 };
  const [first, second] = views.map(({ concept }) => concept.id);
  const photoIds = views[0]?.photos.slice(0, 1).map((photo) => photo.id) ?? [];
  const twins = first !== undefined && second !== undefined;
  return {
    all: tally,
    concepts: views.map(({ concept }) => ({ ...tally, conceptId: concept.id, name: concept.name })),
    kinds: { recognise: tally },
    confusions: twins ? [{ conceptId: first, takenFor: second, times: 1, photoIds }] : [],
    help: twins ? [{ conceptId: first, why: 'taken-for-another', photoId: photoIds[0], takenFor: second }] : [],
  };
}

function fakePatches(conceptId: ConceptId, photoId: PhotoId): Patch[] {
  return [
    patchOf(conceptId, photoId, { x: 0.3, y: 0.18, w: 0.34, h: 0.3 }, 'miner'),
    patchOf(conceptId, photoId, { x: 0.45, y: 0.5, w: 0.2, h: 0.24 }, 'miner'),
  ];
}

function patchOf(conceptId: ConceptId, photoId: PhotoId, box: Box, by: Patch['by']): Patch {
  return { id: id<PatchId>(), conceptId, photoId, box, score: 0.8, by };
}
