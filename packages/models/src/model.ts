/**
 * What a model is: plain objects of pure functions. A model owns no weights; it names its tables and variables, says
 * which rows a batch reads, and computes losses (embedding models) or tensors (tensor models) from what it is handed. The
 * trainer keeps weights, moments and gradients.
 */
import type { Batch, ImpressionsBatch, JointBatch } from "@gradpool/data";
import type { JsonObject } from "@gradpool/core";
import type * as tfjs from "@tensorflow/tfjs-core";

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

/**
 * Losses on gathered rows, as kernels that the trainer provides ({@link plainOps} is the reference). Each returns the mean
 * loss and overwrites the gradient blocks with its derivative. Blocks are row-major, `size × dim` unless said otherwise.
 */
export interface EmbeddingOps {
  /**
   * Bayesian personalised ranking: mean over the size × k pairs of −log σ(⟨left, positive⟩ − ⟨left, negative⟩).
   * `negatives` is (size · k) × dim, those of one positive next to each other.
   */
  bpr(
    left: Float32Array,
    positives: Float32Array,
    negatives: Float32Array,
    size: number,
    k: number,
    dim: number,
    dLeft: Float32Array,
    dPositives: Float32Array,
    dNegatives: Float32Array,
  ): number;
  /** Binary cross-entropy of σ(⟨left, right⟩) against 0/1 labels; mean over the rows whose mask is 1 (null: all). */
  bce(
    left: Float32Array,
    right: Float32Array,
    labels: Float32Array,
    mask: Uint8Array | null,
    size: number,
    dim: number,
    dLeft: Float32Array,
    dRight: Float32Array,
  ): number;
  /** Mean of (⟨left, right⟩ + offset − target)². */
  mse(
    left: Float32Array,
    right: Float32Array,
    targets: Float32Array,
    offset: number,
    size: number,
    dim: number,
    dLeft: Float32Array,
    dRight: Float32Array,
  ): number;
  /**
   * DirectAU on unit vectors x̂, ŷ: mean ‖x̂ − ŷ‖² + γ/2 (U(x) + U(y)), U(x) = log of the mean of exp(−2 ‖x̂ᵢ − x̂ⱼ‖²) over
   * the pairs i < j (Wang et al. 2022, eqs. 3–5).
   */
  alignUniform(
    left: Float32Array,
    right: Float32Array,
    gamma: number,
    size: number,
    dim: number,
    dLeft: Float32Array,
    dRight: Float32Array,
  ): number;
}

/** One objective of an embedding model, with a batch of its own. */
export interface EmbeddingTask<B extends Batch = Batch> {
  readonly name: string;
  /** What it minimises, in a word: for listings and for choosing a sampler. */
  readonly objective: string;
  /** What else decides its loss, resolved: becomes part of the model's options. */
  readonly options?: JsonObject;
  /** The kind of batch that it reads. */
  readonly batch: B["kind"];
  lookups(batch: B): readonly Lookup[];
  /**
   * The task's own `loss`, if that is one call of `ops.bpr`, `bce` or `mse` on the blocks as they are, each once, returns what that
   * returns, and looks at no block itself: so that the trainer may compute it later, and read rows where they lie. It changes the speed,
   * not the function; a task made from this one with another `loss` is computed as any other.
   */
  readonly kernelOnly?: (...given: never[]) => number;
  /**
   * The mean loss over the batch. `rows[k]` is the gathered block of lookup k; d loss / d rows is written to
   * `gradients[k]` (all of it: the blocks hold left-overs). NaN: no labelled row, the task is absent from the step.
   */
  loss(batch: B, rows: readonly Float32Array[], gradients: readonly Float32Array[], ops: EmbeddingOps): number;
}

/** A model that is all embeddings: losses are functions of gathered rows. No tensor library is involved. */
export interface EmbeddingModel {
  readonly kind: "embedding";
  readonly name: string;
  /** The resolved options: for reports and checkpoints. */
  readonly options: JsonObject;
  readonly tables: readonly TableSpec[];
  readonly tasks: readonly EmbeddingTask[];
  /** Full ranking: score(u, i) = ⟨users[u], items[i]⟩. */
  readonly ranking?: { readonly users: string; readonly items: string };
}

/** One objective of a tensor model: outputs of heads against the labels of the same name in the batch. */
export interface TensorTask {
  readonly name: string;
  /** `bce`: binary cross-entropy of σ(logit). `mse`: squared error of the output. Mean over the labelled rows. */
  readonly objective: "bce" | "mse";
  /**
   * The heads whose outputs make its prediction. Default: the one of its own name. Several, with `bce`: the probability is
   * the product of their σ(output), as in a funnel.
   */
  readonly heads?: readonly string[];
}

/** A term of the objective that is no task: no pool sees it, and its gradient is added to what the pool answers with. */
export interface Regularizer {
  readonly name: string;
  /** Its value, from all heads' outputs; d value / d outputs is added to `gradients`. */
  loss(outputs: Readonly<Record<string, Float32Array>>, gradients: Readonly<Record<string, Float32Array>>): number;
}

export type TensorOps = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type Tensors = Readonly<Record<string, tfjs.Tensor>>;

