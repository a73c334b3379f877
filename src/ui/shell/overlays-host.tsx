// Shows the dialog that is open; each is loaded when it is first needed.

import { lazy, Suspense } from 'react';
import { overlays, type Overlay } from '../overlays';
import { useApp, useStore } from '../use-store';

const EnrolDialog = lazy(() => import('../enrol/enrol-dialog'));
const DropChoice = lazy(() => import('../enrol/drop-choice'));
const PhotoDialog = lazy(() => import('../photo/photo-dialog'));
const ForgetDialog = lazy(() => import('../memory/forget-dialog'));
const AddFactDialog = lazy(() => import('../memory/add-fact-dialog'));
const ReviewDialog = lazy(() => import('../review/review-dialog'));
const SettingsDialog = lazy(() => import('../settings/settings-dialog'));

export function Overlays() {
  const open = useStore(overlays, (state) => state.open);
  const review = useApp((state) => state.review);
  return (
    <>
      <Suspense>{open && dialogFor(open)}</Suspense>
      <Suspense>{review && <ReviewDialog key={review.id} outgoing={review} />}</Suspense>
    </>
  );
}

function dialogFor(overlay: Overlay) {
  switch (overlay.kind) {
    case 'enrol':
      return <EnrolDialog files={overlay.files} name={overlay.name ?? ''} />;
    case 'drop-choice':
      return <DropChoice files={overlay.files} />;
    case 'photo':
      return <PhotoDialog photoId={overlay.photoId} litPatches={overlay.litPatches} />;
    case 'forget':
      return <ForgetDialog conceptId={overlay.conceptId} />;
    case 'add-fact':
      return <AddFactDialog conceptId={overlay.conceptId} />;
    case 'settings':
      return <SettingsDialog />;
    default:
      return overlay satisfies never;
  }
}
