/** Models that are all embeddings: pure functions of gathered rows, which write their own derivatives. */
import type { JsonObject } from "@gradpool/core";
import type { Batch } from "@gradpool/data";
import type { Lookup, TableSpec } from "./parameters.js";

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
