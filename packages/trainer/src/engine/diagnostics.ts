import type { GroupWeights, TaskGradients } from "@gradpool/core";
import type { StepDiagnostics } from "./contract.js";

/** What a step says about its gradients themselves, beside what the pool reported. */
export type GradientFigures = Pick<StepDiagnostics, "norms" | "cosines" | "conflictRate" | "weights">;

/** What a step says about its gradients; asks for the Gram of the whole model, so call it only when somebody listens. */
export function describeGradients(gradients: TaskGradients, weights: GroupWeights | undefined): GradientFigures {
  const { tasks, present } = gradients;
  const { norms, cosines } = gradients.gram("model");
  const hide = (values: Float64Array, hidden: (k: number) => boolean): Float64Array =>
    values.map((value, k) => (hidden(k) ? Number.NaN : value));
  let pairs = 0;
  let conflicts = 0;
  for (let i = 0; i < tasks; i++) {
    for (let j = 0; j < i; j++) {
      if (present[i] !== true || present[j] !== true) continue;
      pairs++;
      if ((cosines[i * tasks + j] as number) < 0) conflicts++;
    }
  }
  return {
    norms: hide(norms, (k) => present[k] !== true),
    cosines: hide(cosines, (k) => present[k % tasks] !== true || present[Math.floor(k / tasks)] !== true),
    conflictRate: pairs === 0 ? Number.NaN : conflicts / pairs,
    weights: hide(meanWeights(gradients, weights), (k) => present[k] !== true),
  };
}

/** Per task, the mean weight over the groups where its gradient is not zero; NaN where a pool gave no weights. */
function meanWeights(gradients: TaskGradients, weights: GroupWeights | undefined): Float64Array {
  const { tasks } = gradients;
  if (weights === undefined) return new Float64Array(tasks).fill(Number.NaN);
  if (weights.granularity === "model") return weights.weights.slice();
  const { norms } = gradients.gram(weights.granularity, "norms");
  const sums = new Float64Array(tasks);
  const counts = new Float64Array(tasks);
  for (let k = 0; k < norms.length; k++) {
    if ((norms[k] as number) === 0) continue;
    sums[k % tasks] = (sums[k % tasks] as number) + (weights.weights[k] as number);
    counts[k % tasks] = (counts[k % tasks] as number) + 1;
  }
  return sums.map((sum, i) => ((counts[i] as number) > 0 ? sum / (counts[i] as number) : Number.NaN));
}
