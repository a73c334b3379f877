// Rotary positions of Llama-family decoders: read the rule from a config, rotate keys by +position or −position.

import { AppError } from './errors';
import type { RopeSpec } from './types';

// [Note: Canonical positions] Rotation by p composes: R(p)·R(q) = R(p+q) per frequency pair. A block is stored
// un-rotated (turned back by the position it was encoded at) and turned to its place when linked, so blocks compose in
// any order, number and subset. Angles are float64 tables: float32 angles lose 1e-4 rad at position 4,000.

/** cos and sin of position × frequency. Both (positions, pairs), row-major. */
export interface AngleTable {
  readonly positions: number;
  readonly pairs: number;
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

const tables = new Map<string, AngleTable>();

/** The table of a rule for at least `positions` positions; built once a rule, grown by doubling. */
export function angleTable(rope: RopeSpec, positions: number): AngleTable {
  const id = `${rope.theta}/${rope.rotaryDim}`;
  const known = tables.get(id);
  if (known !== undefined && known.positions >= positions) return known;
  let rows = Math.max(256, known?.positions ?? 0);
  while (rows < positions) rows *= 2;
  const pairs = rope.rotaryDim / 2;
  const cos = new Float64Array(rows * pairs);
  const sin = new Float64Array(rows * pairs);
  for (let pair = 0; pair < pairs; pair++) {
    const frequency = rope.theta ** ((-2 * pair) / rope.rotaryDim);
    for (let position = 0; position < rows; position++) {
      cos[position * pairs + pair] = Math.cos(position * frequency);
      sin[position * pairs + pair] = Math.sin(position * frequency);
    }
  }
  const table = { positions: rows, pairs, cos, sin };
  tables.set(id, table);
  return table;
}

/**
 * Rotates `tokens` consecutive key rows in place; row i stands at position `startPos + i`.
 * keys: (tokens, headDim) from `offset`. `direction` −1 undoes +1.
 */
export function rotateRows(
  keys: Float32Array,
  offset: number,
  tokens: number,
  startPos: number,
  direction: 1 | -1,
  rope: RopeSpec,
  table: AngleTable = angleTable(rope, startPos + tokens),
): void {
  const { pairs, cos, sin } = table;
  const half = rope.layout === 'half';
  for (let token = 0; token < tokens; token++) {
    const row = offset + token * rope.headDim;
    const angles = (startPos + token) * pairs;
    for (let pair = 0; pair < pairs; pair++) {
      const first = row + (half ? pair : 2 * pair);
      const second = half ? first + pairs : first + 1;
      const c = cos[angles + pair] as number;
      const s = direction * (sin[angles + pair] as number);
      const x = keys[first] as number;
      const y = keys[second] as number;
      keys[first] = x * c - y * s;
      keys[second] = y * c + x * s;
    }
  }
}

/**
 * The rule of a Hugging Face config (`text_config` of a VLM, or a decoder's own), in its old form (`rope_theta`,
 * `rope_scaling`) and its new (`rope_parameters`). Throws AppError 'unsupported-rope' for a rule that cannot be
 * re-based exactly: any scaling, multi-axis positions, or fields of the wrong type.
 */
export function ropeSpecFromConfig(config: unknown): RopeSpec {
  const whole = asRecord(config);
  const text = asRecord(whole['text_config'] ?? whole);
  const parameters = asRecord(text['rope_parameters'] ?? text['rope_scaling'] ?? {});
  const rule = parameters['rope_type'] ?? parameters['type'] ?? 'default';
  if (rule !== 'default') throw unsupported(`the scaling rule ${JSON.stringify(rule)}`);
  for (const field of ['factor', 'mrope_section', 'long_factor', 'short_factor']) {
    if (parameters[field] !== undefined && parameters[field] !== null) throw unsupported(`the field "${field}"`);
  }
  const theta = asNumber(parameters['rope_theta'] ?? text['rope_theta'] ?? 10000, 'rope_theta');
  const headDim = asNumber(
    text['head_dim'] ??
      asNumber(text['hidden_size'], 'hidden_size') / asNumber(text['num_attention_heads'], 'num_attention_heads'),
    'head_dim',
  );
  const factor = asNumber(
    parameters['partial_rotary_factor'] ?? text['partial_rotary_factor'] ?? 1,
    'partial_rotary_factor',
  );
  const rotaryDim = Math.floor(headDim * factor);
  if (!(theta > 1) || headDim < 2 || !Number.isInteger(headDim) || factor > 1 || rotaryDim < 2 || rotaryDim % 2 !== 0) {
    throw unsupported(`theta ${theta}, head size ${headDim}, partial factor ${factor}`);
  }
  const interleaved = text['rope_interleaved'] ?? text['rope_interleave'] ?? parameters['interleaved'] ?? false;
  return { theta, headDim, rotaryDim, layout: interleaved === true ? 'interleaved' : 'half' };
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw unsupported('a config that is not an object');
  return value as Record<string, unknown>;
}

function asNumber(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    throw unsupported(`${field} = ${JSON.stringify(value)}`);
  }
  return value;
}

function unsupported(what: string): AppError {
  return new AppError(
    'unsupported-rope',
    `This model cannot be used: its positions have ${what}, which Jarvis cannot re-base exactly.`,
  );
}
