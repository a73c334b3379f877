// Puts the page up first, then loads the engine: first paint needs none of the models.

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { registerSW } from 'virtual:pwa-register';
import { beginEngine } from '../client/engine';
import { toast } from '../client/toasts';
import { App } from './app';
import './styles/all.css';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

beginEngine(async (options, onEvent) => {
  const { startEngine } = await import('../client/workers');
  return startEngine(options, onEvent);
});

const update = registerSW({
  onNeedRefresh() {
    toast({ text: 'A new version of Jarvis is here.', action: { label: 'Reload', run: () => void update(true) } });
  },
});
