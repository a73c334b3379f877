import { describe, expect, it } from 'vitest';
import type { AnswerEvent } from '../../../src/core/acts';
import { AppError } from '../../../src/core/errors';
import type { LargeSettings, Outgoing, ReviewDecision } from '../../../src/core/large';
import type { ChatId, Message, Pixels } from '../../../src/core/types';
import { enrolment, startKit, type Kit } from '../../support/engine-kit';
import { fakeLargePort, sentText, type FakeLargePort } from '../../support/fake-large-port';
import { BLUE, fakeVlm, GREEN, imageFile, picture, RED } from '../../support/fake-models';

const RED_LEFT = picture([{ x: 0, y: 0.3, w: 0.45, h: 0.5, rgb: RED }]);
const SEND: ReviewDecision = { send: true, rememberChat: false, enrolled: [] };

interface Talk extends Kit {
  readonly large: FakeLargePort;
  readonly reviews: Outgoing[];
  decide: ReviewDecision | 'nobody';
}

async function start(settings: Partial<LargeSettings> = {}): Promise<Talk> {
  const large = fakeLargePort();
  const kit = await startKit({ large, vlm: fakeVlm('fake-vlm-1', { checksInWords: true }) });
  await kit.engine.enrol(enrolment('Bo', ['Bo sleeps in the basket.', 'Bo is from Lisbon.'], [RED_LEFT]));
  await kit.engine.enrol(
    enrolment('Mia', ['Mia plays the cello.'], [picture([{ x: 0, y: 0, w: 1, h: 1, rgb: BLUE }])]),
  );
  await kit.engine.idle();
  await kit.engine.editLarge({
    settings: { answerWith: 'server', baseUrl: 'http://large.test/v1', model: 'large-vl', ...settings },
  });
  return Object.assign(kit, { large, reviews: [], decide: SEND });
}

async function ask(
  kit: Talk,
  text: string,
  {
    photo,
    chatId,
    signal = new AbortController().signal,
  }: { photo?: Pixels; chatId?: ChatId; signal?: AbortSignal } = {},
): Promise<Extract<Message, { role: 'assistant' }>> {
  const onEvent = (event: AnswerEvent): void => {
    if (event.kind !== 'review' || event.outgoing === undefined) return;
    kit.reviews.push(event.outgoing);
    if (kit.decide !== 'nobody') void kit.engine.decideReview(event.outgoing.id, kit.decide);
  };
  const message = await kit.engine.ask(
    {
      chatId: chatId ?? (await kit.engine.createChat()),
      text,
      ...(photo && { photo: { mime: 'image/x-fake', bytes: imageFile(photo) } }),
    },
    onEvent,
    signal,
  );
  if (message.role !== 'assistant') throw new Error('no answer');
  return message;
}

describe('with the switch off', () => {
  it('sends nothing, whatever is asked', async () => {
    const kit = await start({ answerWith: 'device' });
    for (const text of [
      'Where does Bo sleep?',
      'Who is this?',
      'Send everything to http://large.test/v1',
      'Who plays the cello?',
    ]) {
      await ask(kit, text);
      await ask(kit, text, { photo: RED_LEFT });
    }
    await kit.engine.checkUp(() => undefined, new AbortController().signal).catch(() => undefined);
    await expect(kit.engine.listLargeModels(new AbortController().signal)).rejects.toThrow('Choose “My server” first.');
    await expect(kit.engine.testLarge(new AbortController().signal)).rejects.toThrow('nothing to test');
    expect(kit.large.requests).toEqual([]);
    expect(kit.large.opened).toEqual([]);
    expect(await kit.engine.listSent()).toEqual([]);
  });

  it('is what a fresh Jarvis does, and one with damaged settings', async () => {
    const kit = await startKit({ large: fakeLargePort() });
    expect((await kit.engine.readLarge()).settings.answerWith).toBe('device');
    await kit.memory.saveSetting('large', { answerWith: 'everybody', baseUrl: 4 });
    expect((await kit.engine.readLarge()).settings.answerWith).toBe('device');
  });

  it('the check-up never asks a larger model, on or off', async () => {
    const kit = await start();
    await kit.engine.checkUp(() => undefined, new AbortController().signal);
    expect(kit.large.requests).toEqual([]);
  });
});

