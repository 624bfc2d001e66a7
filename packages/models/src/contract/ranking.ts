/** Full ranking by a trained tensor model: what scores all items for a user, and what it may read. */

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
