// Where the user is, in the address's hash: #/chat, #/chat/<id>, #/memory, #/memory/<id>, #/check-up, #/models.

import { useSyncExternalStore } from 'react';
import type { ChatId, ConceptId } from '../core/types';

export type Route =
  | { readonly place: 'chat'; readonly chatId: ChatId | undefined }
  | { readonly place: 'memory'; readonly conceptId: ConceptId | undefined }
  | { readonly place: 'check-up' }
  | { readonly place: 'models' };

export function hrefOf(route: Route): string {
  if (route.place === 'check-up' || route.place === 'models') return `#/${route.place}`;
  const id = route.place === 'chat' ? route.chatId : route.conceptId;
  return id === undefined ? `#/${route.place}` : `#/${route.place}/${encodeURIComponent(id)}`;
}

export function go(route: Route, how: 'push' | 'replace' = 'push'): void {
  if (hrefOf(route) === location.hash) return;
  if (how === 'push') location.hash = hrefOf(route);
  else location.replace(hrefOf(route));
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return parseRoute(hash);
}

export function parseRoute(hash: string): Route {
  if (hash === '#/check-up') return { place: 'check-up' };
  if (hash === '#/models') return { place: 'models' };
  const [, place, id] = /^#\/(chat|memory)(?:\/([^/]+))?$/.exec(hash) ?? [];
  const value = id === undefined ? undefined : decodeURIComponent(id);
  return place === 'memory'
    ? { place, conceptId: value as ConceptId | undefined }
    : { place: 'chat', chatId: value as ChatId | undefined };
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => {
    removeEventListener('hashchange', listener);
  };
}
