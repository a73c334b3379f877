// One line of a benchmark's output: from the times of a worker to a number with its unit and spread.

import { median } from './report';
import type { Sample } from './measure.worker';

/** `value` is a median where there are several runs. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly spread?: readonly [low: number, high: number];
}

export interface Measured {
  readonly device: string;
  readonly figures: readonly Figure[]; // ratios first
}

/** What samples of SmolVLM-256M's shape are called, whatever model is loaded. */
export const REAL_SIZE = 'SmolVLM-256M';

export function find(samples: readonly Sample[], name: string): Sample {
  const found = samples.find((sample) => sample.name === name);
  if (!found) throw new Error(`no sample "${name}"`);
  return found;
}

export function figureOf({ name, unit, values }: Sample): Figure {
  const value = median(values);
  if (value === undefined) throw new Error(`"${name}" was never measured`);
  return values.length < 2
    ? { name, unit, value }
    : { name, unit, value, spread: [Math.min(...values), Math.max(...values)] };
}

export function lineOf({ name, value, unit, spread }: Figure): string {
  const range = spread ? `  (${format(spread[0])} to ${format(spread[1])})` : '';
  const shown = unit === SHARE ? value.toFixed(3) : format(value);
  return `${shown.padStart(9)} ${unit.padEnd(9)} ${name}${range}`;
}

/** Unit of a figure between 0 and 1. */
export const SHARE = 'of 1';

/** Three digits that count, however small the number. */
export function format(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.095) return value.toExponential(1);
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

export function concepts(count: number): string {
  return count === 1 ? '1 concept' : `${count} concepts`;
}
