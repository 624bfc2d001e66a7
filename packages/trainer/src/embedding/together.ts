import type { Batch } from "@gradpool/data";
import type { EmbeddingTask, Lookup } from "@gradpool/models";
import type { Placed, Together } from "../tables/placed.js";
import type { TableMode } from "../tables/store.js";
import type { Call, Unit } from "../threads/rounds.js";
import { partsOf } from "../threads/team.js";
import type { Part } from "./batches.js";
import { noteLoss, type NotedLoss } from "./noted-loss.js";
import type { EmbeddingWork } from "./work.js";

/** A task's loss that was computed, with its gradient in its blocks. */
export interface TaskBlocks {
  readonly t: number;
  readonly blocks: readonly Placed[];
}

/** Bytes of gradients that a thread has near it: tasks that need more are gone through in several rounds. */
const near = 1_500_000;

/**
 * One gradient per task, added up, in two rounds: rows of all tasks are read and their losses differentiated while the leader finds
 * their slots, then all is added up. False: begin again, and go through the tasks one by one, which says what is wrong if anything is.
 */
export function gradientsTogether(work: EmbeddingWork, mode: (table: string) => TableMode): boolean {
  const together = readyFor(work);
  if (together === null) return false;
  const groups = groupsOf(work, together, mode);
  for (const [n, tasks] of groups.entries()) {
    work.store.recycle();
    const computed = differentiateAll(work, together, tasks);
    if (computed === null || !addTogether(work, computed, () => 1, n === groups.length - 1)) return false;
  }
  return true;
}

/** Of all present tasks the losses, and their gradients; null: as above. Slots are found. */
export function lossesTogether(work: EmbeddingWork, tasks: readonly number[]): readonly TaskBlocks[] | null {
  const together = readyFor(work);
  return together === null ? null : differentiateAll(work, together, tasks);
}

/** Null where tasks must go one by one: with several batches of one, none of it would be small. */
function readyFor({ parts, draws, store: { together } }: EmbeddingWork): Together | null {
  const several = draws.places > draws.tasks || parts.some((own) => own.length > 1);
  if (together === undefined || several || !together.worth()) return null;
  return together;
}

export const presentTasks = ({ present }: EmbeddingWork): readonly number[] =>
  [...present.keys()].filter((t) => present[t] === true);

const batchOf = ({ parts }: EmbeddingWork, t: number): Batch => (parts[t] as readonly [Part])[0].batch;

function differentiateAll(
  work: EmbeddingWork,
  together: Together,
  tasks: readonly number[],
): readonly TaskBlocks[] | null {
  const all = tasks.map((t) => {
    const lookups = lookupsOf(work, t);
    return { t, lookups, blocks: lookups.map((lookup) => together.place(lookup)) };
  });
  const blocks = all.flatMap((one) => one.blocks);
  if (together.first) together.locate(blocks);
  const noted = all.map(({ t, lookups }) => {
    const task = work.model.tasks[t] as EmbeddingTask;
    if (task.kernelOnly !== task.loss) return null;
    return noteLoss(task, batchOf(work, t), lookups, together.bring);
  });
  if (!noted.every((one) => one !== null)) return null;
  const plans = noted.map((loss, k) => planOf(together, loss, (all[k] as TaskBlocks).blocks));
  const results = together.team.run(
    plans.flatMap((plan) => [...plan.units]),
    () => {
      if (!together.first) together.locate(blocks);
    },
  );
  let unit = 0;
  for (const [k, { terms, units }] of plans.entries()) {
    const { size, terms: each, share } = noted[k] as NotedLoss;
    const loss = terms === 0 ? (results[unit] as number) : together.team.wasm.addUp(terms, size * each) * share;
    unit += units.length;
    const { t } = all[k] as TaskBlocks;
    work.losses[t] = (work.placement.weights[t] as number) * loss;
    if (!Number.isFinite(loss)) return null;
  }
  return all;
}

/** Adds the tasks' gradients, times their losses' weights and `by`, to their accumulators: all that this step adds to them. */
export function addTogether(
  { store: { together }, placement }: EmbeddingWork,
  computed: readonly TaskBlocks[],
  by: (t: number) => number,
  last: boolean = true,
): boolean {
  const added = computed.flatMap(({ t, blocks }) => {
    const scale = by(t) * (placement.weights[t] as number);
    return blocks.map((block) => ({ block, task: t, scale }));
  });
  return together?.add(added, last) === true;
}

const lookupsOf = (work: EmbeddingWork, t: number): readonly Lookup[] =>
  (work.model.tasks[t] as EmbeddingTask).lookups(batchOf(work, t));

/**
 * Tasks that are gone through at once. One accumulator for all tasks must see all of them; where each has its own, as many as threads
 * have near them: alone, that is one.
 */
function groupsOf(
  work: EmbeddingWork,
  { team }: Together,
  mode: (table: string) => TableMode,
): readonly (readonly number[])[] {
  const { store, model } = work;
  const tasks = presentTasks(work);
  if (!store.names.every((name) => mode(name) === "tasks")) return [tasks];
  if (team.threads === 1) return tasks.map((t) => [t]);
  const widths = new Map(model.tables.map(({ name, dim }) => [name, dim]));
  const groups: number[][] = [];
  let room = 0;
  for (const t of tasks) {
    const bytes = lookupsOf(work, t).reduce((sum, { table, size }) => sum + 4 * size * (widths.get(table) ?? 0), 0);
    if (bytes > room || groups.length === 0) {
      groups.push([]);
      room = near * team.threads;
    }
    groups.at(-1)?.push(t);
    room -= bytes;
  }
  return groups;
}

interface Plan {
  readonly units: readonly Unit[];
  /** Where the loss' terms are written; 0: the one unit adds them up itself. */
  readonly terms: number;
}

/** Bytes of rows and gradients of a unit: some of a second-level cache, and some 30 µs. */
const unitBytes = 200_000;

/** A loss in units of samples. */
function planOf({ team }: Together, loss: NotedLoss, blocks: readonly Placed[]): Plan {
  const at = {
    tables: blocks.map(({ table }) => table.weightsAt()),
    ids: blocks.map(({ ids }) => ids.region.i32.byteOffset),
    gradients: blocks.map(({ gradient }) => gradient.region.f32.byteOffset),
  };
  const bytes = blocks.reduce((sum, { count, table }) => sum + 8 * count * table.spec.dim, 0);
  const parts = team.threads === 1 ? 1 : Math.min(loss.size, 128, Math.ceil(bytes / unitBytes));
  if (parts <= 1) return { units: [[loss.call(at, 0, loss.size, 0)]], terms: 0 };
  const terms = team.need(8 * loss.size * loss.terms);
  const call = (from: number, to: number): Call => loss.call(at, from, to, terms + 8 * loss.terms * from);
  return { units: partsOf(loss.size, parts).map(({ from, to }) => [call(from, to)]), terms };
}
