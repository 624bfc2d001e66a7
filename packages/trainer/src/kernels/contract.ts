import type { GraphKernels, LayerKernels, PlaneKernels } from "./graph.js";
import type { WideRows } from "./wide-rows.js";

/** An optimiser's constants, as the kernels take them (all float32 there). */
export interface Hyperparameters {
  readonly kind: "sgd" | "adam" | "adagrad";
  readonly rate: number;
  /** Added to the gradient, times the weight (L2). */
  readonly decay: number;
  /** Multiplies the weight in each step (decoupled decay): 1 − lr · wd, or 1. */
  readonly keep: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly momentum: number;
}

/** A hash from ids to slots: 2^(32 − shift) pairs (id, slot), −1 where empty; and the ids of the slots in use. */
export interface SlotHash {
  readonly cells: Int32Array;
  readonly shift: number;
  readonly slotIds: Int32Array;
  readonly used: number;
}

/** Multi-hot lookups: row r of a block is made of the ids offsets[r] … offsets[r + 1] − 1. */
export interface Pooling {
  readonly offsets: Int32Array;
  /** Their mean, else their sum. */
  readonly mean: boolean;
  /** What each entry counts for, beside the ids, where gradients go back and in `addPooled`. Default: 1. */
  readonly weights?: Float32Array;
}

/** A block of `count` gradients, and the slots that they belong to. */
export interface ScatteredBlock {
  readonly gradient: Float32Array;
  readonly slots: Int32Array;
  readonly count: number;
  readonly dim: number;
  readonly scale: number;
}

/** Where gradients lie per slot and task: the row `positions[slot · tasks + task]` of the task's accumulator, or −1. */
export interface Positions {
  readonly positions: Int32Array;
  readonly tasks: number;
}

/** One task's accumulator, of which `used` rows are taken. */
export interface Accumulator extends Positions {
  readonly task: number;
  readonly sum: Float32Array;
  readonly used: number;
}

/** All tasks' accumulators, for the first `used` slots. */
export interface Accumulators extends Positions {
  readonly sums: readonly Float32Array[];
  readonly used: number;
  readonly dim: number;
}

export interface GramDetail {
  readonly normsOnly: boolean;
  /** One T × T triangle per slot, at these places; null: one for all of them. */
  readonly ranks: Int32Array | null;
}

/** Rows with their optimiser state, in one memory. */
export interface OptimizedRows {
  readonly weights: Float32Array;
  readonly first: Float32Array | null;
  readonly second: Float32Array | null;
  readonly dim: number;
}

/** Rows that each task moves by an Adam of its own: `sets` rows of moments, and as many step counters, for each of the table's. */
export interface ApartRows {
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly counts: Int32Array;
  readonly dim: number;
}

/** Adam's corrections of a task's n-th step, without the rate: 1/(1 − β₁ⁿ) and 1/√(1 − β₂ⁿ), up to the `last`, from which on they stay. */
export interface Corrections {
  readonly sizes: Float32Array;
  readonly roots: Float32Array;
  readonly last: number;
}

/** The rows that a step touches, by slot, and the order in which slots are visited (null: as they come). */
export interface TouchedRows {
  readonly slotIds: Int32Array;
  readonly used: number;
  readonly order: Int32Array | null;
}

/** Weights of the tasks: T, or visited rows × T. */
export interface TaskWeights {
  readonly weights: Float32Array;
  readonly perRow: boolean;
}

/** How far rows lag behind: each has done the steps up to `last`, and is to have done those up to `until`. */
export interface Lag {
  readonly last: Int32Array;
  readonly until: number;
  /** Adam's corrections by step. */
  readonly stepSizes: Float32Array;
  readonly roots: Float32Array;
}

/**
 * The row kernels. Both implementations (WebAssembly SIMD, plain TypeScript) do the same float operations in the same order,
 * so they give the same bits. Arrays may be longer than said; the wasm kernels need all of them in their own memory, and
 * take no view further than the call: memory may grow between two of them.
 *
 * A step's *slots* number the touched rows in order of first appearance.
 */
