// Memory for two models where there is only enough for one: the small one is put away before the larger is loaded, and comes back afterwards.
// Between them the engine runs without a model: [Note: Room] in pipeline/away.ts.

import type { AskRequest } from '../core/acts';
import { type AppError, isAppError } from '../core/errors';
import type { LargerState } from '../core/larger';
import type { EngineApi } from './workers';

/** What an engine without a model can do. Anything else brings the small model back first. */
const WITHOUT_MODEL: ReadonlySet<string> = new Set<keyof EngineApi>([
  'ask',
  'createChat',
  'readChat',
  'renameChat',
  'deleteChat',
  'readPhoto',
  'readScoreMap',
  'lastCheckUp',
  'readLarge',
  'editLarge',
  'unlockKey',
  'listLargeModels',
  'testLarge',
  'decideReview',
  'listSent',
  'clearSent',
]);

export interface RoomOptions {
  /** Ends the engine's workers and starts others, with or without the small model. */
  readonly swap: (withSmall: boolean) => Promise<void>;
  /** Settles when no call is under way. */
  readonly settled: () => Promise<unknown>;
  readonly isAway: () => boolean;
  readonly endLarger: () => void;
  readonly smallLabel: () => string;
  readonly onState: (state: LargerState) => void;
}

export interface Room {
  /** Before a call: what needs the small model waits until it is back. Undefined where nothing holds the call up, not even for a moment. */
  before(name: string): Promise<void> | undefined;
  /** After a call failed: the arguments to call it with again, or undefined when it failed for another reason. */
  after(name: string, args: readonly unknown[], error: unknown): Promise<readonly unknown[] | undefined>;
  /** The larger model has left: the small one comes back when nothing is under way. */
  left(): void;
}

export function createRoom(options: RoomOptions): Room {
  let moving: Promise<void> | undefined; // one change at a time; who comes meanwhile waits for it

  function move(withSmall: boolean, state: LargerState | undefined): Promise<void> {
    moving ??= (async () => {
      if (withSmall !== options.isAway()) return; // somebody else has
      if (state) options.onState(state);
      try {
        await options.swap(withSmall);
      } finally {
        if (withSmall) options.onState({ kind: 'away' });
      }
    })().finally(() => {
      moving = undefined;
    });
    return moving;
  }

  async function comeBack(): Promise<void> {
    await moving?.catch(() => undefined);
    if (!options.isAway()) return;
    options.endLarger();
    await move(true, { kind: 'coming back', small: options.smallLabel() });
  }

  async function ready(name: string): Promise<void> {
    await moving?.catch(() => undefined); // it is told to who moved
    if (!options.isAway() || WITHOUT_MODEL.has(name)) return;
    await options.settled();
    await comeBack();
  }

  return {
    before(name) {
      return moving !== undefined || options.isAway() ? ready(name) : undefined;
    },
    async after(name, args, error) {
      if (!isAppError(error)) return undefined;
      if (error.code === 'wants-room') {
        await options.settled();
        await move(false, { kind: 'making room', label: labelIn(error), small: options.smallLabel() });
        return name === 'ask' ? askedAgain(args, {}) : args;
      }
      if (error.code === 'wants-small') {
        await comeBack();
        return name === 'ask' ? askedAgain(args, { withoutLarger: error.message }) : args;
      }
      return undefined;
    },
    left() {
      if (!options.isAway()) return;
      void options
        .settled()
        .then(comeBack)
        .catch(() => undefined); // the engine tells of it
    },
  };
}

/** The question stands in its chat already: with its photo it would be another. */
function askedAgain([request, ...rest]: readonly unknown[], more: Partial<AskRequest>): readonly unknown[] {
  const { chatId, text, noMemory } = request as AskRequest;
  return [{ chatId, text: text.trim(), ...(noMemory !== undefined && { noMemory }), ...more }, ...rest];
}

/** "SmolVLM 256M needs the memory of the small model." */
function labelIn({ message }: AppError): string {
  return message.split(' needs ')[0] ?? message;
}
