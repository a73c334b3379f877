// Canonical positions: rotation is a group, reads its rule from configs, refuses what it cannot re-base.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ropeSpecFromConfig, rotateRows } from '../../../src/core/rope';
import type { RopeSpec } from '../../../src/core/types';

const specs: RopeSpec[] = [
  { theta: 10000, headDim: 8, rotaryDim: 8, layout: 'half' },
  { theta: 100000, headDim: 8, rotaryDim: 8, layout: 'interleaved' },
  { theta: 500000, headDim: 8, rotaryDim: 4, layout: 'half' },
];
const rows = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 24, maxLength: 24 });
const position = fc.integer({ min: 0, max: 4000 });

function far(a: Float32Array, b: readonly number[]): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? NaN))));
}

describe.each(specs)('rotation, $layout, $rotaryDim of $headDim', (rope) => {
  it('by p then −p is identity', () => {
    fc.assert(
      fc.property(rows, position, (values, p) => {
        const keys = new Float32Array(values);
        rotateRows(keys, 0, 3, p, 1, rope);
        rotateRows(keys, 0, 3, p, -1, rope);
        expect(far(keys, values)).toBeLessThan(2e-6);
      }),
      { seed: 2 },
    );
  });

  it('re-based twice and back is identity, and re-basing equals rotating there at once', () => {
    fc.assert(
      fc.property(rows, position, position, (values, p, q) => {
        const moved = new Float32Array(values);
        rotateRows(moved, 0, 3, p, 1, rope);
        rotateRows(moved, 0, 3, p, -1, rope);
        rotateRows(moved, 0, 3, q, 1, rope);
        const direct = new Float32Array(values);
        rotateRows(direct, 0, 3, q, 1, rope);
        expect(far(moved, [...direct])).toBeLessThan(4e-6);
        rotateRows(moved, 0, 3, q, -1, rope);
        expect(far(moved, values)).toBeLessThan(4e-6);
      }),
      { seed: 3 },
    );
  });

  it('keeps inner products that depend on distance alone', () => {
    const q = new Float32Array([1, 2, -1, 0.5, 0.25, -2, 1, 3]);
    const k = new Float32Array([0.5, -1, 2, 1, -0.5, 1, 2, 0]);
    const at = (qPos: number, kPos: number): number => {
      const [a, b] = [q.slice(), k.slice()];
      rotateRows(a, 0, 1, qPos, 1, rope);
      rotateRows(b, 0, 1, kPos, 1, rope);
      return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
    };
    expect(at(9, 4)).toBeCloseTo(at(105, 100), 4);
    expect(at(9, 4)).not.toBeCloseTo(at(9, 5), 2);
  });

  it('leaves dimensions beyond the rotary ones alone', () => {
    const keys = new Float32Array(8).fill(1);
    rotateRows(keys, 0, 1, 7, 1, rope);
    expect([...keys.subarray(rope.rotaryDim)]).toEqual(Array(8 - rope.rotaryDim).fill(1));
  });
});

describe('ropeSpecFromConfig', () => {
  it('reads the old and the new form', () => {
    const old = { text_config: { rope_theta: 100000, hidden_size: 576, num_attention_heads: 9, rope_scaling: null } };
    expect(ropeSpecFromConfig(old)).toEqual({ theta: 100000, headDim: 64, rotaryDim: 64, layout: 'half' });
    const now = {
      head_dim: 32,
      rope_parameters: { rope_type: 'default', rope_theta: 1e6, partial_rotary_factor: 0.5 },
    };
    expect(ropeSpecFromConfig(now)).toEqual({ theta: 1e6, headDim: 32, rotaryDim: 16, layout: 'half' });
  });

  it.each([
    ['a scaling rule', { head_dim: 64, rope_scaling: { type: 'linear', factor: 2 } }],
    ['yarn', { head_dim: 64, rope_parameters: { rope_type: 'yarn', rope_theta: 1e4 } }],
    ['several axes', { head_dim: 64, rope_parameters: { rope_type: 'default', mrope_section: [1, 2, 3] } }],
    ['theta of text', { head_dim: 64, rope_theta: '10000' }],
    ['no sizes', { rope_theta: 10000 }],
    ['an odd size', { head_dim: 7 }],
    ['nothing', null],
  ])('refuses %s', (_, config) => {
    expect(() => ropeSpecFromConfig(config)).toThrow(expect.objectContaining({ code: 'unsupported-rope' }));
  });
});
