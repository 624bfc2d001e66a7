/** Items that must not be ranked for each user, in compressed sparse rows: those of user u are items[offsets[u] … offsets[u + 1]). */
export interface ItemLists {
  /** One entry per user and one more. */
  readonly offsets: ArrayLike<number>;
  readonly items: Int32Array;
}

export interface TopKOptions {
  /** User vectors, row by row: N × dim. */
  readonly users: Float32Array;
  /** Item vectors, row by row: M × dim. */
  readonly items: Float32Array;
  /** Length of a vector. */
  readonly dim: number;
  /** Length of each list; may exceed the number of items. */
  readonly k: number;
  /** Items left out of each user's list, usually those of the training part. Indexed by user, whatever `userIds` says. */
  readonly exclude?: ItemLists;
  /**
   * The items that {@link evaluateRanking} will look for, indexed by user as `exclude` is: those that K cuts off although
   * they score as the list's last item does are then known to it (see {@link TopK.ties}).
   */
  readonly relevant?: ItemLists;
  /** Ks at which to count how often each item is shown, for {@link evaluateCatalogue}; none by default. */
  readonly exposure?: readonly number[];
  /** The rows of `users` to rank, in the order of the result; all of them by default. */
  readonly userIds?: Int32Array;
  /** Added to the score of each item. */
  readonly bias?: Float32Array;
  /**
   * Threads at work, this one included. By default as many as the machine has, at most 8, for problems that take
   * longer than starting a thread; 1 where there are no worker threads. The result does not depend on it.
   */
  readonly threads?: number;
}

/** Lists of the K best items of each ranked user, best first, equal scores by ascending item. */
export interface TopK {
  /** Rows (ranked users). */
  readonly count: number;
  readonly k: number;
  /** count × k item ids; -1 where a user has fewer than k items to rank. */
  readonly items: Int32Array;
  /** count × k scores; -Infinity where `items` holds -1. */
  readonly scores: Float32Array;
  /** What K cut off among equal scores. Lists without it are taken to end where their last score does. */
  readonly ties?: CutTies;
  /** One per K of the option `exposure`. */
  readonly exposure?: readonly ItemExposure[];
}

/** How often each item is shown within the first K ranks, over orders of tied items. */
export interface ItemExposure {
  readonly k: number;
  /** Per item, the expected number of lists that show it. */
  readonly expected: Float64Array;
  /** Per item, the probability that no list shows it. */
  readonly absent: Float64Array;
}

/** Items left out of the lists only because K comes before them in a group of equal scores. */
export interface CutTies {
  /** Per list, the number of items beyond it that score as its last one does, excluded ones not counted. */
  readonly count: Int32Array;
  /** Those of them that are relevant, by list; absent where `relevant` was not given. */
  readonly relevant?: ItemLists;
}

/** A validated problem; exclusions ascend within each user. Everything in it can be sent to a worker thread. */
export interface Job {
  readonly users: Float32Array;
  readonly items: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly dim: number;
  /** Length of a list in the output. */
  readonly k: number;
  readonly itemCount: number;
  /** Rows of the output. */
  readonly count: number;
  readonly userIds: Int32Array | undefined;
  readonly excludeOffsets: ArrayLike<number> | undefined;
  readonly excludeItems: Int32Array | undefined;
}

/** Output of a job: count × k, filled with -1 and -Infinity before the ranking, and the ties that K cut off per row. */
export interface Output {
  readonly items: Int32Array;
  readonly scores: Float32Array;
  readonly tied: Int32Array;
}

/** Where a score is NaN: a row of the output and an item. */
export interface NanScore {
  readonly row: number;
  readonly item: number;
}

/** Ranks the output's rows from `start` up to `stop`. */
export type Ranker = (start: number, stop: number, output: Output) => NanScore | undefined;
