// A folder of photos as concepts, and what is wrong with one that cannot be used.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFolder } from '../../../bench/build-suite';

function folder(things: Record<string, Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'jarvis-build-'));
  for (const [name, files] of Object.entries(things)) {
    mkdirSync(join(path, name));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, name, file), text);
  }
  return path;
}

describe('readFolder', () => {
  it('reads a concept from each sub-folder: photos in order, a fact a line', () => {
    const path = folder({
      bo: { '2.jpg': '', '1.JPG': '', 'notes.md': '', 'facts.txt': 'Bo is two.\r\n\n Bo sleeps. \n' },
      'dads_red-mug': { 'a.png': '' },
    });
    expect(readFolder(path)).toEqual([
      {
        id: 'bo',
        name: 'bo',
        aliases: [],
        facts: ['Bo is two.', 'Bo sleeps.'],
        photos: [join(path, 'bo/1.JPG'), join(path, 'bo/2.jpg')],
      },
      { id: 'dads_red-mug', name: 'dads red mug', aliases: [], facts: [], photos: [join(path, 'dads_red-mug/a.png')] },
    ]);
  });

  it('names the folder that holds nothing', () => {
    expect(() => readFolder('/nowhere/at/all')).toThrow('no such folder');
    expect(() => readFolder(folder({}))).toThrow('no sub-folder');
    expect(() => readFolder(folder({ empty: { 'readme.md': '' } }))).toThrow(/empty: has no photo/);
  });
});
