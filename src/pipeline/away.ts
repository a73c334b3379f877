// The small model while a larger one has its memory: what it is called, and nothing that runs.
//
// [Note: Room] Where memory is short, the workers of the small model are ended before the larger one is loaded: a WebAssembly heap never shrinks,
// so only the end of a worker gives its memory back. An engine without a model takes their place, over the same memory: it finds, asks the
// larger model and keeps chats. What needs the small model rejects with 'wants-small'; the page then brings it back and asks again
// (src/client/room.ts).

import { AppError } from '../core/errors';
import type { VlmInfo, VlmPort } from './ports';

export function awayVlm(info: VlmInfo): VlmPort {
  const refuse = (): Promise<never> => Promise.reject(wantsSmall(undefined));
  return {
    info,
    isAway: true,
    blockKey: refuse,
    countTokens() {
      throw wantsSmall(undefined);
    },
    encodeBlock: refuse,
    link: refuse,
  };
}

/** `fault`: why the larger model did not answer. The page hands it on to the small one, whose answer says it. */
export function wantsSmall(fault: string | undefined): AppError {
  return new AppError('wants-small', fault ?? 'The small model was put away to make room for the larger one.');
}
