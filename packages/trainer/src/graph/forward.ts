import type { EmbeddingTask, NodeList } from "@gradpool/models";
import type { Part } from "../embedding/batches.js";
import { addLoss } from "../embedding/differentiate.js";
import { badGradient, badLoss } from "../embedding/non-finite.js";
import type { SkippedStep } from "../engine/contract.js";
import { taskAt } from "../engine/draws.js";
import type { Gathered } from "../tables/store.js";
import type { Located } from "./reading.js";
import type { GraphWork } from "./work.js";

/** A batch of a task, and its lookups. */
export interface LocatedPart extends Part {
  readonly located: readonly Located[];
}

/** A step's forward pass: the touched nodes, and the batches of each place (none where its task is absent). */
export interface Passed {
  readonly nodes: NodeList;
  readonly parts: readonly (readonly LocatedPart[])[];
}

/**
 * Encodes what the batches read, and leaves each present task's gradient of it in an accumulator of its own; or what went
 * wrong.
 */
export function forward(work: GraphWork): Passed | SkippedStep {
  const { reading, run, z, input, present } = work;
  reading.begin(present.length);
  const parts = work.parts.map((own, t) =>
    own.map((part): LocatedPart => {
      const lookups = taskOf(work, t).lookups(part.batch);
      return { ...part, located: lookups.map((lookup) => reading.locate(lookup)) };
    }),
  );
  const touched = reading.nodes();
  run.forward(input, touched, z);
  for (const [t, own] of parts.entries()) {
    for (const part of own) {
      const wrong = differentiate(work, t, part);
      if (wrong !== null) return wrong;
    }
  }
  return { nodes: touched, parts };
}

/** The task at place t. */
const taskOf = ({ model, draws, placement }: GraphWork, t: number): EmbeddingTask =>
  model.tasks[taskAt(draws, t, placement.tasks.target)] as EmbeddingTask;

function differentiate(work: GraphWork, t: number, { batch, share, located }: LocatedPart): SkippedStep | null {
  const { draws, placement, reading, z, ops, losses } = work;
  const weight = placement.weights[taskAt(draws, t, placement.tasks.target)] as number;
  const task = taskOf(work, t);
  const gathered = located.map((one) => reading.gather(one, z));
  let loss = Number.NaN;
  // A loss that makes memory grow has written to views that are gone. It is pure: it runs again on the new ones.
  for (let attempt = 0; attempt < 2; attempt++) {
    const rows = gathered.map((one) => one.rows);
    const gradients = gathered.map((one) => one.gradient);
    loss = task.loss(batch, rows, gradients, ops);
    if (gradients.every((view, k) => view.length === (gathered[k] as Gathered).gradient.length)) break;
  }
  // Of the first batch: those of further places have none to be told.
  if (t < losses.length) addLoss(losses, t, share * (weight * loss));
  if (!Number.isFinite(loss)) return badLoss(task.name, loss, gathered);
  for (const one of gathered) {
    if (!reading.scatter(one, t, share * weight)) return badGradient(task.name, one.lookup.table, gathered);
  }
  return null;
}

export const isFailure = (value: object): value is SkippedStep => "reason" in value;
