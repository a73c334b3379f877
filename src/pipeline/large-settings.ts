// Which large model is asked, and its key: kept in this browser, and never handed back to the page.

import * as v from 'valibot';
import { AppError } from '../core/errors';
import { parseLargeSettings, STORED_KEY, type LargeEdit, type LargeSettings, type LargeView } from '../core/large';
import type { Context } from './context';
import type { LargeModel, LargePort } from './large-model';

const SETTINGS = 'large';
const KEY = 'large-key';

export interface LargeChoice {
  settings(): Promise<LargeSettings>;
  view(): Promise<LargeView>;
  edit(edit: LargeEdit): Promise<LargeView>;
  /** Opens the key for as long as the engine runs. Throws 'bad-input' when the passphrase is wrong. */
  unlock(passphrase: string): Promise<LargeView>;
  /** The chosen model, ready to be asked; undefined where this device answers alone. Throws with what is missing. */
  open(): Promise<LargeModel | undefined>;
  /** Names of the models the chosen server offers. Only where a server is chosen: asking sends a request. */
  models(signal: AbortSignal): Promise<string[]>;
}

export function createLargeChoice({ ports }: Context, port: LargePort | undefined): LargeChoice {
  const { memory } = ports;
  let opened: string | undefined; // a sealed key, once the passphrase was given

  const settings = async (): Promise<LargeSettings> => parseLargeSettings(await memory.readSetting(SETTINGS));

  async function storedKey() {
    const read = v.safeParse(STORED_KEY, await memory.readSetting(KEY));
    return read.success ? read.output : undefined;
  }

  async function view(): Promise<LargeView> {
    const stored = await storedKey();
    const key =
      stored === undefined ? 'none' : stored.kind === 'plain' ? 'plain' : opened === undefined ? 'locked' : 'unlocked';
    return { settings: await settings(), key };
  }

  async function key(): Promise<string> {
    const stored = await storedKey();
    if (stored === undefined) return '';
    if (stored.kind === 'plain') return stored.key;
    if (opened !== undefined) return opened;
    throw new AppError('large-model', 'Your key is locked. Open Settings and type its passphrase.');
  }

  function needed(): LargePort {
    if (port === undefined) throw new AppError('large-model', 'This Jarvis was started without larger models.');
    return port;
  }

  async function server() {
    const { answerWith, baseUrl, timeoutS, weigh } = await settings();
    if (answerWith !== 'server') throw new AppError('bad-input', 'Choose “My server” first.');
    return { baseUrl, key: await key(), timeoutMs: timeoutS * 1000, probabilities: weigh };
  }

  return {
    settings,
    view,
    async edit({ settings: change, key: fresh }) {
      if (change !== undefined) {
        const before = await settings();
        const next = parseLargeSettings({ ...before, ...change });
        await memory.saveSetting(SETTINGS, next);
        // A key belongs to the server it was given for, and is not shown to another.
        if (originOf(next.baseUrl) !== originOf(before.baseUrl) && before.baseUrl !== '') {
          opened = undefined;
          await memory.saveSetting(KEY, undefined);
        }
      }
      if (fresh !== undefined) {
        const { text, passphrase = '' } = fresh;
        opened = text !== '' && passphrase !== '' ? text : undefined;
        const stored =
          text === ''
            ? undefined
            : passphrase === ''
              ? { kind: 'plain', key: text }
              : await needed().seal(text, passphrase);
        await memory.saveSetting(KEY, stored);
      }
      return view();
    },
    async unlock(passphrase) {
      const stored = await storedKey();
      if (stored?.kind === 'sealed') {
        opened = await needed().unseal(stored, passphrase);
        if (opened === undefined) throw new AppError('bad-input', 'That is not the passphrase of this key.');
      }
      return view();
    },
    async open() {
      const { answerWith, model, larger } = await settings();
      switch (answerWith) {
        case 'device':
          return undefined;
        case 'larger':
          if (larger === '') throw new AppError('large-model', 'Choose a larger model in Settings.');
          if (larger === ports.vlm.info.id)
            throw new AppError(
              'large-model',
              'The larger model is the one that answers here. Choose another in Settings.',
            );
          return needed().larger(larger);
        case 'browser': {
          const own = await needed().builtIn();
          if (own === undefined) throw new AppError('large-model', 'This browser has no model of its own.');
          return own;
        }
        case 'server': {
          const options = await server();
          if (options.baseUrl === '')
            throw new AppError('large-model', 'Tell Jarvis the address of your server in Settings.');
          if (model === '') throw new AppError('large-model', 'Choose a model of your server in Settings.');
          return needed().endpoint({ ...options, model });
        }
        default:
          return answerWith satisfies never;
      }
    },
    async models(signal) {
      return needed().listModels(await server(), signal);
    },
  };
}

function originOf(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : address;
}
