// Photos dropped or pasted anywhere on the page open the enrolment; the composer takes its own.

import { useEffect, useState } from 'react';
import { app } from '../../client/state';
import { filesOf, imagesOf } from '../files';
import { openOverlay, overlays } from '../overlays';
import { parseRoute } from '../router';

/** On a concept's page its name is filled in, and the dialog offers to add to it. */
function openEnrol(files: readonly File[]): void {
  const route = parseRoute(location.hash);
  const id = route.place === 'memory' ? route.conceptId : undefined;
  const here = app.get().memory?.concepts.find(({ concept }) => concept.id === id);
  openOverlay({ kind: 'enrol', files, ...(here && { name: here.concept.name }) });
}

export function DropAnywhere() {
  const [over, setOver] = useState(false);

  useEffect(() => {
    let depth = 0; // dragenter of a child comes before dragleave of its parent
    const isBusy = () => overlays.get().open !== undefined;
    const onEnter = (event: DragEvent) => {
      if (isBusy() || !event.dataTransfer?.types.includes('Files')) return;
      depth += 1;
      setOver(true);
    };
    const onLeave = () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const onOver = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
    };
    const onDrop = (event: DragEvent) => {
      depth = 0;
      setOver(false);
      const files = filesOf(event.dataTransfer);
      if (files.length === 0) return;
      event.preventDefault(); // a file dropped by mistake must not replace the page
      if (isBusy()) return; // the open dialog has its own place for files
      const inComposer = event.target instanceof Element && event.target.closest('.composer') !== null;
      if (inComposer) openOverlay({ kind: 'drop-choice', files });
      else openEnrol(files);
    };
    const onPaste = (event: ClipboardEvent) => {
      const files = imagesOf(event.clipboardData);
      if (files.length === 0 || event.defaultPrevented || isBusy()) return;
      event.preventDefault();
      openEnrol(files);
    };
    addEventListener('dragenter', onEnter);
    addEventListener('dragleave', onLeave);
    addEventListener('dragover', onOver);
    addEventListener('drop', onDrop);
    addEventListener('paste', onPaste);
    return () => {
      removeEventListener('dragenter', onEnter);
      removeEventListener('dragleave', onLeave);
      removeEventListener('dragover', onOver);
      removeEventListener('drop', onDrop);
      removeEventListener('paste', onPaste);
    };
  }, []);

  useEffect(() => {
    document.documentElement.toggleAttribute('data-dragging', over);
  }, [over]);

  if (!over) return null;
  return (
    <div className="drop-overlay" aria-hidden="true">
      <p>Drop to remember</p>
    </div>
  );
}