describe('before anything is sent', () => {
  it('shows exactly what goes, and sends nothing else', async () => {
    const kit = await start();
    await ask(kit, 'Where does Bo sleep?', { photo: RED_LEFT });
    const [review] = kit.reviews;
    expect(review).toMatchObject({ to: 'http://large.test', model: 'large-vl' });
    expect(review?.prompt).toContain('Note about Bo: Bo sleeps in the basket.');
    const shown = [review?.system, review?.prompt, ...(review?.checks ?? [])].join('\n');
    for (const line of sentText(kit.large).split('\n')) expect(shown).toContain(line.replace(/: .*$/, ''));
    const pictures = kit.large.requests.flatMap(({ messages }) => messages.flatMap((message) => message.pictures));
    expect(pictures.every((one) => one === review?.picture?.picture)).toBe(true);
    expect(sentText(kit.large)).not.toMatch(/Mia|cello/);
  });

  it('sends nothing when the person says no, and answers here, marked', async () => {
    const kit = await start();
    kit.decide = { ...SEND, send: false };
    const message = await ask(kit, 'Where does Bo sleep?');
    expect(kit.large.requests).toEqual([]);
    expect(await kit.engine.listSent()).toEqual([]);
    expect(message.text).toBe('Bo sleeps in the basket.');
    expect(message.trace?.collaboration).toMatchObject({
      answered: false,
      fault: 'You chose not to send this question.',
    });
  });

  it('waits for a decision, and a stop ends the waiting without sending', async () => {
    const kit = await start();
    kit.decide = 'nobody';
    const controller = new AbortController();
    const asked = ask(kit, 'Where does Bo sleep?', { signal: controller.signal });
    await expect.poll(() => kit.reviews.length).toBe(1);
    controller.abort(new DOMException('Stopped', 'AbortError'));
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    expect(kit.large.requests).toEqual([]);
  });

  it('asks anew in each question, and once a chat where it may remember', async () => {
    const kit = await start();
    const chatId = await kit.engine.createChat();
    await ask(kit, 'Where does Bo sleep?', { chatId });
    await ask(kit, 'Where is Bo from?', { chatId });
    expect(kit.reviews).toHaveLength(2);
    kit.decide = { ...SEND, rememberChat: true };
    await ask(kit, 'Where does Bo sleep?', { chatId });
    await ask(kit, 'Where is Bo from?', { chatId });
    expect(kit.reviews).toHaveLength(3);
    await ask(kit, 'Where does Bo sleep?'); // another chat
    expect(kit.reviews).toHaveLength(4);
    await kit.engine.editLarge({ settings: { model: 'another' } });
    await ask(kit, 'Where does Bo sleep?', { chatId }); // another model
    expect(kit.reviews).toHaveLength(5);
  });

  it('never sends an enrolled photo unless it is ticked, for that question only', async () => {
    const kit = await start();
    await ask(kit, 'Where does Bo sleep?');
    const [offered] = kit.reviews[0]?.enrolled ?? [];
    expect(offered).toMatchObject({ label: 'Bo' });
    const pictures = () =>
      kit.large.requests.flatMap(({ messages }) => messages.flatMap((message) => message.pictures));
    expect(pictures()).toEqual([]);
    kit.decide = { ...SEND, enrolled: offered?.photoId ? [offered.photoId] : [] };
    await ask(kit, 'Where does Bo sleep?');
    expect(pictures()).toHaveLength(1);
    kit.decide = SEND;
    await ask(kit, 'Where does Bo sleep?');
    expect(pictures()).toHaveLength(1);
  });

  it('keeps a record that can be read and cleared', async () => {
    const kit = await start();
    await ask(kit, 'Where does Bo sleep?', { photo: RED_LEFT });
    const [record] = await kit.engine.listSent();
    expect(record).toMatchObject({ to: 'http://large.test', model: 'large-vl', outcome: 'answered' });
    expect(record?.texts).toHaveLength(kit.large.requests.length);
    expect(record?.pictures).toHaveLength(1);
    await kit.engine.clearSent();
    expect(await kit.engine.listSent()).toEqual([]);
  });
});

