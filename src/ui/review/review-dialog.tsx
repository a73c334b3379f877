// Before anything leaves: the exact pictures and words, and three ways to decide. Closing it is a no.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components/Modal';
import { decideReview } from '../../client/large-commands';
import type { Outgoing, OutgoingPicture } from '../../core/large';
import type { PhotoId } from '../../core/types';
import { count } from '../format';
import { useBytesUrl } from '../photo/use-photo-url';

export default function ReviewDialog({ outgoing }: { outgoing: Outgoing }) {
  const { to, model, picture, enrolled, checks, system, turns, prompt, leaves } = outgoing;
  const [ticked, setTicked] = useState<readonly PhotoId[]>([]);
  const [rememberChat, setRememberChat] = useState(false);
  const decide = (send: boolean) => void decideReview(outgoing, { send, rememberChat, enrolled: ticked });
  const pictures = (picture ? 1 : 0) + ticked.length;
  return (
    <ModalOverlay
      className="scrim"
      isOpen
      isDismissable={false}
      onOpenChange={(isOpen) => {
        if (!isOpen) decide(false);
      }}
    >
      <Modal className="sheet medium">
        <Dialog className="dialog" role="alertdialog">
          <header className="dialog-head">
            <Heading slot="title">{leaves ? 'Send this?' : 'Ask the browser’s model?'}</Heading>
          </header>
          <p className="going-to">
            {leaves ? 'To ' : 'To be answered by '}
            <strong>{to}</strong>
            {leaves && (
              <>
                , model <strong>{model}</strong>
              </>
            )}
            . Nothing else leaves this device.
          </p>
          {(picture ?? enrolled.length > 0) && (
            <section className="outgoing" aria-label="Pictures">
              <h3>{pictures === 0 ? 'No picture' : count(pictures, 'picture')}</h3>
              <div className="outgoing-pictures">
                {picture && <Picture shown={picture} />}
                {enrolled.map((one) => (
                  <label key={one.photoId} className="outgoing-choice">
                    <Picture shown={one} />
                    <span>
                      <input
                        type="checkbox"
                        checked={one.photoId !== undefined && ticked.includes(one.photoId)}
                        onChange={({ target }) => {
                          const { photoId } = one;
                          if (photoId === undefined) return;
                          setTicked(target.checked ? [...ticked, photoId] : ticked.filter((id) => id !== photoId));
                        }}
                      />{' '}
                      add {one.label}
                    </span>
                  </label>
                ))}
              </div>
              <p className="hint">
                Made small, without place, time or camera.
                {enrolled.length > 0 && ' Remembered photos are only sent if you tick them, for this question only.'}
              </p>
            </section>
          )}
          {checks.length > 0 && (
            <section className="outgoing" aria-label="Checks">
              <h3>Up to {count(checks.length, 'check')} first, each with your photo</h3>
              <ul className="outgoing-checks">
                {checks.map((check) => (
                  <li key={check}>{check}</li>
                ))}
              </ul>
            </section>
          )}
          <section className="outgoing" aria-label="Question">
            <h3>Then the question</h3>
            {turns.map(({ role, text }, at) => (
              <p key={at} className="outgoing-turn">
                <span className="quiet">{role === 'user' ? 'You' : 'Jarvis'}, earlier:</span> {text}
              </p>
            ))}
            <pre className="outgoing-text">{prompt}</pre>
            {checks.length > 0 && (
              <p className="hint">What the checks deny is taken out of the report before it goes.</p>
            )}
            <details>
              <summary>Instructions that go with it</summary>
              <p className="outgoing-turn">{system}</p>
            </details>
          </section>
          <label className="outgoing-remember">
            <input
              type="checkbox"
              checked={rememberChat}
              onChange={({ target }) => {
                setRememberChat(target.checked);
              }}
            />{' '}
            Don’t ask again in this chat
          </label>
          <div className="acts">
            <Button
              className="button"
              autoFocus
              onPress={() => {
                decide(false);
              }}
            >
              Don’t send
            </Button>
            <Button
              className="button primary"
              onPress={() => {
                decide(true);
              }}
            >
              Send
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Picture({ shown: { label, picture } }: { shown: OutgoingPicture }) {
  const url = useBytesUrl(picture.bytes, picture.mime);
  return url && <img src={url} alt={label} title={`${label}, ${Math.round(picture.bytes.byteLength / 1000)} KB`} />;
}
