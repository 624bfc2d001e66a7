import { GradpoolError } from "@gradpool/core";
import type { Batch } from "@gradpool/data";
import type { EmbeddingModel } from "@gradpool/models";
import type { StepInput } from "../engine/contract.js";

/** The batches of a step, with null where a task has no sample, or no label, in it. */
export function presentBatches(
  model: Pick<EmbeddingModel, "name" | "tasks">,
  { batches, step }: StepInput,
): readonly (Batch | null)[] {
  const { tasks } = model;
  if (batches?.length !== tasks.length) {
    throw new GradpoolError({
      code: "shape",
      what: `${batches?.length ?? "no"} batches`,
      where: `step ${step}, model ${model.name}`,
      remedy: `give ${tasks.length}, one per task (null: absent)`,
    });
  }
  return tasks.map(({ name }, t) => {
    const batch = batches[t] ?? null;
    return batch !== null && isLabelled(batch, name) ? batch : null;
  });
}

function isLabelled(batch: Batch, task: string): boolean {
  if (batch.size === 0) return false;
  if (batch.kind !== "joint" && batch.kind !== "impressions") return true;
  const mask = batch.masks[batch.tasks.indexOf(task)];
  return mask === undefined || mask.subarray(0, batch.size).some((labelled) => labelled !== 0);
}
