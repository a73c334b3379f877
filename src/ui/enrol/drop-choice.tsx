// Photos dropped on the composer: to ask about, or to remember?

import { Button } from 'react-aria-components/Button';
import { attach } from '../chat/attach';
import { parseRoute } from '../router';
import { closeOverlay, openOverlay } from '../overlays';
import { useBytesUrl } from '../photo/use-photo-url';
import { DialogFrame } from '../shell/dialog-frame';
import { count } from '../format';

export default function DropChoice({ files }: { files: readonly File[] }) {
  const [first] = files;
  const url = useBytesUrl(first, '');
  const route = parseRoute(location.hash);
  return (
    <DialogFrame
      title={files.length === 1 ? 'What is this photo for?' : `What are these ${count(files.length, 'photo')} for?`}
      size="small"
    >
      {url && <img className="choice-photo" src={url} alt={first?.name ?? ''} />}
      <div className="acts spread">
        <Button
          className="button primary"
          autoFocus
          onPress={() => {
            closeOverlay();
            if (first) void attach(route.place === 'chat' ? route.chatId : undefined, first);
          }}
        >
          {files.length === 1 ? 'Ask about this photo' : 'Ask about the first'}
        </Button>
        <Button
          className="button"
          onPress={() => {
            openOverlay({ kind: 'enrol', files });
          }}
        >
          Remember {files.length === 1 ? 'it' : 'them'}
        </Button>
      </div>
    </DialogFrame>
  );
}
