import { describe, expect, it } from 'vitest';
import type { Outgoing } from '../../../src/core/large';
import type { ChatId } from '../../../src/core/types';
import { createConsent } from '../../../src/pipeline/consent';
import type { Context } from '../../../src/pipeline/context';
import { fakeLargePort } from '../../support/fake-large-port';
import { fakeMemory } from '../../support/fake-memory';

const SHOWN = { mime: 'image/jpeg', bytes: new Uint8Array([1]).buffer };
const OUTGOING: Outgoing = {
  id: 'one',
  chatId: 'chat' as ChatId,
  to: 'http://large.test',
  leaves: true,
  model: 'large-vl',
  picture: { label: 'Your photo', photoId: undefined, picture: SHOWN },
  enrolled: [],
  checks: [],
  system: '',
  turns: [],
  prompt: 'Question: Where is Bo?',
};
const NEVER = new AbortController().signal;

function sending() {
  const port = fakeLargePort();
  const consent = createConsent({ ports: { memory: fakeMemory() } } as unknown as Context);
  const model = port.endpoint({
    baseUrl: 'http://large.test/v1',
    model: 'large-vl',
    key: '',
    timeoutMs: 1,
    probabilities: false,
  });
  const sender = consent.sender(model, OUTGOING, { pictures: [SHOWN], lines: new Set(['Question: Where is Bo?']) });
  const send = (text: string, pictures = [SHOWN]) =>
    sender.send({ messages: [{ role: 'user', text, pictures }], maxTokens: 5, yesNo: false }, () => undefined, NEVER);
  return { port, consent, sender, send };
}

describe('a sender sends what was shown', () => {
  it('and nothing else: not a line more, and no other picture', async () => {
    const { port, send } = sending();
    await send('Question: Where is Bo?');
    await expect(send('Question: Where is Bo?\nNote about Mia: secret')).rejects.toThrow('not shown');
    await expect(send('Question: Where is Bo? ')).rejects.toThrow('not shown');
    const other = { mime: 'image/jpeg', bytes: new Uint8Array([1]).buffer };
    await expect(send('Question: Where is Bo?', [other])).rejects.toThrow('not shown');
    expect(port.requests).toHaveLength(1);
  });

  it('and writes it down before it goes, whatever becomes of it', async () => {
    const { port, consent, sender, send } = sending();
    port.reply = () => {
      throw new Error('gone');
    };
    await expect(send('Question: Where is Bo?')).rejects.toThrow('gone');
    expect(await consent.sent()).toMatchObject([
      { texts: ['user: Question: Where is Bo?'], outcome: 'no answer came' },
    ]);
    await sender.close('it broke');
    expect(await consent.sent()).toMatchObject([{ outcome: 'it broke' }]);
  });

  it('and leaves no record where nothing went', async () => {
    const { consent, sender } = sending();
    await sender.close('stopped');
    expect(await consent.sent()).toEqual([]);
  });
});

it('a decision for a review that nobody waits for changes nothing', () => {
  const { consent } = sending();
  expect(() => consent.decide('another', { send: true, rememberChat: true, enrolled: [] })).not.toThrow();
});
