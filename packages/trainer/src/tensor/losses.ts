import { sigmoid, softplus, type TensorBatch, type TensorTask } from "@gradpool/models";
import { GradpoolError } from "@gradpool/core";
import { complement } from "./funnel.js";

/** Where a task's labels are in a batch, and what the rows count for that have one. */
export interface Labels {
  readonly values: Float32Array;
  readonly mask: Uint8Array;
  /** What each row counts for. Absent: 1. */
  readonly weights?: Float32Array | undefined;
  /** Of rows with a label, or the sum of their weights. */
  readonly count: number;
}

/** The labels of each task of the model; null: no row of the batch has one, so that the task is absent from the step. */
export function labelsOf(tasks: readonly TensorTask[], batch: TensorBatch): (Labels | null)[] {
  return tasks.map(({ name }) => {
    const t = batch.tasks.indexOf(name);
    const values = batch.labels[t];
    const mask = batch.masks[t];
    if (values === undefined || mask === undefined) {
      throw new GradpoolError({
        code: "invalid-input",
        what: `the batch has no labels of ${name}`,
        where: "step",
        remedy: `it has ${batch.tasks.join(", ")}: name the model's tasks as the data does`,
      });
    }
    const weights = "weights" in batch ? batch.weights : undefined;
    let count = 0;
    for (let r = 0; r < batch.size; r++) if (mask[r] !== 0) count += weights?.[r] ?? 1;
    return count === 0 ? null : { values, mask, weights, count };
  });
}

/**
 * For each batch of a step, what its losses count for, term by term: of a task as many labelled rows as it has of all (by their
 * weights), of the regulariser, last, as many rows. Rows without any label are no part of the step.
 */
export function sharesOf(
  batches: readonly TensorBatch[],
  labels: readonly (readonly (Labels | null)[])[],
): readonly Float64Array[] {
  const counts = batches.map((batch, k) => {
    const own = labels[k] as readonly (Labels | null)[];
    const rows = own.every((one) => one === null) ? 0 : batch.size;
    return Float64Array.from([...own.map((one) => one?.count ?? 0), rows]);
  });
  if (batches.length === 1) return counts.map((own) => own.fill(1));
  return counts.map((own) =>
    own.map((count, term) =>
      count === 0 ? 0 : count / counts.reduce((sum, other) => sum + (other[term] as number), 0),
    ),
  );
}

/**
 * Mean loss over the labelled rows, Σ wᵣ Lᵣ / Σ wᵣ where rows have weights, in float64, from outputs on the host; d loss / d output goes to `out`, one for each output. A few
 * thousand numbers: cheaper here than as a dozen kernels per task, and as exact as it gets. `positive`: how much more than a label 0
 * a label 1 counts, w y softplus(−z) + (1 − y) softplus(z); the mean is over rows all the same (PyTorch's `pos_weight`).
 */
export function lossOf(
  objective: TensorTask["objective"],
  outputs: readonly Float32Array[],
  labels: Labels,
  out: readonly Float32Array[],
  positive: number = 1,
): number {
  if (outputs.length > 1) return productLoss(outputs, labels, out, positive);
  const [zs, errors] = [outputs[0] as Float32Array, out[0] as Float32Array];
  const { values, mask, weights, count } = labels;
  let total = 0;
  for (let r = 0; r < zs.length; r++) {
    const share = weights?.[r] ?? 1;
    if (mask[r] === 0) {
      errors[r] = 0;
      continue;
    }
    const z = zs[r] as number;
    const y = values[r] as number;
    if (objective === "bce") {
      if (positive === 1) {
        total += share * (softplus(z) - y * z);
        errors[r] = (share * (sigmoid(z) - y)) / count;
      } else {
        const pull = positive * y * sigmoid(-z);
        total += share * (positive * y * softplus(-z) + (1 - y) * softplus(z));
        errors[r] = (share * ((1 - y) * sigmoid(z) - pull)) / count;
      }
    } else {
      total += share * (z - y) ** 2;
      errors[r] = (share * (2 * (z - y))) / count;
    }
  }
  return total / count;
}

/**
 * Binary cross-entropy of p = Πₖ σ(zₖ), from logits: log p = −Σ softplus(−zₖ), and log(1 − p) as `complement` has it, so that
 * nothing is lost where p is next to 0 or 1. d / d zₖ: of −log p it is −(1 − σ(zₖ)), of −log(1 − p) it is p (1 − σ(zₖ)) / (1 − p).
 */
function productLoss(
  outputs: readonly Float32Array[],
  labels: Labels,
  out: readonly Float32Array[],
  positive: number,
): number {
  const { values, mask, weights, count } = labels;
  const size = (outputs[0] as Float32Array).length;
  const z = new Float64Array(outputs.length);
  let total = 0;
  for (let r = 0; r < size; r++) {
    if (mask[r] === 0) {
      for (const errors of out) errors[r] = 0;
      continue;
    }
    outputs.forEach((of, k) => (z[k] = of[r] as number));
    const y = values[r] as number;
    const { logP, logRest } = complement(z);
    const share = weights?.[r] ?? 1;
    total -= share * ((y === 0 ? 0 : positive * y * logP) + (y === 1 ? 0 : (1 - y) * logRest));
    const pull = share * ((1 - y) * Math.exp(logP - logRest) - positive * y);
    out.forEach((errors, k) => (errors[r] = (pull * sigmoid(-(z[k] as number))) / count));
  }
  return total / count;
}
