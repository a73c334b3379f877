// A benchmark's figures: from samples to the lines that are printed.

import { median } from './report';
import type { Sample } from './measure.worker';

/** One line of output. `value` is a median where there are several runs. */
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

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
