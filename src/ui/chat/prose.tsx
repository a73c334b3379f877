// An answer's words as markdown. The renderer is loaded on the first question; until then the plain words stand there.

import { lazy, Suspense } from 'react';

const load = () => import('./markdown');
const Markdown = lazy(load);

export function preloadMarkdown(): void {
  void load();
}

export function Prose({ text }: { text: string }) {
  return (
    <div className="prose">
      <Suspense fallback={<p className="plain">{text}</p>}>
        <Markdown text={text} />
      </Suspense>
    </div>
  );
}
