// Short messages in a corner, with Undo where something was deleted. F6 reaches them by keyboard.

import { useEffect } from 'react';
import {
  Button,
  Text,
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components/Toast';
import { onToast, type Toast } from '../../client/toasts';
import { Icon } from '../icon';

/** Long enough to read and to reach Undo; the timer rests while the pointer or the focus is on it. */
const SHOWN_MS = 9000;

const queue = new ToastQueue<Toast>({ maxVisibleToasts: 3 });

export default function Toasts() {
  useEffect(
    () =>
      onToast((message) => {
        queue.add(message, { timeout: SHOWN_MS });
      }),
    [],
  );
  return (
    <ToastRegion queue={queue} className="toasts" aria-label="Messages">
      {({ toast }) => (
        <AriaToast toast={toast} className="toast" data-tone={toast.content.tone ?? 'plain'}>
          <ToastContent>
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          {toast.content.action && (
            <Button
              className="button small"
              onPress={() => {
                queue.close(toast.key);
                toast.content.action?.run();
              }}
            >
              {toast.content.action.label}
            </Button>
          )}
          <Button slot="close" className="icon-button" aria-label="Close message">
            <Icon name="close" />
          </Button>
        </AriaToast>
      )}
    </ToastRegion>
  );
}
