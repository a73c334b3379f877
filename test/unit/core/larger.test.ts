import { describe, expect, it } from 'vitest';
import type { KeptModel } from '../../../src/core/kept-models';
import { largerModels, LARGER_AWAY, waitWords } from '../../../src/core/larger';
import type { KeptView, Offer } from '../../../src/core/model-offers';

function offer(id: string, parameters: number, kind: Offer['kind'] = 'vlm'): Offer {
  return {
    id, kind, parameters, label: id.toUpperCase(), repo: id, revision: '', goodAt: '', languages: [], kvBytesPerToken: 1,
    licence: { name: '', url: '', mustAccept: false }, sizes: [], isRecommended: false,
    fit: { dtype: 'q4', verdict: 'fits', sentence: '' },
  }; // prettier-ignore
}

function kept(id: string, state: KeptModel['state'] = 'ready', dtype: KeptModel['dtype'] = 'q4'): KeptView {
  const file = {
    name: 'a',
    size: 100,
    sha256: undefined,
    gitSha1: undefined,
    etag: undefined,
    received: 100,
    chunks: 1,
  };
  return {
    bytesPerS: undefined,
    model: {
      key: `${id}:${dtype}`, id, dtype, repo: id, revision: '', state, problem: undefined, addedAt: 0, usedAt: 0,
      files: [{ ...file, isChecked: true }],
    },
  }; // prettier-ignore
}

const OFFERS = [offer('small', 256e6), offer('middle', 500e6), offer('large', 2e9), offer('dino', 22e6, 'encoder')];

describe('larger models that can be chosen', () => {
  it('are whole on this device and answer: no encoders, nothing that is still coming', () => {
    const here = [kept('small'), kept('middle', 'downloading'), kept('large', 'paused'), kept('dino')];
    expect(largerModels(OFFERS, here, 'mini')).toEqual([{ key: 'small:q4', label: 'SMALL', dtype: 'q4', bytes: 100 }]);
  });

  it('are larger than the one that answers, in whatever form', () => {
    const here = [kept('small', 'ready', 'q8'), kept('middle'), kept('large')];
    expect(largerModels(OFFERS, here, 'small:q4').map(({ key }) => key)).toEqual(['middle:q4', 'large:q4']);
    expect(largerModels(OFFERS, here, 'large:q4')).toEqual([]);
  });
});

it('says what there is to wait for', () => {
  expect(waitWords(LARGER_AWAY)).toBeUndefined();
  expect(waitWords({ kind: 'loading', label: 'X', loadedBytes: 41, totalBytes: 100 })).toBe('Loading X, 41 %');
  expect(waitWords({ kind: 'loading', label: 'X', loadedBytes: 100, totalBytes: 100 })).toBe('Testing X');
  expect(waitWords({ kind: 'making room', label: 'X', small: 'mini' })).toBe('Putting mini away to make room for X');
  expect(waitWords({ kind: 'coming back', small: 'mini' })).toBe('Bringing mini back');
});
