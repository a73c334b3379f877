// Where something lies on a picture, in words: quadrants, and beside what.

import type { Box } from './types';

export type Place = { readonly across?: 'left' | 'middle' | 'right'; readonly along?: 'top' | 'middle' | 'bottom' };
export const RELATIONS = ['left of', 'right of', 'above', 'below', 'next to'] as const;
export type Relation = (typeof RELATIONS)[number];

/** Whether a box lies at a place that a question names. */
export function isAt(box: Box, { across, along }: Place): boolean {
  const { x, y } = centreOf(box);
  if (across === 'middle') return Math.abs(x - 0.5) < 0.14 && Math.abs(y - 0.5) < 0.16;
  const [besides, above] = [
    across === undefined || (across === 'left') === x < 0.5,
    along === undefined || (along === 'top') === y < 0.5,
  ];
  return besides && above;
}

/** Where it lies, in a word or two: sides are only said where nobody would argue, so what is near a middle line is not said to be beside it. */
export function placeOf(box: Box): Place {
  const { x, y } = centreOf(box);
  const across = x < 0.42 ? 'left' : x > 0.58 ? 'right' : undefined;
  const along = y < 0.4 ? 'top' : y > 0.62 ? 'bottom' : undefined;
  if (across === undefined && along === undefined) return { across: 'middle', along: 'middle' };
  return { ...(across && { across }), ...(along && { along }) };
}

/** "in the upper left", "on the right", "in the middle". */
export function phrase({ across, along }: Place): string {
  if (across === 'middle' || along === 'middle') return 'in the middle';
  if (across !== undefined && along !== undefined) return `in the ${along === 'top' ? 'upper' : 'lower'} ${across}`;
  return across === undefined ? `at the ${along ?? 'top'}` : `on the ${across}`;
}

export function isRelated(thing: Box, other: Box, relation: Relation): boolean {
  const [a, b] = [centreOf(thing), centreOf(other)];
  switch (relation) {
    case 'left of':
      return a.x < b.x - 0.05;
    case 'right of':
      return a.x > b.x + 0.05;
    case 'above':
      return a.y < b.y - 0.05;
    case 'below':
      return a.y > b.y + 0.05;
    case 'next to':
      return (
        Math.max(thing.x, other.x) - Math.min(thing.x + thing.w, other.x + other.w) < 0.16 && Math.abs(a.y - b.y) < 0.25
      );
    default:
      return relation satisfies never;
  }
}

/** How one box lies to another; undefined where nobody could say. */
export function relationOf(thing: Box, other: Box): Relation | undefined {
  const [a, b] = [centreOf(thing), centreOf(other)];
  const [dx, dy] = [a.x - b.x, a.y - b.y];
  if (Math.abs(dx) >= Math.abs(dy) && Math.abs(dx) > CLEAR) return dx < 0 ? 'left of' : 'right of';
  if (Math.abs(dy) > CLEAR) return dy < 0 ? 'above' : 'below';
  return isRelated(thing, other, 'next to') && Math.abs(dx) > 0.05 ? 'next to' : undefined;
}

const CLEAR = 0.12; // of the picture; nearer, left and right are what people argue about

export function centreOf({ x, y, w, h }: Box): { x: number; y: number } {
  return { x: x + w / 2, y: y + h / 2 };
}
