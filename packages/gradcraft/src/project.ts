import { type Gram, type GroupContext, visitOrder } from "@gradpool/core";
import { leastNormSolve } from "@gradpool/linalg";

/** Coefficients of g̃ᵢ / ‖ĝᵢ‖ over unit rows, all conflicts solved at once. */
export function globally({ size, cosines }: Gram, _context: GroupContext, i: number, epsilon: number): Float64Array {
  const x = new Float64Array(size);
  x[i] = 1;
  const conflicts: number[] = [];
  for (let j = 0; j < size; j++) if (j !== i && (cosines[i * size + j] as number) < 0) conflicts.push(j);
  const matrix = conflicts.flatMap((j) => conflicts.map((k) => cosines[j * size + k] as number));
  const right = conflicts.map((j) => epsilon - (cosines[i * size + j] as number));
  const solved = right.length < 2 ? right : leastNormSolve(matrix, right);
  conflicts.forEach((j, k) => (x[j] = solved[k] as number));
  return x;
}

/** The same, one conflict after the other in random order, as PCGrad does. */
export function locally(gram: Gram, context: GroupContext, i: number, epsilon: number): Float64Array {
  const { size, cosines } = gram;
  const x = new Float64Array(size);
  x[i] = 1;
  for (const j of visitOrder(gram, context, i)) {
    let along = 0;
    for (let k = 0; k < size; k++) along += (x[k] as number) * (cosines[k * size + j] as number);
    if (along < 0) x[j] = (x[j] as number) + epsilon - along;
  }
  return x;
}
