import { describe, expect, it } from 'vitest';
import { type Attempt, attemptsFor, nextAttempt } from '../../../src/core/model-fallback';

/** All that is tried, when every attempt fails with or without WebGPU at fault. */
function chain(first: Attempt, wasGpu: (attempt: Attempt) => boolean, toOthers = true): string[] {
  const attempts = attemptsFor(first, toOthers);
  const tried: string[] = [];
  for (let at: Attempt | undefined = first; at; at = nextAttempt(attempts, at, wasGpu(at))) {
    tried.push(`${at.model} ${at.backend}`);
  }
  return tried;
}

describe('falling back', () => {
  it('goes q4f16 → q4 → WASM → mini where the graphics card computes wrongly', () => {
    expect(chain({ model: 'smolvlm-256m:q4f16', backend: 'auto' }, ({ backend }) => backend === 'auto')).toEqual([
      'smolvlm-256m:q4f16 auto',
      'smolvlm-256m:q4 auto',
      'smolvlm-256m:q4 wasm',
      'mini auto',
      'mini wasm',
    ]);
  });

  it('does not try the same files again where they are missing or damaged', () => {
    expect(chain({ model: 'smolvlm-256m:q4', backend: 'auto' }, () => false)).toEqual([
      'smolvlm-256m:q4 auto',
      'mini auto',
    ]);
  });

  it('never puts 16-bit floats on WASM', () => {
    for (const dtype of ['q4f16', 'fp16']) {
      const tried = chain({ model: `smolvlm-256m:${dtype}`, backend: 'auto' }, () => true);
      expect(tried).not.toContain(`smolvlm-256m:${dtype} wasm`);
    }
  });

  it('has WASM alone behind mini, and nothing behind an explicit choice of WebGPU', () => {
    expect(chain({ model: 'mini', backend: 'auto' }, () => true)).toEqual(['mini auto', 'mini wasm']);
    expect(chain({ model: 'mini', backend: 'webgpu' }, () => true)).toEqual(['mini webgpu']);
  });

  it('stays with the model where another one’s answers would be taken for its own', () => {
    expect(chain({ model: 'smolvlm-256m:q4', backend: 'auto' }, () => true, false)).toEqual([
      'smolvlm-256m:q4 auto',
      'smolvlm-256m:q4 wasm',
    ]);
  });
});
