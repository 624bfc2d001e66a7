import type { TermErrors } from "./heads/pass.js";
import { type Labels, lossOf } from "./losses.js";
import { headsOf, outputNames } from "./outputs.js";
import type { StepWork } from "./work.js";

/** The objective's terms on the host: the tasks' losses go to `work.losses`, the regulariser's value is answered with. */
export function readLosses(
  { batch, labels, model, present, losses, placement, draw, shares }: StepWork,
  outputs: readonly (Float32Array | null)[],
): { readonly errors: TermErrors; readonly regularizer: number | undefined } {
  const names = outputNames(model.tasks);
  const errors: (readonly (Float32Array | null)[] | null)[] = model.tasks.map((task, t) => {
    if (present[t] !== true) return null;
    const reads = headsOf(task).map((head) => names.indexOf(head));
    const own = reads.map(() => new Float32Array(batch.size));
    const read = reads.map((k) => outputs[k] as Float32Array);
    const weight = (placement.weights[t] as number) * (shares[t] as number);
    losses[t] = weight * lossOf(task.objective, read, labels[t] as Labels, own, placement.positives[t] as number);
    scale(own, weight);
    return names.map((_, k) => own[reads.indexOf(k)] ?? null);
  });
  const { regularizer } = model;
  if (regularizer === undefined) return { errors, regularizer: undefined };
  // Held-out examples are the target's alone.
  if (draw.share === 0) return { errors: [...errors, null], regularizer: undefined };
  const own = names.map(() => new Float32Array(batch.size));
  const named = <V>(values: readonly V[]): Record<string, V> =>
    Object.fromEntries(names.map((name, k) => [name, values[k] as V] as const));
  const value = regularizer.loss(named(outputs as readonly Float32Array[]), named(own));
  const share = shares[present.length] as number;
  scale(own, share);
  errors.push(own);
  return { errors, regularizer: share * value };
}

function scale(all: readonly Float32Array[], by: number): void {
  if (by !== 1) for (const of of all) for (let r = 0; r < of.length; r++) of[r] = (of[r] as number) * by;
}
