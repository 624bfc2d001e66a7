import type { Batch, BprBatch, JointBatch, PairsBatch, PointwiseBatch, RatingBatch } from "@gradpool/data";
import type { EmbeddingTask } from "./contract/embedding.js";
import type { Lookup } from "./contract/parameters.js";
import { finite } from "./options.js";

/** Where users and items live in an embedding model. */
export interface EmbeddingSpace {
  readonly users: string;
  readonly items: string;
  readonly dim: number;
}

/** A task before it knows its model's tables: `mf` calls it with them. */
export type TaskBuilder = (space: EmbeddingSpace) => EmbeddingTask;

const block = (blocks: readonly Float32Array[], k: number): Float32Array => blocks[k] as Float32Array;
const rows = (table: string, ids: Int32Array, size: number): Lookup => ({ table, ids, size });

/** BPR on three blocks: who chooses, what was chosen, what was not. */
const preference =
  (dim: number): EmbeddingTask<BprBatch | PairsBatch>["loss"] =>
  ({ size, negativesPerPositive: k }, x, g, ops) =>
    size === 0
      ? NaN
      : ops.bpr(block(x, 0), block(x, 1), block(x, 2), size, k, dim, block(g, 0), block(g, 1), block(g, 2));

/** A task whose loss is one call of `ops`, said so: see `EmbeddingTask.kernelOnly`. */
const ofOneKernel = <B extends Batch>(task: EmbeddingTask<B>): EmbeddingTask<B> => ({ ...task, kernelOnly: task.loss });

/** Bayesian personalised ranking of a user's items over items the user did not choose (Rendle et al. 2009). */
export function bpr(name: string): TaskBuilder {
  return ({ users, items, dim }): EmbeddingTask<BprBatch> =>
    ofOneKernel<BprBatch>({
      name,
      objective: "bpr",
      batch: "bpr",
      lookups: (b) => [
        rows(users, b.users, b.size),
        rows(items, b.positives, b.size),
        rows(items, b.negatives, b.size * b.negativesPerPositive),
      ],
      loss: preference(dim),
    });
}

/** Pointwise binary cross-entropy of σ(⟨user, item⟩), on the task's own pairs. */
export function pointwise(name: string): TaskBuilder {
  return ({ users, items, dim }): EmbeddingTask<PointwiseBatch> =>
    ofOneKernel({
      name,
      objective: "bce",
      batch: "pointwise",
      lookups: (b) => [rows(users, b.users, b.size), rows(items, b.items, b.size)],
      loss: (b, x, g, ops) =>
        b.size === 0 ? NaN : ops.bce(block(x, 0), block(x, 1), b.labels, null, b.size, dim, block(g, 0), block(g, 1)),
    });
}

/** Pointwise binary cross-entropy on pairs shared by all tasks: reads the labels and the mask of its own name. */
export function jointPointwise(name: string): TaskBuilder {
  return ({ users, items, dim }): EmbeddingTask<JointBatch> =>
    ofOneKernel({
      name,
      objective: "bce",
      batch: "joint",
      lookups: (b) => [rows(users, b.users, b.size), rows(items, b.items, b.size)],
      loss(b, x, g, ops) {
        const t = b.tasks.indexOf(name);
        const labels = b.labels[t];
        const mask = b.masks[t];
        if (labels === undefined || mask === undefined || !mask.subarray(0, b.size).some((m) => m !== 0)) return NaN;
        return ops.bce(block(x, 0), block(x, 1), labels, mask, b.size, dim, block(g, 0), block(g, 1));
      },
    });
}

export interface RatingOptions {
  /** Usually the mean of the training ratings. Default 0. */
  readonly offset?: number;
  /** Usually the standard deviation of the training ratings. Default 1. */
  readonly scale?: number;
}

/**
 * Rating regression: mean of (⟨user, item⟩ − (rating − offset) / scale)². A prediction in the ratings' own unit is
 * offset + scale · ⟨user, item⟩, its mean squared error there scale² times the loss. With the training part's mean and
 * deviation the loss of the best constant is 1, whatever the unit, so that its gradients are of the size of other tasks'.
 *
 * @throws GradpoolError `invalid-option` for an offset that is not finite or a scale that is not above 0.
 */
export function ratings(name: string, options: RatingOptions = {}): TaskBuilder {
  const { offset = 0, scale = 1 } = options;
  finite(`ratings of ${name}`, "offset", offset);
  finite(`ratings of ${name}`, "scale", scale, 0);
  let held = new Float32Array(0);
  // Standardised in double precision, so that large numbers far from 0 keep their differences. Written anew for each batch.
  const standardised = (b: RatingBatch): Float32Array => {
    if (held.length < b.size) held = new Float32Array(b.size);
    for (let r = 0; r < b.size; r++) held[r] = ((b.ratings[r] as number) - offset) / scale;
    return held.subarray(0, b.size);
  };
  return ({ users, items, dim }): EmbeddingTask<RatingBatch> =>
    ofOneKernel({
      name,
      objective: "mse",
      options: { offset, scale },
      batch: "rating",
      lookups: (b) => [rows(users, b.users, b.size), rows(items, b.items, b.size)],
      loss(b, x, g, ops) {
        if (b.size === 0) return NaN;
        const [targets, shift] = scale === 1 ? [b.ratings, offset] : [standardised(b), 0];
        return ops.mse(block(x, 0), block(x, 1), targets, shift, b.size, dim, block(g, 0), block(g, 1));
      },
    });
}

/** Linked pairs of one table over unlinked ones, by BPR on dot products: `left` is to prefer `right` to its negatives. */
export function pairs(name: string, entity: "user" | "item", objective = "pairs"): TaskBuilder {
  return ({ users, items, dim }): EmbeddingTask<PairsBatch> => {
    const table = entity === "user" ? users : items;
    return ofOneKernel<PairsBatch>({
      name,
      objective,
      batch: "pairs",
      lookups: (b) => [
        rows(table, b.left, b.size),
        rows(table, b.right, b.size),
        rows(table, b.negatives, b.size * b.negativesPerPositive),
      ],
      loss: preference(dim),
    });
  };
}

/** Users who know or trust each other. */
export const socialLink = (name = "social"): TaskBuilder => pairs(name, "user", "social link");
/** Items of the same category. */
export const categoryPair = (name = "category"): TaskBuilder => pairs(name, "item", "category pair");
/** Items viewed or bought together. */
export const itemPair = (name = "co-view"): TaskBuilder => pairs(name, "item", "item pair");

/**
 * DirectAU (Wang et al. 2022): pulls the unit vectors of a user and a chosen item together and spreads users, and items, over
 * the sphere. `gamma` weighs the spreading (default 1). Reads the users and positives of a BPR batch; costs size² · dim.
 */
export function alignmentUniformity(name: string, options: { readonly gamma?: number } = {}): TaskBuilder {
  const { gamma = 1 } = options;
  return ({ users, items, dim }): EmbeddingTask<BprBatch> => ({
    name,
    objective: "alignment/uniformity",
    batch: "bpr",
    lookups: (b) => [rows(users, b.users, b.size), rows(items, b.positives, b.size)],
    loss: (b, x, g, ops) =>
      b.size === 0 ? NaN : ops.alignUniform(block(x, 0), block(x, 1), gamma, b.size, dim, block(g, 0), block(g, 1)),
  });
}
