/**
 * What a training step reads. All ids are dense (0 … users − 1, 0 … items − 1). A sampler owns the arrays of its
 * batches and overwrites them on the next call of `next()`: whoever needs a batch for longer copies it.
 * Every array of a batch is exactly as long as said below; the last batch of an epoch may be shorter than the others.
 */

/** Triples (user, item the user chose, item the user did not), for Bayesian personalised ranking and for contrastive losses. */
export interface BprBatch {
  readonly kind: "bpr";
  readonly size: number;
  /** `size` users. */
  readonly users: Int32Array;
  /** `size` items, each a training positive of its user for this task. */
  readonly positives: Int32Array;
  /** `size × negativesPerPositive` items, those of one positive next to each other; never a known positive of the user. */
  readonly negatives: Int32Array;
  readonly negativesPerPositive: number;
}

/** One task's pairs with a 0/1 label: each positive is followed by its negatives. */
export interface PointwiseBatch {
  readonly kind: "pointwise";
  readonly size: number;
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** 1 for a positive, 0 for a sampled negative. */
  readonly labels: Float32Array;
}

/** The same pairs for all tasks at once: one forward pass of the shared part serves every task. */
export interface JointBatch {
  readonly kind: "joint";
  readonly size: number;
  readonly tasks: readonly string[];
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** `labels[t]` holds `size` labels of task t. */
  readonly labels: readonly Float32Array[];
  /** `masks[t]` holds 1 where task t has a label, 0 where its loss must leave the row out. */
  readonly masks: readonly Uint8Array[];
}

/** Pairs with a real value, for regression. */
export interface RatingBatch {
  readonly kind: "rating";
  readonly size: number;
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly ratings: Float32Array;
}

/** Pairs among users (social links) or among items (same category, viewed together, bought together), with negatives. */
export interface PairsBatch {
  readonly kind: "pairs";
  readonly size: number;
  /** Which embedding table both sides read. */
  readonly entity: "user" | "item";
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** `size × negativesPerPositive` ids not linked to their `left`, and never `left` itself. */
  readonly negatives: Int32Array;
  readonly negativesPerPositive: number;
}

/** A categorical feature with one value a row; value 0 is "missing or unknown". */
export interface OneHotField {
  readonly kind: "one-hot";
  readonly name: string;
  /** Number of values, the missing one included. */
  readonly vocabulary: number;
  /** `size` values. */
  readonly ids: Int32Array;
}

/** A categorical feature with any number of values a row (pool the embeddings of one row by sum or mean). */
export interface MultiHotField {
  readonly kind: "multi-hot";
  readonly name: string;
  readonly vocabulary: number;
  /** `size + 1` offsets into `ids`: the values of row r are `ids[offsets[r]] … ids[offsets[r + 1] − 1]`. */
  readonly offsets: Int32Array;
  /** At least `offsets[size]` values; what lies behind is left over from earlier batches. */
  readonly ids: Int32Array;
  /** What the set was told. Default `mean`. */
  readonly pooling?: "sum" | "mean";
}

export type CategoricalField = OneHotField | MultiHotField;

/** Rows as they were shown to users, with features and one or more labels. The user and the item are fields too (`user`, `item`). */
export interface ImpressionsBatch {
  readonly kind: "impressions";
  readonly size: number;
  readonly tasks: readonly string[];
  /** `size` users: for metrics grouped by user. */
  readonly users: Int32Array;
  readonly fields: readonly CategoricalField[];
  readonly numericalNames: readonly string[];
  /** `size × numericalNames.length`, row after row, scaled by what the training rows are like; 0 where missing. */
  readonly numerical: Float32Array;
  /** `labels[t]` holds `size` labels of task t, 0 where masked. */
  readonly labels: readonly Float32Array[];
  /** `masks[t]` holds 1 where task t has a label, 0 where it is missing. */
  readonly masks: readonly Uint8Array[];
  /** What each row counts for in the losses. Absent: 1. */
  readonly weights?: Float32Array;
}

export type Batch = BprBatch | PointwiseBatch | JointBatch | RatingBatch | PairsBatch | ImpressionsBatch;

/** Plain data: put it in a checkpoint, hand it to `restore` of a sampler made with the same arguments. */
export interface SamplerState {
  /** Epochs begun, counted from 0. */
  readonly epoch: number;
  /** Positives of this epoch already handed out. */
  readonly position: number;
  /** State of the generator of negatives. */
  readonly random: readonly number[];
}

export interface LeftOut {
  /** Dense ids, ascending. */
  readonly users: readonly number[];
  readonly pairs: number;
}

/**
 * An endless, seeded stream of batches. An epoch visits every positive (or row) once, in an order of its own;
 * the batch after the last one of an epoch is the first one of the next.
 */
export interface Sampler<B extends Batch = Batch> {
  readonly kind: B["kind"];
  /** Positives (or rows) in an epoch. */
  readonly length: number;
  /** Positives (or rows) in a full batch. */
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  /** Positives that no epoch visits, because their users have every item, so that there is no negative. Absent: none. */
  readonly leftOut?: LeftOut;
  next(): B;
  /**
   * Of rows that come from elsewhere: resolves once `next` need not wait, and rejects with what keeps them from coming. Undefined, or absent: it need
   * not wait now.
   */
  ready?(): Promise<void> | undefined;
  /** Lets go of what fetches the rows; the next call begins where it stood. */
  close?(): void;
  state(): SamplerState;
  restore(state: SamplerState): void;
}
