import type { EmbeddingTask } from "@gradpool/models";
import type { SkippedStep } from "../engine/contract.js";
import { shareOf, taskAt } from "../engine/draws.js";
import { type JoinedGradients, joinParts } from "../gradients/join.js";
import type { Gathered, TableMode } from "../tables/store.js";
import type { Part } from "./batches.js";
import { badGradient, badLoss } from "./non-finite.js";
import { addTogether, gradientsTogether, lossesTogether, presentTasks } from "./together.js";
import type { EmbeddingWork } from "./work.js";

/** The task at place t. */
const taskOf = ({ model, draws, placement }: EmbeddingWork, t: number): EmbeddingTask =>
  model.tasks[taskAt(draws, t, placement.tasks.target)] as EmbeddingTask;

/** Gathers the rows of a batch of the task at place t and writes its loss and gradient blocks: the gathered blocks, or what went wrong. */
function differentiate(work: EmbeddingWork, t: number, { batch, share }: Part): Gathered[] | SkippedStep {
  const { store, ops, losses } = work;
  const task = taskOf(work, t);
  const gathered = task.lookups(batch).map((lookup) => store.gather(lookup));
  let loss = Number.NaN;
  // A loss that makes memory grow has written to views that are gone. It is pure: it runs again on the new ones.
  for (let attempt = 0; attempt < 2; attempt++) {
    const rows = gathered.map((one) => one.rows);
    const gradients = gathered.map((one) => one.gradient);
    loss = task.loss(batch, rows, gradients, ops);
    if (gradients.every((view, k) => view.length === (gathered[k] as Gathered).gradient.length)) break;
  }
  // Of the first batch: those of further places have none to be told.
  if (t < losses.length) addLoss(losses, t, share * ((work.placement.weights[t] as number) * loss));
  return Number.isFinite(loss) ? gathered : badLoss(task.name, loss, gathered);
}

/** A task's loss in one more of its batches; the first of them ends its absence. */
export function addLoss(losses: Float64Array, t: number, loss: number): void {
  const before = losses[t] as number;
  losses[t] = Number.isNaN(before) ? loss : before + loss;
}

/** Adds a task's gradient blocks, times its loss' weight and `by`, to its accumulators; what went wrong, or null. `by` null: not at all. */
function addUp(
  work: EmbeddingWork,
  t: number,
  gathered: Gathered[],
  by: (table: string) => number | null,
): SkippedStep | null {
  const { draws, placement } = work;
  const { name } = taskOf(work, t);
  const weight = placement.weights[taskAt(draws, t, placement.tasks.target)] as number;
  const scale = (table: string): number | null => {
    const factor = by(table);
    return factor === null ? null : factor * weight;
  };
  for (const one of gathered) {
    if (!work.store.scatter(one, t, undefined, scale)) return badGradient(name, one.lookup.table, gathered);
  }
  return null;
}

/** Forgets what a step has come to so far. */
function begin({ store, present, losses }: EmbeddingWork, mode: (table: string) => TableMode): void {
  store.begin(present.length, mode);
  losses.fill(Number.NaN);
}

/** One gradient per place, of the touched rows of the tables that are kept by task; or what went wrong. */
export function gradientsOf(
  work: EmbeddingWork,
  mode: (table: string) => TableMode = (table) => (work.placement.balanced.has(table) ? "tasks" : "sum"),
): JoinedGradients | SkippedStep {
  const { store, present, parts, draws } = work;
  const joined = (): JoinedGradients =>
    joinParts([store.part(store.names.filter((name) => mode(name) === "tasks"))], present);
  begin(work, mode);
  if (gradientsTogether(work, mode)) return joined();
  begin(work, mode);
  for (const t of present.keys()) {
    // Nothing learns from held-out examples.
    const others = t < draws.batches * draws.tasks ? shareOf(draws, t) : null;
    for (const part of parts[t] as readonly Part[]) {
      store.recycle();
      const gathered = differentiate(work, t, part);
      if (!Array.isArray(gathered)) return gathered;
      const wrong = addUp(work, t, gathered, (table) => {
        const own = mode(table) === "tasks" ? 1 : others;
        return own === null ? null : own * part.share;
      });
      if (wrong !== null) return wrong;
    }
  }
  return joined();
}

/** The tasks' losses and their gradients, not added up yet. */
export interface Differentiated {
  /** Adds all of them, times weights by task, to one accumulator; what went wrong, or null. */
  add(by: (t: number) => number): SkippedStep | null;
}

/** The losses, with gradients that wait for the tasks' weights; or what went wrong. */
export function lossesOf(work: EmbeddingWork): Differentiated | SkippedStep {
  begin(work, () => "sum");
  const computed = lossesTogether(work, presentTasks(work));
  if (computed === null) return oneByOne(work);
  return {
    add(by) {
      if (addTogether(work, computed, by)) return null;
      const again = oneByOne(work);
      return isFailure(again) ? again : again.add(by);
    },
  };
}

function oneByOne(work: EmbeddingWork): Differentiated | SkippedStep {
  begin(work, () => "sum");
  const blocks: { readonly t: number; readonly share: number; readonly gathered: Gathered[] }[] = [];
  for (const [t, own] of work.parts.entries()) {
    for (const part of own) {
      const gathered = differentiate(work, t, part);
      if (!Array.isArray(gathered)) return gathered;
      blocks.push({ t, share: part.share, gathered });
    }
  }
  return {
    add(by) {
      for (const { t, share, gathered } of blocks) {
        const wrong = addUp(work, t, gathered, () => share * by(t));
        if (wrong !== null) return wrong;
      }
      return null;
    },
  };
}

export const isFailure = (value: object): value is SkippedStep => "reason" in value;
