// The record of what was sent: when, where, which pictures and which words.

import { useEffect } from 'react';
import { Button } from 'react-aria-components/Button';
import { clearSent, large, readSent } from '../../client/large-commands';
import type { SentRecord } from '../../core/large';
import type { ChatPhoto } from '../../core/types';
import { count } from '../format';
import { useBytesUrl } from '../photo/use-photo-url';
import { useStore } from '../use-store';

export function SentList() {
  const sent = useStore(large, (state) => state.sent);
  useEffect(() => void readSent(), []);
  if (sent === undefined) return null;
  return (
    <details className="sent">
      <summary>
        {sent.length === 0 ? 'Nothing was sent yet' : `What was sent: ${count(sent.length, 'question')}`}
      </summary>
      {sent.length > 0 && (
        <>
          <ol className="sent-list">
            {sent.map((record) => (
              <Sent key={record.id} record={record} />
            ))}
          </ol>
          <Button className="button small" onPress={() => void clearSent()}>
            Clear the record
          </Button>
        </>
      )}
    </details>
  );
}

function Sent({ record: { at, to, model, outcome, texts, pictures } }: { record: SentRecord }) {
  return (
    <li>
      <details>
        <summary>
          {new Date(at).toLocaleString()} · {to} · {model} · {count(texts.length, 'request')}
          {pictures.length > 0 && `, ${count(pictures.length, 'picture')}`} · {outcome}
        </summary>
        {pictures.map((picture, i) => (
          <SentPicture key={i} picture={picture} />
        ))}
        {texts.map((text, i) => (
          <pre key={i} className="outgoing-text">
            {text}
          </pre>
        ))}
      </details>
    </li>
  );
}

function SentPicture({ picture }: { picture: ChatPhoto }) {
  const url = useBytesUrl(picture.bytes, picture.mime);
  return url && <img className="sent-picture" src={url} alt="Picture that was sent" />;
}
