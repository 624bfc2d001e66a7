import { GradpoolError } from "@gradpool/core";
import type { Batch } from "@gradpool/data";
import type { SkippedStep, StepInput } from "../engine/contract.js";
import type { Gathered } from "../tables/store.js";

/** A loss or gradient that is not finite: the error of the policy `stop`, and the report of the policy `skip`. */
export interface NonFinite {
  readonly error: GradpoolError;
  readonly skipped: SkippedStep;
}

/** The first entry of a block that is not finite, by table and row id. */
function firstBad(gathered: readonly Gathered[], pick: (one: Gathered) => Float32Array): string | null {
  for (const one of gathered) {
    const block = pick(one);
    const { lookup } = one;
    const dim = block.length / lookup.size;
    for (let k = 0; k < block.length; k++) {
      if (Number.isFinite(block[k])) continue;
      const row = Math.floor(k / dim);
      return lookup.offsets === undefined
        ? `row ${lookup.ids[row]} of ${lookup.table}`
        : `sample ${row}'s rows of ${lookup.table}`;
    }
  }
  return null;
}

function place(input: StepInput, task: string, batch: Batch): string {
  return `step ${input.step}, epoch ${input.epoch}, task ${task}, batch of ${batch.size} (${batch.kind})`;
}

export function badLoss(
  input: StepInput,
  task: string,
  batch: Batch,
  loss: number,
  gathered: readonly Gathered[],
): NonFinite {
  const weights = firstBad(gathered, (one) => one.rows);
  const reason = weights === null ? `loss is ${loss}` : `loss is ${loss}: ${weights} is not finite`;
  return {
    error: new GradpoolError({
      code: "non-finite",
      what: reason,
      where: place(input, task, batch),
      remedy:
        weights === null
          ? "lower the learning rate, or look for an overflow or a division by zero in the task's loss or labels"
          : 'lower the learning rate, or start from finite weights; onNonFinite: "skip" leaves such steps out',
    }),
    skipped: { task, parameter: null, reason },
  };
}

export function badGradient(
  input: StepInput,
  task: string,
  batch: Batch,
  parameter: string,
  gathered: readonly Gathered[],
): NonFinite {
  const rows = firstBad(gathered, (one) => one.gradient);
  const reason = rows === null ? "the sum of the gradients is not finite" : `the gradient of ${rows} is not finite`;
  return {
    error: new GradpoolError({
      code: "non-finite",
      what: reason,
      where: `${place(input, task, batch)}, parameter ${parameter}`,
      remedy:
        'look for an overflow in the task\'s loss, or lower the learning rate; onNonFinite: "skip" leaves such steps out',
    }),
    skipped: { task, parameter, reason },
  };
}
