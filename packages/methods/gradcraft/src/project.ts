import { type Gram, type GroupContext, visitOrder } from "@gradpool/core";
import { leastNormSolve } from "@gradpool/linalg";

/* Plain arrays and loops: at row granularity this runs ten thousand times a step, and typed arrays are slow to make. */

/** Coefficients of g̃ᵢ / ‖ĝᵢ‖ over unit rows, all conflicts solved at once. */
export function globally({ size, cosines }: Gram, _context: GroupContext, i: number, epsilon: number): number[] {
  const x: number[] = [];
  const conflicts: number[] = [];
  for (let j = 0; j < size; j++) {
    const cosine = cosines[i * size + j] as number;
    x.push(j === i ? 1 : 0);
    if (j === i || !(cosine < 0)) continue;
    conflicts.push(j);
    x[j] = epsilon - cosine;
  }
  const count = conflicts.length;
  if (count < 2) return x;
  const matrix: number[] = [];
  const right: number[] = [];
  for (let k = 0; k < count; k++) {
    const j = conflicts[k] as number;
    right.push(x[j] as number);
    for (let m = 0; m < count; m++) matrix.push(cosines[j * size + (conflicts[m] as number)] as number);
  }
  const solved = leastNormSolve(matrix, right);
  for (let k = 0; k < count; k++) x[conflicts[k] as number] = solved[k] as number;
  return x;
}

/** The same, one conflict after the other in random order, as PCGrad does. */
export function locally(gram: Gram, context: GroupContext, i: number, epsilon: number): number[] {
  const { size, cosines } = gram;
  const x: number[] = [];
  for (let j = 0; j < size; j++) x.push(j === i ? 1 : 0);
  for (const j of visitOrder(gram, context, i)) {
    let along = 0;
    for (let k = 0; k < size; k++) along += (x[k] as number) * (cosines[k * size + j] as number);
    if (along < 0) x[j] = (x[j] as number) + epsilon - along;
  }
  return x;
}