/** The batches a tensor model reads: the same rows for all tasks. */
export type TensorBatch = JointBatch | ImpressionsBatch;

export interface ForwardContext {
  readonly training: boolean;
  /** Inverted dropout in training, the identity otherwise. Seeded by run and step: a resumed run drops the same units. */
  dropout<X extends tfjs.Tensor>(x: X, rate: number): X;
  /**
   * In training: notes what this batch says of a statistic, which moves to (1 − share) · statistic + share · value, once the step
   * is known not to fail. Elsewhere nothing.
   */
  observe(statistic: string, value: tfjs.Tensor, share: number): void;
  /**
   * Σₖ gₖ Eₖ over all experts of all `pieces`, [size, experts, width] each, by weights g over them in order. Use it for what a task
   * reads of the cut: gradients of experts' outputs then stay the products that they are, and are never written out.
   */
  mix(weights: tfjs.Tensor2D, pieces: readonly tfjs.Tensor3D[]): tfjs.Tensor2D;
  /** Notes how `reader` (a task) mixes experts, weights [size, experts]: their means are part of a step's diagnostics. */
  gate(reader: string, experts: readonly string[], weights: tfjs.Tensor2D): void;
}

/** Weights as the host sees them, for scoring. Variables are copies, tables are views. */
export interface Weights {
  table(name: string): Float32Array;
  variable(name: string): Float32Array;
}

/** Full ranking by one head. It holds what it precomputed from the weights of the moment, until `dispose`. */
export interface Scorer {
  /** Writes the scores of all items for each user: `out[k · items + i]`. */
  score(users: Int32Array, out: Float32Array): void;
  dispose(): void;
}

/** One dense layer: inputs × outputs, and a bias for each output. */
export interface PairLayer {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/**
 * A score of a user's and an item's rows (views): a tower of dense layers with ReLU between them, over the element product of their
 * factors and, beside it, an MLP (ReLU after each layer) of their other rows side by side.
 */
export interface PairNetwork {
  readonly users: number;
  readonly items: number;
  /** Width of all four kinds of rows. */
  readonly dim: number;
  readonly factors: { readonly users: Float32Array; readonly items: Float32Array };
  readonly deep: { readonly users: Float32Array; readonly items: Float32Array; readonly layers: readonly PairLayer[] };
  /** One at least; the last has one output. */
  readonly tower: readonly PairLayer[];
}

/** Heads of dense layers: ReLU and dropout after each but the last, whose one output is the logit. */
export interface UniformHeads {
  /** Hidden layers. */
  readonly hidden: number;
  readonly dropout: number;
  /** Layer k of a task reads `<prefix>.<k>.weight` and `<prefix>.<k>.bias`. */
  prefix(task: string): string;
}

/**
 * A model in tensors: a shared trunk up to the cut, and heads from the cut up. Both are pure: the same inputs give the same
 * tensors. What both read of the batch they read through the cut, so that one backward pass serves the trunk.
 */
export interface TensorModel {
  readonly kind: "tensor";
  readonly name: string;
  /** The resolved options: for reports and checkpoints. */
  readonly options: JsonObject;
  readonly tables: readonly TableSpec[];
  readonly variables: readonly VariableSpec[];
  /** What is no parameter, and yet part of the trained model. Its functions find it among their variables. */
  readonly statistics?: readonly StatisticSpec[];
  readonly tasks: readonly TensorTask[];
  /** The rows that a batch reads. */
  lookups(batch: TensorBatch): readonly Lookup[];
  /** Dense inputs that are not learned, [size, width] row-major, handed to the trunk as `inputs.numerical`. */
  numerical?(batch: TensorBatch): { readonly values: Float32Array; readonly width: number };
  /**
   * The cut: tensors, [size, …] each and by name, that separate shared from own computation. A pool at the representation acts
   * on the tasks' gradients of all of them, joined. One may be computed from another (an input, and experts of it). Sees the
   * inputs of shared tables (and `numerical`), and the variables placed in the trunk.
   */
  trunk(tf: TensorOps, inputs: Tensors, variables: Tensors, context: ForwardContext): Tensors;
  /**
   * The outputs, [size] or [size, 1] each, by the names that the tasks call their heads. Sees the cut, beside it the inputs of
   * tables that a task owns (and `numerical`), by name, and the variables placed in the heads. A task's loss may only reach shared
   * variables and its own: see `detached` for reading others' values.
   */
  heads(tf: TensorOps, cut: Tensors, variables: Tensors, context: ForwardContext): Tensors;
  /** Added to the tasks' losses, unpooled. */
  readonly regularizer?: Regularizer;
  /**
   * Says that the cut is one matrix, and every task's head the same stack of dense layers on it, so that the trainer may run them
   * all at once, as products of stacks of matrices. It changes the speed, not the function: `heads` stays the definition.
   */
  readonly uniformHeads?: UniformHeads | undefined;
  /** Full ranking: scores of all items for blocks of users, by one task's head. */
  readonly ranking?: {
    readonly users: number;
    readonly items: number;
    /** `pairs`: a scorer of pair networks that is faster than the same in tensors; absent: there is none. */
    scorer(tf: TensorOps, task: string, weights: Weights, pairs?: (network: PairNetwork) => Scorer | null): Scorer;
  };
}
