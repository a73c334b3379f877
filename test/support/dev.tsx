// The real page on the fake engine: `npx vite` and open /test/support/dev.html.

import { createRoot } from 'react-dom/client';
import { beginEngine } from '../../src/client/engine';
import { App } from '../../src/ui/app';
import '../../src/ui/styles/all.css';
import { startFakeEngine } from './fake-engine';

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
beginEngine(startFakeEngine);
