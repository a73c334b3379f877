// Names of models: a folder and a dtype, and nothing that leads out of the models folder.
import { describe, expect, it } from 'vitest';
import { parseModelChoice } from '../../../src/core/model-choice';
import { traitsOf } from '../../../src/core/model-traits';

describe('parseModelChoice', () => {
  it('reads a folder and a dtype', () => {
    expect(parseModelChoice('mini')).toEqual({ folder: 'mini', dtype: undefined });
    expect(parseModelChoice('real-size:q4')).toEqual({ folder: 'real-size', dtype: 'q4' });
    expect(parseModelChoice('SmolVLM-256M.v2')).toEqual({ folder: 'SmolVLM-256M.v2', dtype: undefined });
  });

  it.each(['', '../mini', 'a/b', 'mini:q3', 'https://x', '.hidden', 'mini:', 'a b'])('refuses "%s"', (name) => {
    expect(() => parseModelChoice(name)).toThrow(/is no name of a model/);
  });
});

describe('traitsOf', () => {
  it('is careful with mini and with models nobody tried', () => {
    expect(traitsOf('mini').readsTurns).toBe(false);
    expect(traitsOf('real-size').readsTurns).toBe(false);
  });
});
