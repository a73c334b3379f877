// The page: a top bar, one of two places, and whatever lies over them.

import { lazy, Suspense, useEffect } from 'react';
import { saveHadMemory } from '../client/preferences';
import { app } from '../client/state';
import { ChatPlace } from './chat/chat-place';
import type { MemorySnapshot } from '../rpc/protocol';
import { useRoute, type Route } from './router';
import { DropAnywhere } from './shell/drop-anywhere';
import { EngineNotice } from './shell/engine-notice';
import { LockedScreen } from './shell/locked-screen';
import { Overlays } from './shell/overlays-host';
import { TopBar } from './shell/top-bar';
import { useApp } from './use-store';

const CheckUpPlace = lazy(() => import('./check-up/check-up-place'));
const MemoryPlace = lazy(() => import('./memory/memory-place'));
const ModelsPlace = lazy(() => import('./models/models-place'));
const Toasts = lazy(() => import('./shell/toasts'));

export function App() {
  const route = useRoute();
  const locked = useApp((state) => state.engine.kind === 'locked');
  const memory = useApp((state) => state.memory);

  useEffect(() => {
    if (memory) saveHadMemory(memory.concepts.length > 0);
  }, [memory]);

  useEffect(() => {
    document.title = titleOf(route, memory);
  }, [route, memory]);

  useEffect(() => {
    const tell = () => {
      app.set({ online: navigator.onLine });
    };
    tell();
    addEventListener('online', tell);
    addEventListener('offline', tell);
    return () => {
      removeEventListener('online', tell);
      removeEventListener('offline', tell);
    };
  }, []);

  if (locked) return <LockedScreen />;
  return (
    <div className="app">
      <TopBar place={route.place} />
      <main className="place" id="main">
        <EngineNotice />
        {route.place === 'chat' ? (
          <ChatPlace chatId={route.chatId} />
        ) : (
          <Suspense fallback={<p className="quiet pad">Opening…</p>}>{placeOf(route)}</Suspense>
        )}
      </main>
      <DropAnywhere />
      <Overlays />
      <Suspense>
        <Toasts />
      </Suspense>
    </div>
  );
}

function placeOf(route: Exclude<Route, { place: 'chat' }>) {
  switch (route.place) {
    case 'check-up':
      return <CheckUpPlace />;
    case 'models':
      return <ModelsPlace />;
    case 'memory':
      return <MemoryPlace conceptId={route.conceptId} />;
    default:
      return route satisfies never;
  }
}

function titleOf(route: Route, memory: MemorySnapshot | undefined): string {
  if (route.place === 'chat') return 'Jarvis';
  if (route.place === 'check-up') return 'Check-up · Jarvis';
  if (route.place === 'models') return 'Models · Jarvis';
  const here = memory?.concepts.find(({ concept }) => concept.id === route.conceptId);
  return `${here?.concept.name ?? 'Memory'} · Jarvis`;
}
