import { describe, expect, it } from 'vitest';
import { createRoom } from '../../../src/client/room';
import { AppError } from '../../../src/core/errors';
import type { LargerState } from '../../../src/core/larger';

const WANTS_ROOM = new AppError('wants-room', 'SmolVLM 2.2B needs the memory of the small model.');
const REQUEST = {
  chatId: 'c',
  text: ' Where does Bo sleep? ',
  photo: { mime: 'x', bytes: new ArrayBuffer(1) },
  regenerate: 'm',
};

function setUp({ fails = false } = {}) {
  const did: string[] = [];
  const states: LargerState[] = [];
  let away = false;
  const room = createRoom({
    async swap(withSmall) {
      did.push(withSmall ? 'with small' : 'without small');
      await Promise.resolve();
      if (fails) throw new AppError('worker-died', 'It did not start.');
      away = !withSmall;
    },
    settled: () => Promise.resolve(did.push('settled')),
    isAway: () => away,
    endLarger: () => void did.push('larger ended'),
    smallLabel: () => 'mini',
    onState: (state) => void states.push(state),
  });
  return { room, did, states, isAway: () => away };
}

describe('room for a larger model', () => {
  it('is made once all that was asked is answered, and the question is asked again as it stands in its chat', async () => {
    const { room, did, states } = setUp();
    const again = await room.after('ask', [REQUEST, 'onEvent', 'signal'], WANTS_ROOM);
    expect(did).toEqual(['settled', 'without small']);
    expect(states).toEqual([{ kind: 'making room', label: 'SmolVLM 2.2B', small: 'mini' }]);
    expect(again).toEqual([{ chatId: 'c', text: 'Where does Bo sleep?' }, 'onEvent', 'signal']);
  });

  it('is made for a test too', async () => {
    const { room } = setUp();
    expect(await room.after('testLarge', ['signal'], WANTS_ROOM)).toEqual(['signal']);
  });

  it('is given back when the larger one fails, and the small one is told why', async () => {
    const { room, did } = setUp();
    await room.after('ask', [REQUEST], WANTS_ROOM);
    const again = await room.after('ask', [REQUEST], new AppError('wants-small', 'It stopped.'));
    expect(did.slice(-2)).toEqual(['larger ended', 'with small']);
    expect(again).toEqual([{ chatId: 'c', text: 'Where does Bo sleep?', withoutLarger: 'It stopped.' }]);
  });

  it('is given back before what needs the small model, and not before what does not', async () => {
    const { room, did, isAway } = setUp();
    await room.after('ask', [REQUEST], WANTS_ROOM);
    await room.before('readChat');
    expect(isAway()).toBe(true);
    await room.before('enrol');
    expect(isAway()).toBe(false);
    expect(did.filter((act) => act === 'with small')).toHaveLength(1);
    await room.before('enrol');
    expect(did.filter((act) => act === 'with small')).toHaveLength(1);
  });

  it('is given back once when the larger one leaves, whoever asks meanwhile', async () => {
    const { room, did, states, isAway } = setUp();
    await room.after('ask', [REQUEST], WANTS_ROOM);
    room.left();
    await room.before('addFacts');
    await expect.poll(isAway).toBe(false);
    expect(did.filter((act) => act === 'with small')).toHaveLength(1);
    expect(states.at(-1)).toEqual({ kind: 'away' });
  });

  it('leaves other failures to who asked', async () => {
    const { room, did } = setUp();
    expect(await room.after('ask', [REQUEST], new AppError('model-run', 'It failed.'))).toBeUndefined();
    expect(await room.after('ask', [REQUEST], new DOMException('Stopped', 'AbortError'))).toBeUndefined();
    expect(did).toEqual([]);
  });

  it('that cannot be made is a failure, and does not hold up what comes after', async () => {
    const { room } = setUp({ fails: true });
    await expect(room.after('ask', [REQUEST], WANTS_ROOM)).rejects.toThrow('did not start');
    await room.before('readChat');
  });
});
