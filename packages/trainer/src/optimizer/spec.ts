/**
 * An optimiser, with PyTorch's names, formulas and defaults.
 *
 * `rows` says what an embedding row goes through in a step that did not touch it.
 * - `lazy` (default): nothing. Moments decay, and weights are decayed, only in steps that touch the row; Adam's bias
 *   correction counts all steps. This is `torch.optim.SparseAdam` (with Adam's place for ε, see the README).
 * - `dense-equivalent`: what a dense optimiser would have done. The skipped steps (a gradient of zero, each) are caught up
 *   when the row is next read, so that a step still costs its batch; `settle()` catches up the whole table.
 */
export interface OptimizerSpec {
  readonly name: "sgd" | "adam" | "adamw" | "adagrad";
  readonly learningRate: number;
  /** Default 0 (adamw: 0.01). */
  readonly weightDecay?: number;
  /** `l2`: added to the gradient. `decoupled`: w ← (1 − lr·wd) w. Default `l2` (adamw: `decoupled`). */
  readonly decay?: "l2" | "decoupled";
  /** Default 0.9 (Adam). */
  readonly beta1?: number;
  /** Default 0.999 (Adam). */
  readonly beta2?: number;
  /** Default 1e-8 (Adam), 1e-10 (Adagrad). */
  readonly epsilon?: number;
  /** Default 0 (SGD). */
  readonly momentum?: number;
  /** Default `lazy`. */
  readonly rows?: "lazy" | "dense-equivalent";
}

/** All options resolved: what reports and checkpoints write. */
export type ResolvedOptimizer = Required<OptimizerSpec>;
