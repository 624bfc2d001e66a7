import type { Batch } from "@gradpool/data";
import type { EmbeddingTask, NodeList } from "@gradpool/models";
import { badGradient, badLoss } from "../embedding/non-finite.js";
import type { SkippedStep } from "../engine/contract.js";
import type { Gathered } from "../tables/store.js";
import type { Located } from "./reading.js";
import type { GraphWork } from "./work.js";

/** A step's forward pass: the touched nodes, and the lookups of each task (none where it is absent). */
export interface Passed {
  readonly nodes: NodeList;
  readonly lookups: readonly (readonly Located[])[];
}

/**
 * Encodes what the batches read, and leaves each present task's gradient of it in an accumulator of its own; or what went
 * wrong.
 */
export function forward(work: GraphWork): Passed | SkippedStep {
  const { model, reading, run, z, input, batches, present } = work;
  reading.begin(present.length);
  const lookups = model.tasks.map((task, t) => {
    const batch = batches[t];
    return batch === null || batch === undefined ? [] : task.lookups(batch).map((lookup) => reading.locate(lookup));
  });
  const touched = reading.nodes();
  run.forward(input, touched, z);
  for (const [t, located] of lookups.entries()) {
    const wrong = present[t] === true ? differentiate(work, t, located) : null;
    if (wrong !== null) return wrong;
  }
  return { nodes: touched, lookups };
}

function differentiate(work: GraphWork, t: number, located: readonly Located[]): SkippedStep | null {
  const { model, placement, reading, z, ops, losses } = work;
  const weight = placement.weights[t] as number;
  const task = model.tasks[t] as EmbeddingTask;
  const gathered = located.map((one) => reading.gather(one, z));
  let loss = Number.NaN;
  // A loss that makes memory grow has written to views that are gone. It is pure: it runs again on the new ones.
  for (let attempt = 0; attempt < 2; attempt++) {
    const rows = gathered.map((one) => one.rows);
    const gradients = gathered.map((one) => one.gradient);
    loss = task.loss(work.batches[t] as Batch, rows, gradients, ops);
    if (gradients.every((view, k) => view.length === (gathered[k] as Gathered).gradient.length)) break;
  }
  losses[t] = weight * loss;
  if (!Number.isFinite(loss)) return badLoss(task.name, loss, gathered);
  for (const one of gathered) {
    if (!reading.scatter(one, t, weight)) return badGradient(task.name, one.lookup.table, gathered);
  }
  return null;
}

export const isFailure = (value: object): value is SkippedStep => "reason" in value;
