// Where models are downloaded from: the one address outside that Jarvis ever asks, and only for a download.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { setHost } from '../../client/models';

export function HostSection({ host }: { host: string }) {
  const [text, setText] = useState(host);
  return (
    <section aria-label="Where models come from" className="hub-host">
      <h2>Where models come from</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void setHost(text);
        }}
      >
        <label className="labelled">
          <span>Model hub</span>
          <input
            className="field"
            type="url"
            value={text}
            onChange={(event) => setText(event.target.value)}
            spellCheck={false}
            autoComplete="off"
          />
        </label>
        <Button className="button" type="submit" isDisabled={text.trim() === host}>
          Save
        </Button>
      </form>
      <p className="hint">
        Any server that lays files out as huggingface.co does. It is asked only when you press Download, for the files
        of that model; nothing of yours is sent.
      </p>
    </section>
  );
}