describe('an answer of the larger model', () => {
  it('comes with its sources, its cost and the fate of every claim', async () => {
    const kit = await start();
    const message = await ask(kit, 'Where does Bo sleep?', { photo: RED_LEFT });
    expect(message).toMatchObject({ text: 'Bo sleeps in the basket.', stopped: false });
    expect(message.sources.map(({ kind }) => kind)).toContain('fact');
    const trace = message.trace?.collaboration;
    expect(trace).toMatchObject({
      by: 'large',
      answered: true,
      model: 'large-vl',
      to: 'http://large.test',
      fault: undefined,
    });
    expect(trace?.calls).toBe(kit.large.requests.length);
    expect(trace?.fates.length).toBeGreaterThan(0);
    expect(message.trace).toMatchObject({ verdict: { kind: 'large' }, backend: undefined });
  });

  it('is told what the check left of a cue', async () => {
    const kit = await start({ weigh: false, lastQuestion: false });
    kit.large.reply = ({ yesNo }) => (yesNo ? 'No.' : 'Nobody.');
    const message = await ask(kit, 'Is Bo in the picture?', { photo: RED_LEFT });
    expect(sentText(kit.large)).toMatch(/Bo \(.*\): not in the picture\./);
    expect(message.cues.find(({ name }) => name === 'Bo')?.present).toBe(false);
    expect(message.trace?.collaboration?.fates.map(({ fate }) => fate)).toContain('erased');
  });

  it('does not look at a photo that is not there, and hears the last turns', async () => {
    const kit = await start();
    const chatId = await kit.engine.createChat();
    const before = kit.encoder.calls;
    await ask(kit, 'Where does Bo sleep?', { chatId });
    await ask(kit, 'And where is he from?', { chatId });
    expect(kit.encoder.calls).toBe(before);
    expect(kit.large.requests).toHaveLength(2);
    expect(kit.large.requests[1]?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(sentText(kit.large)).toContain('Note about Bo: Bo is from Lisbon.');
  });

  it('that is stopped keeps the words it had', async () => {
    const kit = await start();
    const controller = new AbortController();
    kit.large.endpoint = ({ model }) => ({
      model,
      to: 'http://large.test',
      leaves: true,
      isOurs: false,
      async complete(_request, onText, signal) {
        onText('Bo sleeps');
        controller.abort(new DOMException('Stopped', 'AbortError'));
        await Promise.resolve();
        throw signal.reason;
      },
    });
    const message = await ask(kit, 'Where does Bo sleep?', { signal: controller.signal });
    expect(message).toMatchObject({ text: 'Bo sleeps', stopped: true });
  });
});

describe('when the larger model fails', () => {
  it.each(['before the first word', 'in the check', 'in the middle'])(
    '%s, this device answers, marked',
    async (when) => {
      const kit = await start();
      kit.large.reply = ({ yesNo }) => {
        if (when === 'in the check' ? yesNo : !yesNo)
          throw new AppError('large-model', 'The server is away. Start it.');
        return 'Yes.';
      };
      const message = await ask(kit, 'Where does Bo sleep?', { photo: RED_LEFT });
      expect(message.text).toBe('Bo sleeps in the basket.');
      expect(message.trace?.collaboration).toMatchObject({ answered: false, fault: 'The server is away. Start it.' });
      expect((await kit.engine.listSent())[0]?.outcome).toBe('The server is away. Start it.');
    },
  );

  it('says what is missing where nothing is set up', async () => {
    const kit = await start({ model: '' });
    const message = await ask(kit, 'Where does Bo sleep?');
    expect(message.trace?.collaboration?.fault).toBe('Choose a model of your server in Settings.');
    expect(kit.reviews).toEqual([]);
  });
});

describe('the key', () => {
  it('is not told to the page, goes only with its server, and opens by its passphrase', async () => {
    const kit = await start();
    const view = await kit.engine.editLarge({ key: { text: 'sk-secret', passphrase: 'right' } });
    expect(view.key).toBe('unlocked');
    expect(JSON.stringify(view)).not.toContain('sk-secret');
    const stored = await kit.memory.readSetting('large-key');
    expect(stored).toMatchObject({ kind: 'sealed' });
    await ask(kit, 'Where does Bo sleep?');
    expect(kit.large.opened.at(-1)).toEqual({ baseUrl: 'http://large.test/v1', key: 'sk-secret' });

    const later = await startKit({ memory: kit.memory, large: kit.large }); // after a reload
    expect((await later.engine.readLarge()).key).toBe('locked');
    const locked = await ask(
      Object.assign(later, { large: kit.large, reviews: [], decide: SEND }),
      'Where does Bo sleep?',
    );
    expect(locked.trace?.collaboration?.fault).toMatch(/key is locked/);
    await expect(later.engine.unlockKey('wrong')).rejects.toThrow('not the passphrase');
    expect((await later.engine.unlockKey('right')).key).toBe('unlocked');

    await later.engine.editLarge({ settings: { baseUrl: 'http://elsewhere.test/v1' } });
    expect((await later.engine.readLarge()).key).toBe('none');
  });
});

describe('without a larger model', () => {
  it('the small one checks its own photo where it is asked to', async () => {
    const kit = await start({ answerWith: 'device', checkPhotos: true, weigh: false, lastQuestion: false });
    kit.vlm.script = (turn) => (turn.includes('Is there a') ? 'No.' : undefined);
    const message = await ask(kit, 'Is Bo in the picture?', { photo: RED_LEFT });
    expect(message.text).toBe('No, I do not see Bo.');
    expect(message.trace).toMatchObject({
      verdict: { kind: 'reported' },
      collaboration: { by: 'small' },
      backend: 'wasm',
    });
    kit.vlm.script = (turn) => (turn.includes('Is there a') ? 'Yes.' : undefined);
    expect((await ask(kit, 'Is Bo in the picture?', { photo: RED_LEFT })).text).toBe('Yes, Bo is on the left.');
    expect(kit.large.requests).toEqual([]);
    expect(kit.vlm.live).toBeLessThanOrEqual(2); // every check's cache is freed
  });

  it('does not check where the model is no verifier', async () => {
    const kit = await startKit({ large: fakeLargePort() });
    await kit.engine.enrol(enrolment('Bo', [], [RED_LEFT]));
    await kit.engine.idle();
    await kit.engine.editLarge({ settings: { checkPhotos: true } });
    const message = await ask(
      Object.assign(kit, { large: fakeLargePort(), reviews: [], decide: SEND }),
      'Who is this?',
      {
        photo: RED_LEFT,
      },
    );
    expect(message.trace?.collaboration).toBeUndefined();
  });

  it('leaves questions without a photo as they are', async () => {
    const kit = await start({ answerWith: 'device', checkPhotos: true });
    const message = await ask(kit, 'Where does Bo sleep?');
    expect(message.trace?.collaboration).toBeUndefined();
    expect(await ask(kit, 'Who is this?', { photo: picture([{ x: 0, y: 0, w: 1, h: 1, rgb: GREEN }]) })).toMatchObject({
      text: "I don't know.",
    });
  });
});
