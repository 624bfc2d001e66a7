import { GradpoolError, type TaskSet } from "@gradpool/core";
import type { Tensor, TensorOps } from "@gradpool/models";

/** Gradients by the variables' names. */
export type Gradients = Readonly<Record<string, Tensor>>;

/** Where a step is, for errors. */
export interface Moment {
  readonly tasks: TaskSet;
  readonly step: number;
}

/** 0 where all of a tensor is finite, else NaN. A scalar on the device, or one per row. */
export const trouble = (tf: TensorOps, tensor: Tensor, perRow = false): Tensor =>
  perRow ? tf.sum(tf.sub(tensor, tensor), 1) : tf.sum(tf.sub(tensor, tensor));

/** The losses are looked at first: a loss that is not finite explains its gradients. Null: all is finite. */
export function notFinite(
  moment: Moment,
  losses: ArrayLike<number>,
  perTask: readonly (Gradients | null)[],
): GradpoolError | null {
  for (const [t, gradients] of perTask.entries()) {
    if (gradients !== null && !Number.isFinite(losses[t]))
      return failed(moment, `the loss is not finite: ${losses[t]}`, t);
  }
  for (const [t, gradients] of perTask.entries()) {
    for (const [name, gradient] of Object.entries(gradients ?? {})) {
      const value = gradient.dataSync().find((one) => !Number.isFinite(one));
      if (value !== undefined) return failed(moment, `the gradient is not finite: ${value}`, t, name);
    }
  }
  return null;
}

/** Of a gradient that overflows although each task's own is finite. */
export const overflow = ({ step }: Moment, parameter: string): GradpoolError =>
  new GradpoolError({
    code: "non-finite",
    what: "the combined gradient is not finite, though each task's own is",
    where: `pooledOptimizer, step ${step}, parameter ${parameter}`,
    remedy: "scale the losses down: float32 ends at 3.4e38",
  });

export const noGradient = ({ tasks, step }: Moment, t: number): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: "the loss has no gradient: it reaches no trainable variable",
    where: `pooledOptimizer, step ${step}, task ${tasks.names[t] ?? t}`,
    remedy: "compute it from the model's variables inside of the loss function, or answer with null",
  });

export const nothingShared = ({ step }: Moment, names: readonly string[]): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: "no loss reaches any of the shared variables",
    where: `pooledOptimizer, step ${step}, shared ${names.join(", ")}`,
    remedy: "give the trainable variables that the losses are computed from as shared",
  });

function failed({ tasks, step }: Moment, what: string, t: number, parameter?: string): GradpoolError {
  const where = ["pooledOptimizer", `step ${step}`, `task ${tasks.names[t] ?? t}`];
  if (parameter !== undefined) where.push(`parameter ${parameter}`);
  const remedy = "look for an overflow or a division by zero in that task's loss, or lower the learning rate";
  return new GradpoolError({ code: "non-finite", what, where: where.join(", "), remedy });
}
