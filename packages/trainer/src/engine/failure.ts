import { GradpoolError } from "@gradpool/core";
import type { SkippedStep, StepInput } from "./contract.js";

/** The error that the policy `stop` throws for a loss or gradient that is not finite. */
export function nonFinite(
  { task, parameter, reason }: SkippedStep,
  input: StepInput,
  tasks: readonly string[],
): GradpoolError {
  const batch = input.more === undefined ? (input.joint ?? input.batches?.[tasks.indexOf(task)]) : undefined;
  const where = [`step ${input.step}`, `epoch ${input.epoch}`, `task ${task}`];
  if (parameter !== null) where.push(`parameter ${parameter}`);
  if (batch !== null && batch !== undefined) where.push(`${batch.kind} batch of ${batch.size}`);
  if (input.more !== undefined) where.push(`one of ${1 + input.more.length} batches`);
  const about = parameter === null ? "in the task's loss, its labels or the start values" : "in the task's loss";
  return new GradpoolError({
    code: "non-finite",
    what: reason,
    where: where.join(", "),
    remedy: `lower the learning rate, or look for an overflow or a division by zero ${about}; onNonFinite: "skip" leaves such steps out`,
  });
}
