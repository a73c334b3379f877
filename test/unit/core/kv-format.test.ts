// JKV1: round trips, and 10,000 damaged, cut, forged and misplaced blocks of which none is linked.
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../../src/core/errors';
import type { KvBlock } from '../../../src/core/kv-block';
import { acceptKvBlock, checksumOf, encodeKvBlock, parseKvBlock } from '../../../src/core/kv-format';
import { createRng, type Rng } from '../../../src/core/random';
import type { BlockKey } from '../../../src/core/types';
import { blockOf, KEY, STAMP } from '../../support/kv';

const DTYPES = ['float16', 'float32', 'int8'] as const;

describe('JKV1', () => {
  it.each(DTYPES)('round trip of %s', (dtype) => {
    for (const tokens of [1, 2, 7]) {
      const block = blockOf(tokens, tokens, dtype);
      expect(parseKvBlock(encodeKvBlock(block, KEY))).toEqual({ block, key: KEY });
    }
  });

  it('is data, a header and padding: nothing grows unseen', () => {
    const text = STAMP.model.length + STAMP.prefixHash.length + KEY.length;
    expect(encodeKvBlock(blockOf(6, 1, 'int8'), KEY).byteLength).toBe(
      56 + Math.ceil(text / 8) * 8 + 2 * 4 * 6 * 8 + 2 * 4 * 8 + 2 * 4 * 6 + 4 * 8 + 4 * 6,
    );
  });

  it('refuses a fingerprint that is not plain text', () => {
    expect(() => encodeKvBlock({ ...blockOf(1, 1), prefixHash: 'é' }, KEY)).toThrow(
      expect.objectContaining({ code: 'bad-block' }),
    );
  });

  it('sees every single flipped bit', () => {
    const whole = encodeKvBlock(blockOf(2, 1, 'int8'), KEY);
    for (let bit = 0; bit < whole.byteLength * 8; bit++) {
      const bytes = whole.slice(0);
      flip(bytes, bit >> 3, 1 << (bit & 7));
      expect(() => parseKvBlock(bytes)).toThrow(expect.objectContaining({ code: 'bad-block' }));
    }
  });
});

describe('10,000 mutations', () => {
  const blocks = DTYPES.map((dtype, i) => blockOf(4 + i, i, dtype));
  const wholes = blocks.map((block) => encodeKvBlock(block, KEY));

  it.each(Object.keys(MUTATIONS()))('%s: refused with a code, or the very same block', (name) => {
    const mutate = MUTATIONS()[name];
    if (!mutate) throw new Error(name);
    const rng = createRng(name.length);
    const tally = { refused: 0, same: 0 };
    for (let run = 0; run < 1000; run++) {
      const which = run % wholes.length;
      const [block, whole] = [blocks[which] as KvBlock, wholes[which] as ArrayBuffer];
      const bytes = mutate(whole.slice(0), rng, block);
      try {
        expect(acceptKvBlock(bytes, { key: KEY, tokens: block.tokens, stamp: STAMP })).toEqual(block);
        tally.same++;
      } catch (error) {
        if (!isAppError(error)) throw error;
        expect(error.code).toBe('bad-block');
        tally.refused++;
      }
    }
    expect(tally.refused + tally.same).toBe(1000);
    expect(tally.refused).toBeGreaterThan(name === 'swapped dims, sealed again' ? 600 : 900);
  });
});

/** Ten kinds, 1,000 of each. "Sealed again": with a checksum that fits, as if the writer had erred. */
function MUTATIONS(): Record<string, (bytes: ArrayBuffer, rng: Rng, block: KvBlock) => ArrayBuffer> {
  const pick = (rng: Rng, n: number): number => Math.floor(rng() * n);
  return {
    'flipped bits'(bytes, rng) {
      for (let n = pick(rng, 3); n >= 0; n--) flip(bytes, pick(rng, bytes.byteLength), 1 << pick(rng, 8));
      return bytes;
    },
    'overwritten bytes'(bytes, rng) {
      const view = new Uint8Array(bytes);
      for (let n = 0; n < 8; n++) view[pick(rng, view.length)] = pick(rng, 256);
      return bytes;
    },
    'a run of zeros'(bytes, rng) {
      const at = pick(rng, bytes.byteLength - 8);
      new Uint8Array(bytes).fill(0, at, at + 8 + pick(rng, 64));
      return bytes;
    },
    'cut short': (bytes, rng) => bytes.slice(0, pick(rng, bytes.byteLength)),
    'with more behind it, sealed again'(bytes, rng) {
      const longer = new ArrayBuffer(bytes.byteLength + (rng() < 0.5 ? 8 * (1 + pick(rng, 9)) : 1 + pick(rng, 70)));
      new Uint8Array(longer).set(new Uint8Array(bytes));
      return longer.byteLength % 8 === 0 ? sealed(longer) : longer;
    },
    'a header field, sealed again'(bytes, rng) {
      const extremes = [0, 1, 2, 7, 255, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff];
      const at = 4 * pick(rng, 13);
      const view = new DataView(bytes);
      const old = view.getUint32(at, true);
      const next = rng() < 0.5 ? (extremes[pick(rng, extremes.length)] ?? 0) : old + (rng() < 0.5 ? 1 : -1);
      view.setUint32(at, next >>> 0, true);
      return sealed(bytes);
    },
    'swapped dims, sealed again'(bytes, rng) {
      const dims = [8, 12, 16, 20, 32];
      const [a = 8, b = 8] = [dims[pick(rng, dims.length)], dims[pick(rng, dims.length)]];
      const view = new DataView(bytes);
      const [x, y] = [view.getUint32(a, true), view.getUint32(b, true)];
      view.setUint32(a, y, true);
      view.setUint32(b, x, true);
      return sealed(bytes);
    },
    'a wild scale, sealed again'(bytes, rng, block) {
      const wild = [0x7c00, 0xfc00, 0x7e00, 0xffff, 0x8001, 0xbc00][pick(rng, 6)] ?? 0x7c00;
      const { block: parsed } = parseKvBlock(bytes);
      if (parsed.dtype === 'int8') {
        const { scales } = rng() < 0.5 ? parsed.keyCode : parsed.valueCode; // views into `bytes`
        scales[pick(rng, scales.length)] = wild;
        return sealed(bytes);
      }
      new DataView(bytes).setUint8(6, block.dtype === 'float16' ? 3 : 1); // no scales: another dtype instead
      return sealed(bytes);
    },
    'another fingerprint, prefix or key, sealed again'(bytes, rng) {
      const text = STAMP.model.length + STAMP.prefixHash.length + KEY.length;
      flip(bytes, 56 + pick(rng, text), 1 << pick(rng, 8));
      return sealed(bytes);
    },
    'another whole block'(_bytes, rng, block) {
      const kinds = [
        () => encodeKvBlock(block, KEY.replace('0', '9') as BlockKey),
        () => encodeKvBlock({ ...block, prefixHash: '00fe' }, KEY),
        () => encodeKvBlock({ ...block, rope: { ...block.rope, theta: 20000 } }, KEY),
        () => encodeKvBlock(blockOf(9, 5, block.dtype), KEY),
      ];
      return (kinds[pick(rng, kinds.length)] ?? (() => new ArrayBuffer(0)))();
    },
  };
}

function flip(bytes: ArrayBuffer, at: number, mask: number): void {
  const view = new Uint8Array(bytes);
  view[at] = (view[at] ?? 0) ^ mask;
}

function sealed(bytes: ArrayBuffer): ArrayBuffer {
  new DataView(bytes).setUint32(52, checksumOf(bytes), true);
  return bytes;
}
