import { sigmoid, softplus, type TensorBatch, type TensorTask } from "@gradpool/models";
import { GradpoolError } from "@gradpool/core";

/** Where a task's labels are in a batch, and how many rows have one. */
export interface Labels {
  readonly values: Float32Array;
  readonly mask: Uint8Array;
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
    let count = 0;
    for (let r = 0; r < batch.size; r++) if (mask[r] !== 0) count++;
    return count === 0 ? null : { values, mask, count };
  });
}

/**
 * Mean loss over the labelled rows, in float64, from outputs on the host; d loss / d output goes to `out`. A few thousand numbers:
 * cheaper here than as a dozen kernels per task, and as exact as it gets.
 */
export function lossOf(
  objective: TensorTask["objective"],
  outputs: Float32Array,
  labels: Labels,
  out: Float32Array,
): number {
  const { values, mask, count } = labels;
  let total = 0;
  for (let r = 0; r < outputs.length; r++) {
    if (mask[r] === 0) {
      out[r] = 0;
      continue;
    }
    const z = outputs[r] as number;
    const y = values[r] as number;
    if (objective === "bce") {
      total += softplus(z) - y * z;
      out[r] = (sigmoid(z) - y) / count;
    } else {
      total += (z - y) ** 2;
      out[r] = (2 * (z - y)) / count;
    }
  }
  return total / count;
}
