// Patches against photos: which cells a box covers, and how well they are found again elsewhere.

import { subjectCells } from './stages/mine-signals';
import { dotRows } from './tensor';
import type { Box, ConceptId, PatchFeatures, PhotoVectors } from './types';

/** Cells whose middle lies in the box; the one under the box's middle when it is smaller than a cell. */
export function cellsUnder(box: Box, gridW: number, gridH: number): number[] {
  const cells: number[] = [];
  for (let y = 0; y < gridH; y++) {
    for (let x = 0; x < gridW; x++) {
      const [cx, cy] = [(x + 0.5) / gridW, (y + 0.5) / gridH];
      if (cx >= box.x && cx < box.x + box.w && cy >= box.y && cy < box.y + box.h) cells.push(y * gridW + x);
    }
  }
  if (cells.length > 0) return cells;
  const x = Math.min(gridW - 1, Math.max(0, Math.floor((box.x + box.w / 2) * gridW)));
  const y = Math.min(gridH - 1, Math.max(0, Math.floor((box.y + box.h / 2) * gridH)));
  return [y * gridW + x];
}

/** Mean over `cells` of the greatest cosine with any of `among` of another photo: how well a patch is found there. */
export function foundAgain(
  photo: PatchFeatures,
  cells: readonly number[],
  other: PatchFeatures,
  among: readonly number[],
): number {
  let sum = 0;
  for (const cell of cells) {
    let best = -1;
    for (const at of among) best = Math.max(best, dotRows(photo.grid, cell, other.grid, at, photo.dim));
    sum += best;
  }
  return cells.length === 0 ? 0 : sum / cells.length;
}

/** A patch whose owner is asked for. */
export interface AskedPatch {
  readonly features: PatchFeatures;
  readonly box: Box;
}

/**
 * Which of the patches is the concept's: the one found on its photos by the greatest margin over everybody else's. Index into
 * `patches`; 0 when memory has no photo of the concept.
 */
export function ownPatch(
  conceptId: ConceptId,
  patches: readonly AskedPatch[],
  memory: readonly PhotoVectors[],
): number {
  let best = 0;
  let most = -Infinity;
  patches.forEach(({ features, box }, index) => {
    const cells = cellsUnder(box, features.gridW, features.gridH);
    let own = -1;
    let others = -1;
    for (const stored of memory) {
      if (stored.features.dim !== features.dim) continue;
      const value = foundAgain(features, cells, stored.features, subjectCells(stored.subject));
      if (stored.conceptId === conceptId) own = Math.max(own, value);
      else others = Math.max(others, value);
    }
    if (own - others > most) {
      most = own - others;
      best = index;
    }
  });
  return best;
}

/** A stored photo with what was mined on it. */
export interface MinedPhoto {
  readonly features: PatchFeatures;
  readonly boxes: readonly Box[];
  readonly scoreMap: Float32Array; // (gridH, gridW), 0..1
}

/**
 * How much of a concept's own details a photo shows: over its mined boxes, the mean, weighted by the score map, of each cell's
 * greatest cosine with any cell of the photo; the mean over the concept's photos. Patches alone: no global vector, no background.
 */
export function siblingEvidence(query: PatchFeatures, photos: readonly MinedPhoto[]): number {
  const all = Array.from({ length: query.gridW * query.gridH }, (_, cell) => cell);
  const values = photos.map(({ features, boxes, scoreMap }) => {
    const cells = new Set(boxes.flatMap((box) => cellsUnder(box, features.gridW, features.gridH)));
    let [sum, total] = [0, 0];
    for (const cell of cells) {
      const weight = (scoreMap[cell] ?? 0) ** 2;
      sum += weight * foundAgain(features, [cell], query, all);
      total += weight;
    }
    return total > 0 ? sum / total : 0;
  });
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
