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

/**
 * The row kernels. Both implementations (WebAssembly SIMD, plain TypeScript) do the same float operations in the same order,
 * so they give the same bits. Arrays may be longer than said; the wasm kernels need all of them in their own memory.
 *
 * A step's *slots* number the touched rows in order of first appearance. `positions[slot · tasks + task]` is the row of
 * that task's accumulator which holds the slot's gradient, or −1.
 */
export interface Kernels {
  readonly kind: "wasm" | "plain";
  /**
   * Slots of `count` ids, making new ones. `hash`: 2^(32 − shift) pairs (id, slot), −1 where empty. Returns the slots in
   * use, or −1 − k where ids[k] is outside [0, rows).
   */
  locate(
    ids: Int32Array,
    count: number,
    rows: number,
    hash: Int32Array,
    shift: number,
    slotIds: Int32Array,
    used: number,
    slots: Int32Array,
  ): number;
  rehash(hash: Int32Array, shift: number, slotIds: Int32Array, used: number): void;
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
  gatherPooled(
    table: Float32Array,
    ids: Int32Array,
    offsets: Int32Array,
    count: number,
    dim: number,
    mean: boolean,
    out: Float32Array,
  ): void;
  /** Returns the accumulator's rows in use, or −1 if a sum is not finite. */
  scatter(
    gradient: Float32Array,
    slots: Int32Array,
    count: number,
    dim: number,
    positions: Int32Array,
    tasks: number,
    task: number,
    accumulator: Float32Array,
    used: number,
    scale: number,
  ): number;
  scatterPooled(
    gradient: Float32Array,
    slots: Int32Array,
    offsets: Int32Array,
    count: number,
    dim: number,
    mean: boolean,
    positions: Int32Array,
    tasks: number,
    task: number,
    accumulator: Float32Array,
    used: number,
    scale: number,
  ): number;
  /** Adds to `out`: one T × T lower triangle, or one per row, at the places that `ranks` gives the slots. */
  gram(
    positions: Int32Array,
    used: number,
    tasks: number,
    accumulators: readonly Float32Array[],
    dim: number,
    normsOnly: boolean,
    ranks: Int32Array | null,
    perRow: boolean,
    out: Float64Array,
  ): void;
  /** ‖gradient‖ of each row and task, rows × tasks by `ranks`; 0 where the task did not touch the row. */
  rowNorms(
    positions: Int32Array,
    used: number,
    tasks: number,
    accumulators: readonly Float32Array[],
    dim: number,
    ranks: Int32Array | null,
    out: Float64Array,
  ): void;
  /** One task's gradient as touched rows × dim. */
  expand(
    positions: Int32Array,
    tasks: number,
    task: number,
    used: number,
    accumulator: Float32Array,
    dim: number,
    order: Int32Array | null,
    out: Float32Array,
  ): void;
  configure(hyperparameters: Hyperparameters): void;
  /** Adam's bias correction for the next `apply…`: lr / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ). */
  correct(stepSize: number, root: number): void;
  applyTasks(
    table: Float32Array,
    first: Float32Array | null,
    second: Float32Array | null,
    slotIds: Int32Array,
    used: number,
    order: Int32Array | null,
    positions: Int32Array,
    tasks: number,
    accumulators: readonly Float32Array[],
    weights: Float32Array,
    perRow: boolean,
    dim: number,
    buffer: Float32Array,
  ): void;
  applyValues(
    table: Float32Array,
    first: Float32Array | null,
    second: Float32Array | null,
    slotIds: Int32Array,
    used: number,
    order: Int32Array | null,
    values: Float32Array,
    dim: number,
  ): void;
  /** Replays the steps after `last[id]` up to `until` with a zero gradient; `ids` null: rows 0 … count − 1. */
  catchUp(
    table: Float32Array,
    first: Float32Array | null,
    second: Float32Array | null,
    last: Int32Array,
    ids: Int32Array | null,
    count: number,
    until: number,
    stepSizes: Float32Array,
    roots: Float32Array,
    dim: number,
    buffer: Float32Array,
  ): void;
}
