// Draw, move, resize and remove patches, by pointer or keys. What the user chooses wins over the miner.

import { useRef, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { replacePatches } from '../../client/memory-commands';
import type { Box, Patch, Photo } from '../../core/types';
import { Icon } from '../icon';
import { boxBetween, isLargeEnough, moveBox, resizeBox, type Point } from './boxes';
import { MemoryPhoto } from './memory-photo';

interface Drawn {
  readonly key: string;
  readonly box: Box;
}

/** What the pointer does until it is lifted. */
type Grip =
  | { readonly act: 'draw'; readonly from: Point }
  | { readonly act: 'move' | 'resize'; readonly key: string; readonly from: Point; readonly box: Box };

const STEP = 0.02; // one press of an arrow key, of the photo's edge
let serial = 0;

interface PatchEditorProps {
  readonly photo: Photo;
  readonly patches: readonly Patch[];
  readonly onDone: () => void;
}

export function PatchEditor({ photo, patches, onDone }: PatchEditorProps) {
  const [drawn, setDrawn] = useState<readonly Drawn[]>(() => patches.map(({ id, box }) => ({ key: id, box })));
  const [draft, setDraft] = useState<Box>();
  const grip = useRef<Grip>(undefined);
  const stage = useRef<HTMLDivElement>(null);

  const change = (key: string, box: Box) => {
    setDrawn((before) => before.map((each) => (each.key === key ? { key, box } : each)));
  };
  const remove = (key: string) => {
    setDrawn((before) => before.filter((each) => each.key !== key));
    stage.current?.focus();
  };
  const add = (box: Box) => {
    const key = `new-${++serial}`;
    setDrawn((before) => [...before, { key, box }]);
    requestAnimationFrame(() => stage.current?.querySelector<HTMLElement>(`[data-key="${key}"]`)?.focus());
  };
  const pointAt = (event: React.PointerEvent): Point => {
    const area = stage.current?.getBoundingClientRect();
    if (!area) return { x: 0, y: 0 };
    return { x: (event.clientX - area.left) / area.width, y: (event.clientY - area.top) / area.height };
  };

  const onPointerDown = (event: React.PointerEvent) => {
    const from = pointAt(event);
    const target = event.target as Element;
    const key = target.closest<HTMLElement>('[data-key]')?.dataset['key'];
    const hit = drawn.find((each) => each.key === key);
    grip.current = hit
      ? { act: target.matches('.corner') ? 'resize' : 'move', key: hit.key, from, box: hit.box }
      : { act: 'draw', from };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: React.PointerEvent) => {
    const held = grip.current;
    if (!held) return;
    const to = pointAt(event);
    if (held.act === 'draw') setDraft(boxBetween(held.from, to));
    else
      change(held.key, (held.act === 'move' ? moveBox : resizeBox)(held.box, to.x - held.from.x, to.y - held.from.y));
  };
  const onPointerUp = () => {
    if (grip.current?.act === 'draw' && draft && isLargeEnough(draft)) add(draft);
    grip.current = undefined;
    setDraft(undefined);
  };

  return (
    <>
      <div
        ref={stage}
        className="large-photo editing"
        role="group"
        aria-label="Patches"
        tabIndex={-1}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
      >
        <MemoryPhoto photo={photo} alt="" />
        {drawn.map(({ key, box }, at) => (
          <button
            key={key}
            type="button"
            className="patch-box"
            data-key={key}
            style={styleOf(box)}
            aria-label={`Patch ${at + 1} of ${drawn.length}`}
            onKeyDown={(event) => {
              const next = keyed(box, event.key, event.shiftKey);
              if (next) {
                event.preventDefault();
                change(key, next);
              } else if (event.key === 'Delete' || event.key === 'Backspace') {
                event.preventDefault();
                remove(key);
              }
            }}
          >
            <span className="corner" />
          </button>
        ))}
        {draft && <span className="patch-box draft" style={styleOf(draft)} />}
      </div>
      <p className="hint">
        Draw a box on the photo. Arrow keys move the chosen one, Shift with arrow keys resizes it, Delete removes it.
      </p>
      <div className="acts">
        <Button
          className="button quiet-button"
          onPress={() => {
            add({ x: 0.35, y: 0.35, w: 0.3, h: 0.3 });
          }}
        >
          <Icon name="add" /> Add a patch
        </Button>
        <Button className="button" onPress={onDone}>
          Cancel
        </Button>
        <Button
          className="button primary"
          onPress={() => {
            onDone();
            void replacePatches(
              photo.id,
              drawn.map(({ box }) => box),
            );
          }}
        >
          Save patches
        </Button>
      </div>
    </>
  );
}

function keyed(box: Box, key: string, resizes: boolean): Box | undefined {
  const act = resizes ? resizeBox : moveBox;
  if (key === 'ArrowLeft') return act(box, -STEP, 0);
  if (key === 'ArrowRight') return act(box, STEP, 0);
  if (key === 'ArrowUp') return act(box, 0, -STEP);
  if (key === 'ArrowDown') return act(box, 0, STEP);
  return undefined;
}

function styleOf({ x, y, w, h }: Box): React.CSSProperties {
  return { left: `${x * 100}%`, top: `${y * 100}%`, width: `${w * 100}%`, height: `${h * 100}%` };
}
