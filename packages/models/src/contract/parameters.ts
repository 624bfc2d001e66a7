/**
 * What a model has and reads, whatever its kind: plain objects. A model owns no weights; it names its tables and variables, and says
 * which rows a batch reads. The trainer keeps weights, moments and gradients.
 */

/**
 * How weights start. `xavier` draws from U(−b, b) with b = gain √(6 / (fanIn + fanOut)), `he` with b = gain √(6 / fanIn);
 * the fans of a table are its rows and its width, those of a matrix its two sides (as torch.nn.init counts them).
 */
export type Initializer =
  | { readonly kind: "normal"; readonly std: number; readonly mean?: number }
  | { readonly kind: "uniform"; readonly bound: number }
  | { readonly kind: "xavier"; readonly gain?: number }
  | { readonly kind: "he"; readonly gain?: number }
  | { readonly kind: "constant"; readonly value: number };

/** An embedding table. It lives on the host; a step reads and writes only the rows that its batch names. */
export interface TableSpec {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly init: Initializer;
  /** What it belongs to, for the trainer's `balance` option. Default: its own name. */
  readonly module?: string;
  /** Tensor models: the task whose loss alone reaches it; no pool touches it, and `heads` reads it. Default null: shared. */
  readonly owner?: string | null;
  /** What its rows have beside themselves: who reads a row reads the sum. */
  readonly plus?: AddedRows;
}

/** Rows of another table, as wide, that are added to the rows of one: Σ weights · rows, those of row k from `offsets[k]` to `offsets[k + 1]`. */
export interface AddedRows {
  readonly table: string;
  /** One more than the rows that they are added to. */
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  /** Beside `ids`. */
  readonly weights: Float32Array;
  /** 1 for rows that training shows; in scores the mean of these stands for the others, and what is added to them stays. */
  readonly shown: Uint8Array;
}

/** A dense variable, held on the tensor backend. */
export interface VariableSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Initializer;
  /**
   * By the graph of gradients, whatever part of the model it is named after. `null`: shared, two or more tasks' losses reach it.
   * A task's name: that task's loss alone does; it takes that gradient, and never enters a pool.
   */
  readonly owner: string | null;
  /** The function that reads it. Default: `trunk` for shared ones, `heads` for a task's own. */
  readonly place?: "trunk" | "heads";
  /** What it belongs to, for the trainer's `balance` option. Default: its own name. */
  readonly module?: string;
}

/**
 * What a layer keeps of the batches that it saw, as the running mean of batch normalisation: no loss reaches it, no pool or
 * optimiser sees it. It is read as a variable is, and moves by what {@link ForwardContext.observe} was told; it is saved
 * and restored with the weights.
 */
export interface StatisticSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of every number. */
  readonly start: number;
  /** The function that reads it. */
  readonly place: "trunk" | "heads";
}

/** Which rows of a table a batch reads. */
export interface Lookup {
  readonly table: string;
  /** One id a row of the batch; with `offsets`, any number of them. Ids may repeat. */
  readonly ids: Int32Array;
  /**
   * Rows of the gathered block (without offsets: how many of `ids` count). In tensor models the batch's size, or k times
   * that: then k rows of the table lie side by side in each row of the input.
   */
  readonly size: number;
  /** Multi-hot: the ids of row r are `ids[offsets[r]] … ids[offsets[r + 1] − 1]`, pooled into one row of the block. */
  readonly offsets?: Int32Array;
  /** How a multi-hot row becomes one vector; none: zeros. Default `mean`. */
  readonly pooling?: "sum" | "mean";
  /**
   * Tensor models: the input that it becomes part of, [size, width]. Lookups of one input lie side by side, in order.
   * Default: the table's name.
   */
  readonly input?: string;
}
