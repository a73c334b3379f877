// The photo that goes with the question, with a way to take it off or to remember it instead.

import { Button } from 'react-aria-components/Button';
import { saveDraft } from '../../client/chat-commands';
import type { DraftPhoto } from '../../client/state';
import type { ChatId } from '../../core/types';
import { Icon } from '../icon';
import { openOverlay } from '../overlays';
import { useBytesUrl } from '../photo/use-photo-url';

export function AttachedPhoto({ chatId, photo }: { chatId: ChatId | undefined; photo: DraftPhoto }) {
  const url = useBytesUrl(photo.bytes, photo.mime);
  const takeOff = () => {
    saveDraft(chatId, { photo: undefined });
  };
  return (
    <div className="attached">
      <img src={url} alt={`Photo for the question: ${photo.fileName}`} />
      <Button
        className="button quiet-button small"
        onPress={() => {
          takeOff();
          openOverlay({ kind: 'enrol', files: [new File([photo.bytes], photo.fileName, { type: photo.mime })] });
        }}
      >
        Remember it instead
      </Button>
      <Button className="icon-button small" aria-label="Take the photo off" onPress={takeOff}>
        <Icon name="close" />
      </Button>
    </div>
  );
}