export interface Kernels extends GraphKernels, PlaneKernels, LayerKernels {
  readonly kind: "wasm" | "plain";
  /** Slots of `count` ids, making new ones. Returns the slots in use, or −1 − k where ids[k] is outside [0, rows). */
  locate(ids: Int32Array, count: number, rows: number, hash: SlotHash, slots: Int32Array): number;
  /** Files the slots in use into emptied cells. */
  rehash(hash: SlotHash): void;
  /** Slots by ascending id. `temp`: as long as `order`; `histogram`: 2048. */
  sortSlots(
    slotIds: Int32Array,
    used: number,
    rows: number,
    order: Int32Array,
    temp: Int32Array,
    histogram: Int32Array,
  ): void;
  gather(table: Float32Array, ids: Int32Array, count: number, dim: number, out: Float32Array): void;
  /** Only on several threads: as `gather`, while this one does something else that makes no use of `out`. */
  gatherWhile?(
    meanwhile: (() => void) | undefined,
    table: Float32Array,
    ids: Int32Array,
    count: number,
    dim: number,
    out: Float32Array,
  ): void;
  gatherPooled(
    table: Float32Array,
    ids: Int32Array,
    pooling: Pooling,
    count: number,
    dim: number,
    out: Float32Array,
  ): void;
  /** out[r] += Σ weights[o] × table[ids[o]], over the entries of row r in their order; `mean` is not looked at. */
  addPooled(
    table: Float32Array,
    ids: Int32Array,
    pooling: Pooling,
    count: number,
    dim: number,
    out: Float32Array,
  ): void;
  /** Returns the accumulator's rows in use, or −1 if a sum is not finite. */
  scatter(block: ScatteredBlock, into: Accumulator): number;
  scatterPooled(block: ScatteredBlock, pooling: Pooling, into: Accumulator): number;
  /** Counts the entries of slots: counts[slots[k]]++. Returns the largest count met. */
  tally(slots: Int32Array, count: number, counts: Int32Array): number;
  /**
   * As `scatter`, or with `pooling` as `scatterPooled`, but the slots that have a place in `wide` are added up there. They get
   * a row in the accumulator, which is left as it is.
   */
  scatterWide(block: ScatteredBlock, pooling: Pooling | null, into: Accumulator, wide: WideRows): number;
  /** Adds raw inner products to `out`: T × T, lower triangles. */
  gram(of: Accumulators, detail: GramDetail, out: Float64Array): void;
  /** ‖gradient‖ of each row and task, rows × tasks by `ranks`; 0 where the task did not touch the row. */
  rowNorms(of: Accumulators, ranks: Int32Array | null, out: Float64Array): void;
  /** One task's gradient as touched rows × dim. */
  expand(of: Accumulators, task: number, order: Int32Array | null, out: Float32Array): void;
  /**
   * Σ wᵢ gᵢ of each slot, visited in `order`, to row `places[slot]` (null: row slot) of `out`, which may be the first task's
   * accumulator, in place. Zeros for a slot that no task touched.
   */
  combine(
    of: Accumulators,
    by: TaskWeights,
    order: Int32Array | null,
    places: Int32Array | null,
    out: Float32Array,
  ): void;
  /** Is none of the first `length` numbers infinite or NaN? */
  finite(x: Float32Array, length: number): boolean;
  configure(hyperparameters: Hyperparameters): void;
  /** Adam's bias correction for the next `apply…`: lr / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ). */
  correct(stepSize: number, root: number): void;
  /** One step of the optimiser with Σ wᵢ gᵢ, each coordinate of it within ± `bound` (default: none). `buffer`: a row. */
  applyTasks(
    rows: OptimizedRows,
    touched: TouchedRows,
    of: Accumulators,
    by: TaskWeights,
    buffer: Float32Array,
    bound?: number,
  ): void;
  /** The same, but each task moves the rows that it touched by an Adam of its own. `weights`: of whole tasks. */
  applyApart(rows: ApartRows, touched: TouchedRows, of: Accumulators, weights: Float32Array, by: Corrections): void;
  /** One step with gradients that are there, visited rows × dim: `scale` (default 1) times them, each coordinate then within ± `bound`, which is written over them. */
  applyValues(rows: OptimizedRows, touched: TouchedRows, values: Float32Array, scale?: number, bound?: number): void;
  /** Replays skipped steps with a gradient of zero. `ids` null: rows 0 … count − 1. `buffer`: a row. */
  catchUp(rows: OptimizedRows, lag: Lag, ids: Int32Array | null, count: number, buffer: Float32Array): void;
}
