import { GradpoolError } from "@gradpool/core";
import type { Batch } from "@gradpool/data";
import type { EmbeddingModel } from "@gradpool/models";
import type { StepInput } from "../engine/contract.js";
import { batchesIn, type Draws } from "../engine/draws.js";

/** One batch of a task in a step, and its share of the task's loss and gradient. */
export interface Part {
  readonly batch: Batch;
  /** Of all labelled samples that the task has in the step, those of this batch: 1 where it is the only one. */
  readonly share: number;
}

/**
 * The batches of a step, task by task: none where a task has no sample, or no label, in it. Of several, each counts as many samples as
 * it has, so that a mean over samples is the mean over all of them.
 */
function presentParts(
  model: Pick<EmbeddingModel, "name" | "tasks">,
  { batches, more = [], step }: StepInput,
): readonly (readonly Part[])[] {
  const { tasks } = model;
  for (const own of [batches, ...more.map((further) => further.batches)]) {
    if (own?.length !== tasks.length) throw wrongCount(model, step, own);
  }
  return tasks.map(({ name }, t) => {
    const own = [batches, ...more.map((further) => further.batches)].map((all) => all?.[t] ?? null);
    return shared(own.filter((batch) => batch !== null && isLabelled(batch, name)) as readonly Batch[], name);
  });
}

function shared(batches: readonly Batch[], task: string): readonly Part[] {
  if (batches.length < 2) return batches.map((batch) => ({ batch, share: 1 }));
  const counts = batches.map((batch) => labelled(batch, task));
  const all = counts.reduce((sum, count) => sum + count, 0);
  return batches.map((batch, k) => ({ batch, share: (counts[k] as number) / all }));
}

/** The batches of a step, place by place ({@link Draws}). */
function partsByPlace(
  model: Pick<EmbeddingModel, "name" | "tasks">,
  input: StepInput,
  draws: Draws,
  { target, validate }: { readonly target: number; readonly validate: boolean },
): readonly (readonly Part[])[] {
  const { step, epoch } = input;
  const further = batchesIn(draws, input).slice(1);
  const own = [input, ...further].flatMap((one) => presentParts(model, { ...one, step, epoch }));
  if (!draws.validation) return own;
  const held = validate ? presentParts(model, { ...input.validation, step, epoch })[target] : [];
  return [...own, held ?? []];
}

/** Samples that a step learns from, of all its batches. */
const samplesOf = (parts: readonly (readonly Part[])[], { batches, tasks }: Draws): number =>
  parts
    .slice(0, batches * tasks)
    .flat()
    .reduce((sum, { batch }) => sum + batch.size, 0);

/** What a step begins with. */
export interface Begun {
  /** What each place's gradient is taken of. */
  readonly parts: readonly (readonly Part[])[];
  readonly present: readonly boolean[];
  /** A number per task, NaN until its loss is known. */
  readonly losses: Float64Array;
  readonly samples: number;
  /** Whether no task of the first batch has anything to learn from. */
  readonly idle: boolean;
}

export function beginStep(
  model: Pick<EmbeddingModel, "name" | "tasks">,
  input: StepInput,
  draws: Draws,
  which: { readonly target: number; readonly validate: boolean },
): Begun {
  const parts = partsByPlace(model, input, draws, which);
  const present = parts.map((list) => list.length > 0);
  return {
    parts,
    present,
    losses: new Float64Array(draws.tasks).fill(Number.NaN),
    samples: samplesOf(parts, draws),
    idle: !present.slice(0, draws.tasks).includes(true),
  };
}

const maskOf = (batch: Batch, task: string): Uint8Array | undefined =>
  batch.kind === "joint" || batch.kind === "impressions"
    ? batch.masks[batch.tasks.indexOf(task)]?.subarray(0, batch.size)
    : undefined;

function isLabelled(batch: Batch, task: string): boolean {
  return batch.size > 0 && (maskOf(batch, task)?.some((label) => label !== 0) ?? true);
}

/** Samples of a batch that the task's loss is a mean over. */
const labelled = (batch: Batch, task: string): number =>
  maskOf(batch, task)?.reduce((sum, label) => sum + (label === 0 ? 0 : 1), 0) ?? batch.size;

function wrongCount(
  model: Pick<EmbeddingModel, "name" | "tasks">,
  step: number,
  batches: StepInput["batches"],
): GradpoolError {
  return new GradpoolError({
    code: "shape",
    what: `${batches?.length ?? "no"} batches`,
    where: `step ${step}, model ${model.name}`,
    remedy: `give ${model.tasks.length}, one per task (null: absent)`,
  });
}
