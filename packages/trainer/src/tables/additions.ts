import type { Scratch } from "../memory/scratch.js";
import { at } from "../kernels/wasm.js";
import type { Unit } from "../threads/rounds.js";
import type { Team } from "../threads/team.js";
import type { Placed } from "./placed.js";
import { mostInFloat32 } from "./popular.js";
import type { Touched } from "./touched.js";

/** Blocks that are added to one accumulator, in this order: all that a step adds to it. */
export interface Addition {
  readonly touched: Touched;
  readonly task: number;
  readonly dim: number;
  readonly blocks: readonly (Placed & { readonly scale: number })[];
}

const entriesOf = ({ blocks }: Addition): number => blocks.reduce((sum, { count }) => sum + count, 0);

/** How often a row could be met at most, of so many entries that meet so many rows. */
const mostOften = (entries: number, rows: number): number => entries - rows + 1;

/** Entries that make a unit worth its handing out. */
const leastEntries = 1024;

/**
 * Adds blocks to accumulators that hold nothing yet, and, with the `last` of a step, sorts the touched rows where a thread is left for it, in one round.
 * `used`: a cell for each addition.
 *
 * An accumulator's sums are added up by one thread, or in shards of the slots by several: either way a row's entries are added in
 * the order of the blocks. `bad`: a sum is not finite. `popular`: a row is met by more entries than float32 can be trusted with.
 */
export function roundOfAdditions(
  team: Team,
  used: Scratch,
  additions: readonly Addition[],
  last: boolean,
): "done" | "bad" | "popular" {
  used.need(4 * additions.length).i32.fill(0, 0, additions.length);
  for (const addition of additions) addition.touched.room(addition.task, entriesOf(addition));
  const tables = [...new Set(additions.map(({ touched }) => touched))];
  const counted = additions.filter(
    (addition) =>
      addition.touched.accumulators === 1 && mostOften(entriesOf(addition), addition.touched.used) > mostInFloat32,
  );
  const total = additions.reduce((sum, addition) => sum + entriesOf(addition), 0);
  const plans = additions.map((addition, k) => planOf(team, addition, total, at(used.region.i32) + 4 * k));
  const units = outsideIn([
    ...plans.flatMap((plan, n) => {
      const weight = entriesOf(additions[n] as Addition) / plan.units.length;
      return plan.units.map((unit) => ({ unit, weight }));
    }),
    ...(last && team.threads > 1 ? tables : []).flatMap((touched) =>
      touched.sorting().map((unit) => ({ unit, weight: touched.used / 3 })),
    ),
    ...counted.map((addition) => ({ unit: tallying(addition), weight: entriesOf(addition) / 10 })),
  ]);
  const results = team.run(units).subarray(
    0,
    units.reduce((sum, { length }) => sum + length, 0),
  );
  // A sum that is not finite says −1, a tally how often; all others 0.
  if (results.some((result) => result < 0)) return "bad";
  let often = results.reduce((most, result) => Math.max(most, result), 0);
  for (const [n, addition] of additions.entries()) {
    const { touched, task, blocks } = addition;
    const rows = plans[n]?.rows ?? (used.region.i32[n] as number);
    touched.took(task, rows);
    if (counted.includes(addition) || mostOften(entriesOf(addition), rows) <= mostInFloat32) continue;
    const counts = team.run([tallying(addition)]);
    for (let j = 0; j < blocks.length; j++) often = Math.max(often, counts[j] as number);
  }
  return often > mostInFloat32 ? "popular" : "done";
}

const tallying = ({ touched, blocks }: Addition): Unit => touched.tallying(blocks);

interface Weighed {
  readonly unit: Unit;
  /** About how long it takes, in entries that are added. */
  readonly weight: number;
}

/** The largest at both ends, from which threads take: what is left to the last is small. */
function outsideIn(all: readonly Weighed[]): readonly Unit[] {
  const falling = [...all].sort((a, b) => b.weight - a.weight).map(({ unit }) => unit);
  const every = (from: number): Unit[] => falling.filter((_, k) => k % 2 === from);
  return [...every(0), ...every(1).reverse()];
}

interface Plan {
  readonly units: readonly Unit[];
  /** Rows that will be taken, where that is known; else the cell says it. */
  readonly rows?: number;
}

function planOf(team: Team, addition: Addition, total: number, cell: number): Plan {
  const { touched, task, dim, blocks } = addition;
  const { positions, tasks, sum } = touched.accumulator(task);
  const [column, stride, into] = [at(positions) + 4 * task, 4 * tasks, at(sum)];
  const shards = shardsOf(team, entriesOf(addition), total);
  if (shards === 1) {
    const unit = blocks.map(({ gradient, slots, count, scale }) => {
      const from = [at(gradient.region.f32), at(slots.region.i32), count, dim] as const;
      return ["scatterNext", ...from, column, stride, into, cell, scale] as const;
    });
    return { units: [unit] };
  }
  // Of one accumulator for all tasks every slot is met, and has the row of its own number.
  const rows =
    tasks === 1
      ? team.wasm.claimAll(column, touched.used)
      : blocks.reduce(
          (next, { slots, count }) => team.wasm.claim(at(slots.region.i32), count, column, stride, next),
          0,
        );
  // By the last bits of the slots: those of one shard are spread evenly over the lookups.
  const units = Array.from({ length: shards }, (_, shard) =>
    blocks.map(({ gradient, slots, count, scale }) => {
      const from = [at(gradient.region.f32), at(slots.region.i32), count, dim] as const;
      return ["scatterShard", ...from, column, stride, into, scale, shards - 1, shard] as const;
    }),
  );
  return { units, rows };
}

/** A power of two: into how many units an addition is cut, so that all threads have some of about the same size. */
function shardsOf({ threads }: Team, entries: number, total: number): number {
  if (threads === 1) return 1;
  const fair = Math.max(leastEntries, total / (3 * threads));
  return 2 ** Math.max(0, Math.ceil(Math.log2(entries / (1.5 * fair))));
}
