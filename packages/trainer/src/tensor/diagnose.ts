import type { Combined } from "@gradpool/core";
import type { StepDiagnostics } from "../engine.js";
import type { JoinedGradients } from "../gradients/join.js";

/** Norms, cosines and the conflict rate of the whole model, and each task's weight, a mean over the groups it takes part in. */
export function diagnose(gradients: JoinedGradients, combined: Combined): Omit<StepDiagnostics, "reports"> {
  const { tasks, present } = gradients;
  const { norms, cosines } = gradients.gram("model", "gram");
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
    norms: norms.map((norm, t) => (present[t] === true ? norm : NaN)),
    cosines: cosines.map((cosine, k) =>
      present[Math.floor(k / tasks)] === true && present[k % tasks] === true ? cosine : NaN,
    ),
    conflictRate: pairs === 0 ? NaN : conflicts / pairs,
    weights: meanWeights(gradients, combined),
  };
}

function meanWeights({ gram, tasks, present }: JoinedGradients, combined: Combined): Float64Array {
  const out = new Float64Array(tasks).fill(NaN);
  const { weights: groups } = combined;
  if (groups === undefined) return out;
  const { granularity, weights } = groups;
  const norms = granularity === "model" ? null : gram(granularity, "norms").norms;
  for (let t = 0; t < tasks; t++) {
    if (present[t] !== true) continue;
    let sum = 0;
    let count = 0;
    for (let k = t; k < weights.length; k += tasks) {
      if (norms !== null && norms[k] === 0) continue;
      sum += weights[k] as number;
      count++;
    }
    out[t] = count === 0 ? NaN : sum / count;
  }
  return out;
}
