import type { GroupMixing } from "../gradients.js";

/** The weights that a transform and a sum amount to: w_j = Σᵢ C[i,j] per group. */
export function columnSums(mixing: GroupMixing, tasks: number): Float64Array {
  if (mixing.diagonal) return mixing.matrices;
  const { matrices } = mixing;
  const weights = new Float64Array(matrices.length / tasks);
  for (let at = 0, from = 0; at < weights.length; at += tasks) {
    for (let i = 0; i < tasks; i++) {
      for (let j = 0; j < tasks; j++, from++) {
        weights[at + j] = (weights[at + j] as number) + (matrices[from] as number);
      }
    }
  }
  return weights;
}
