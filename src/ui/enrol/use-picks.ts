// The photos picked for an enrolment, each checked by the browser as it comes.

import { useCallback, useState } from 'react';
import { checkImage } from '../image-check';

export interface Pick {
  readonly key: string;
  readonly file: File;
  readonly state: 'checking' | 'good' | 'bad';
  readonly problem: string | undefined; // why it cannot be used
}

let serial = 0;

export interface Picks {
  readonly picks: readonly Pick[];
  readonly add: (files: readonly File[]) => void;
  readonly remove: (key: string) => void;
}

export function usePicks(): Picks {
  const [picks, setPicks] = useState<readonly Pick[]>([]);
  const add = useCallback((files: readonly File[]) => {
    const fresh = files.map((file): Pick => ({ key: `pick-${++serial}`, file, state: 'checking', problem: undefined }));
    setPicks((before) => [...before, ...fresh.filter(({ file }) => !before.some((pick) => isSame(pick.file, file)))]);
    for (const { key, file } of fresh) {
      void checkImage(file).then((problem) => {
        setPicks((before) =>
          before.map((pick) => (pick.key === key ? { ...pick, state: problem ? 'bad' : 'good', problem } : pick)),
        );
      });
    }
  }, []);
  const remove = useCallback((key: string) => {
    setPicks((before) => before.filter((pick) => pick.key !== key));
  }, []);
  return { picks, add, remove };
}

/** The same file dropped twice; equal pictures in different files are found by the enrol stage. */
function isSame(a: File, b: File): boolean {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
}
