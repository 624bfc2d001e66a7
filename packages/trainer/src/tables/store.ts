import type { GroupWeights } from "@gradpool/core";
import type { Lookup, TableSpec } from "@gradpool/models";
import type { TableMemoryOptions } from "../memory/options.js";
import type { MemoryUse } from "../memory/use.js";
import type { OptimizerSpec } from "../optimizer/spec.js";
import type { Crew } from "../threads/crew.js";
import type { StateArray } from "../parameters/state.js";
import type { Limit, Update } from "../engine/limit.js";
import type { GradientPart } from "../gradients/part.js";
import type { Together } from "./placed.js";

export interface TableStoreOptions {
  readonly tables: readonly TableSpec[];
  readonly optimizer: OptimizerSpec;
  readonly seed: number;
  readonly initial?: ReadonlyMap<string, Float32Array>;
  readonly memory?: TableMemoryOptions;
  /** Threads that the kernels are shared out to. Default: none but this one. */
  readonly crew?: Crew;
  /** Tables whose rows each task moves by an Adam of its own. Default: none. */
  readonly apart?: TablesApart;
}

/** AdaTask's moments, in the rows' own memory: for each of `sets` accumulators, with step counters of a row's own. */
export interface TablesApart {
  readonly tables: ReadonlySet<string>;
  readonly sets: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The block of rows that a lookup gathered. */
export interface Gathered {
  readonly lookup: Lookup;
  /** lookup.size × dim, row-major (pooled where the lookup has offsets). A view, valid until the next `begin`. */
  readonly rows: Float32Array;
  /** Room for d loss / d rows, of the same shape: hand it to `scatter`, or any other array of that shape. */
  readonly gradient: Float32Array;
}

/**
 * The tables of a model with their optimiser. One step is
 *
 *     store.begin(accumulators)           accumulators per table: one (weights known, or a plain sum), or one per task
 *     const g = store.gather(lookup)      as often as there are lookups
 *     store.scatter(g, task, gradient)    adds scale × gradient to the task's accumulator; false: something is not finite
 *     store.part(tables)                  the touched rows as one part of the step's TaskGradients
 *     store.apply(…)                      fused weighted combine + row-wise optimiser, on touched rows only
 *
 * Nothing in it is of the size of a table.
 */
export interface TableStore {
  readonly backend: "wasm" | "plain";
  readonly names: readonly string[];
  /**
   * Starts a step. `mode(table)`: `tasks` keeps one accumulator per task, `sum` a single one, to which every task adds; `through` the
   * same of a table whose rows are added to others': its gradient comes by `passOn`, once the pool has answered for those.
   * `unpooled` of them come after the tasks' and are no pool's business: `apply` adds them as they are.
   * Forgets all blocks of the step before.
   */
  begin(tasks: number, mode: (table: string) => TableMode, unpooled?: number): void;
  /** Says that no block gathered so far is needed any more: the next ones reuse their (warm) memory. */
  recycle(): void;
  gather(lookup: Lookup): Gathered;
  /**
   * Adds scale × gradient (lookup.size × dim) at the lookup's rows. The gradient defaults to the block `gathered.gradient`.
   * Returns false if a sum is not finite; nothing was applied yet then, and `begin` forgets it all.
   */
  scatter(gathered: Gathered, task: number, gradient?: Float32Array, scale?: Scale): boolean;
  /** The touched rows of these tables (each in mode `tasks`) for the pool. Call after all scatters. */
  part(tables: readonly string[]): GradientPart;
  /**
   * One optimiser step on the touched rows of a table. `weights`: the pool's answer for this table, as groups × T (one group,
   * or one per touched row in the order of `part`'s ids); absent: the plain sum. `values` instead of weights: the
   * combined gradient itself, touched rows × dim in that order. `limit`: what it goes through first.
   */
  apply(table: string, combine?: Combine, limit?: Limit): void;
  /** The same, put off: what `applyWithin` takes. Costs the touched rows, whatever is limited. */
  update(table: string, combine?: Combine): Update;
  /**
   * Hands the combined gradient of a table's touched rows on to what these have beside themselves, in the mode `through`; false: a sum is
   * not finite. Nothing for a table without.
   */
  passOn(table: string, combine: Combine): boolean;
  /** Carries out together what `work` applies: updates wait for each other, and threads share them all at once, `meanwhile` on this one. */
  atOnce(work: () => void, meanwhile?: () => void): void;
  /** Several lookups at once; absent where each goes by itself. */
  readonly together?: Together;
  /** Ends the step: the optimiser's step counter moves on. Call once after all `apply`s (not after a skipped step). */
  end(): void;
  setLearningRate(learningRate: number): void;
  settle(): void;
  /** The whole table as a view; valid until memory grows (a step may grow it): take it afresh. */
  table(name: string): Float32Array;
  /** Whether its rows are read only as what others have beside themselves. */
  isAdded(name: string): boolean;
  /** A table's rows with what they have beside themselves, as scores are made of: a copy, or the table where they have nothing. */
  composed(name: string): Float32Array;
  /** Named arrays `table/<name>`, `<state>/<name>`: views of live memory. */
  state(): { readonly arrays: ReadonlyMap<string, StateArray>; readonly step: number };
  restore(arrays: ReadonlyMap<string, StateArray>, step: number): void;
  memory(): MemoryUse;
  dispose(): void;
}

/** What a gradient is multiplied by, or by whose table it is added to; null: it is not added there. */
export type Scale = number | ((table: string) => number | null);

export type TableMode = "tasks" | "sum" | "through";

export interface RowWeights extends Pick<GroupWeights, "granularity"> {
  /** Accumulators that take no part: rows that they alone touched stay as they are. */
  readonly left?: readonly number[];
  /** T (granularity model or parameter) or touched rows × T (row), already cut out for this table. */
  readonly weights: Float64Array;
}

/** Weights for a fused combination, or the combined gradient itself: touched rows × dim. */
export type Combine = RowWeights | { readonly values: Float32Array | Float64Array };
