/** What a method treats on its own: the whole model, each parameter tensor, or each embedding row. */
export const granularities = ["model", "parameter", "row"] as const;
export type Granularity = (typeof granularities)[number];

export type FloatArray = Float32Array | Float64Array;

/** One shared parameter as a pool sees it. */
export interface ParameterInfo {
  readonly name: string;
  /** `rows`: an embedding table, of which only the rows that some task touched are there. */
  readonly kind: "dense" | "rows";
  /** Coordinates of one gradient: the tensor's size, or touched rows × width. */
  readonly size: number;
  /** Columns of a table (1 for dense). */
  readonly width: number;
  /** Ids of the touched rows, ascending (tables only). */
  readonly ids?: Int32Array;
}

/** Groups that belong together: one parameter (or the whole model, `parameter: null`). */
export interface GroupBlock {
  readonly parameter: string | null;
  /** Row granularity, tables only: the row id of each group. */
  readonly ids?: Int32Array;
  readonly count: number;
}

/**
 * The Gram matrices of all groups of one granularity, in unit-row form: G[i,j] = nᵢ nⱼ c[i,j]. Norms and cosines keep
 * their accuracy where G itself would square the ratio of the row scales.
 */
export interface GramSet {
  readonly granularity: Granularity;
  /** T. */
  readonly tasks: number;
  readonly present: readonly boolean[];
  readonly blocks: readonly GroupBlock[];
  /** Number of groups: the sum of the blocks' counts. */
  readonly size: number;
  /** size × T. */
  readonly norms: Float64Array;
  /** size × T × T; 1 on the diagonal, 0 in the row and column of a zero gradient. Empty when only norms were asked for. */
  readonly cosines: Float64Array;
}

/** Weights per group and task: row-major, groups × T, in the order of the {@link GramSet} of that granularity. */
export interface GroupWeights {
  readonly granularity: Granularity;
  readonly weights: Float64Array;
}

/** A T × T transform per group: task i's row becomes Σⱼ C[i,j] gⱼ. `diagonal`: only the T diagonal entries are kept. */
export interface GroupMixing {
  readonly granularity: Granularity;
  readonly diagonal: boolean;
  /** groups × T × T row-major, or groups × T when diagonal. */
  readonly matrices: Float64Array;
}

/** X = J₁J₂ᵀ per group, in unit-row form: X[i,j] = nᵢ mⱼ c[i,j]. A sum over parameters like the Gram. */
export interface CrossGram extends Omit<GramSet, "cosines"> {
  /** Present in both batches. */
  readonly present: readonly boolean[];
  /** m, of the second batch: size × T. */
  readonly others: Float64Array;
  /** size × T × T: row i of the first batch, column j of the second. */
  readonly cosines: Float64Array;
}

/** The combined gradient: one vector per parameter, held or computed when asked for. */
export interface Combined {
  /**
   * `gradient` (absent means that), for an optimiser; or `update`, which is applied as θ − lr · d: no moments, no clipping, weight decay
   * decoupled. A pool that answers with updates says so beforehand (`answers`).
   */
  readonly kind?: "gradient" | "update";
  /** The weights that made it, where weights did. */
  readonly weights?: GroupWeights;
  /** It is the mean of these, each made by the same weights of another batch of the step: whoever holds the batches may weigh them at once. */
  readonly mean?: readonly Combined[];
  /** The combined gradient of a parameter: as many coordinates as {@link ParameterInfo.size}. */
  value(parameter: string): FloatArray;
}

/**
 * The gradients of one step, lazily: the Gram is computed when asked for, and once. Trainers implement this over their
 * own storage; `taskGradients` is the reference on typed arrays.
 */
export interface TaskGradients {
  /** T. */
  readonly tasks: number;
  /** Per task: false where the task had no labelled sample in this step. An absent task enters no computation. */
  readonly present: readonly boolean[];
  readonly parameters: readonly ParameterInfo[];
  /** Norms and cosines per group. With `detail: "norms"` the cosines may be left out (cheaper). */
  gram(granularity: Granularity, detail?: "norms" | "gram"): GramSet;
  /** The cross-Gram with another batch of the same step; absent: `crossGram` computes it from `values`. */
  cross?(other: TaskGradients, granularity: Granularity): CrossGram;
  /** Σᵢ wᵢ gᵢ per group. */
  combine(weights: GroupWeights): Combined;
  /** The T gradients of one parameter, each of {@link ParameterInfo.size} coordinates. Not to be written to. */
  values(parameter: string): readonly FloatArray[];
  /** A combined gradient from its own coordinates, for pools that do not answer with weights. */
  assemble(values: ReadonlyMap<string, FloatArray>): Combined;
}
