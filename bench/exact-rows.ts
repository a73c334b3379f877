// What `bench -- exact` compares, and how far two distributions are apart: plain data between the worker and the tables.

import type { BlockDtype } from '../src/core/kv-block';
import type { BlockSource } from '../src/core/types';

/** A way to have memory in the cache: `r` is LegoLink's. */
export interface Way {
  readonly dtype: BlockDtype;
  readonly r: number;
}

export const WAYS: readonly Way[] = [
  ...[0, 4, 8, 16, 32].map((r): Way => ({ dtype: 'float32', r })),
  { dtype: 'float16', r: 0 },
  { dtype: 'int8', r: 0 },
];

export interface ExactQuestion {
  readonly id: string;
  readonly text: string;
}

/** Of one question; `ways` in the order of WAYS. */
export interface ExactRow {
  readonly id: string;
  readonly blocks: number;
  readonly tokens: number; // linked
  readonly fullAnswer: string;
  readonly ways: readonly {
    readonly kl: number; // of full prefill's next-token distribution from this one's, nats
    readonly klLinked: number; // from float32 blocks linked unrepaired: what storage alone loses
    readonly answer: string;
    readonly recomputed: number; // tokens
  }[];
}

export interface ExactResult {
  readonly rows: readonly ExactRow[];
  /** Each block linked alone in float32 against full prefill: largest difference of a logit. */
  readonly single: readonly { readonly kind: BlockSource['kind']; readonly difference: number }[];
  /** Stored bytes, header and codes included, and tokens of all blocks. */
  readonly bytes: Readonly<Record<BlockDtype, number>>;
  readonly tokens: number;
}

/** KL(p ‖ q) of the distributions behind two sets of logits, nats. */
export function divergence(p: Float32Array, q: Float32Array): number {
  const [logP, logQ] = [logSum(p), logSum(q)];
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const log = (p[i] as number) - logP;
    sum += Math.exp(log) * (log - ((q[i] as number) - logQ));
  }
  return Math.max(0, sum); // rounding may take it a hair below
}

function logSum(logits: Float32Array): number {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - most), 0));
}
