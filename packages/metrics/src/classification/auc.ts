import type { GaucWeighting } from "../names.js";
import { fail } from "../errors.js";
import { checkLabels } from "./labels.js";

/**
 * Area under the ROC curve: the share of (positive, negative) pairs in which the positive scores higher, ties counting
 * one half. O(n log n). NaN if there is only one class.
 *
 * @param scores any order-preserving scores: probabilities or logits
 * @param labels 0 or 1
 */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const positives = new Float64Array(checkLabels(scores, labels, "auc"));
  const negatives = new Float64Array(labels.length - positives.length);
  for (let i = 0, p = 0, n = 0; i < labels.length; i++) {
    if (labels[i] === 1) positives[p++] = scores[i]!;
    else negatives[n++] = scores[i]!;
  }
  return aucOfClasses(positives, negatives);
}

/** Sorts both classes in place and merges them. */
function aucOfClasses(positives: Float64Array, negatives: Float64Array): number {
  positives.sort();
  negatives.sort();
  let wins = 0;
  let below = 0;
  let upTo = 0;
  for (const score of positives) {
    while (below < negatives.length && negatives[below]! < score) below++;
    while (upTo < negatives.length && negatives[upTo]! <= score) upTo++;
    // Twice the wins, so that ties stay whole numbers and the sum exact.
    wins += below + upTo;
  }
  return wins / 2 / (positives.length * negatives.length);
}

/** AUC of each user that has both classes. */
export interface UserAuc {
  /** The users counted, in order of appearance. */
  readonly users: Int32Array;
  readonly auc: Float64Array;
  /** Rows of each counted user. */
  readonly impressions: Float64Array;
  /** Rows with label 1 of each counted user. */
  readonly positives: Float64Array;
}

/** AUC per user over the user's own rows; users with one class only are left out. O(n log n). */
export function aucPerUser(scores: ArrayLike<number>, labels: ArrayLike<number>, users: ArrayLike<number>): UserAuc {
  checkLabels(scores, labels, "aucPerUser");
  if (users.length !== scores.length) {
    fail("aucPerUser", `${users.length} users for ${scores.length} scores`, "pass one user id per score");
  }
  const group = new Map<number, number>();
  const groupOf = new Int32Array(users.length);
  for (let i = 0; i < users.length; i++) {
    const user = users[i]!;
    if (user !== (user | 0)) fail("aucPerUser", `the user of row ${i} is ${user}`, "pass whole numbers of 32 bits");
    let id = group.get(user);
    if (id === undefined) group.set(user, (id = group.size));
    groupOf[i] = id;
  }
  // One slot per user and class, filled by counting: positives first, then negatives.
  const starts = new Int32Array(2 * group.size + 1);
  for (let i = 0; i < users.length; i++) starts[2 * groupOf[i]! + (1 - labels[i]!) + 1]!++;
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const sorted = new Float64Array(users.length);
  const next = starts.slice();
  for (let i = 0; i < users.length; i++) sorted[next[2 * groupOf[i]! + (1 - labels[i]!)]!++] = scores[i]!;

  const ids = [...group.keys()];
  const kept: number[] = [];
  for (let g = 0; g < ids.length; g++) {
    if (starts[2 * g]! < starts[2 * g + 1]! && starts[2 * g + 1]! < starts[2 * g + 2]!) kept.push(g);
  }
  return {
    users: Int32Array.from(kept, (g) => ids[g]!),
    auc: Float64Array.from(kept, (g) =>
      aucOfClasses(
        sorted.subarray(starts[2 * g], starts[2 * g + 1]),
        sorted.subarray(starts[2 * g + 1], starts[2 * g + 2]),
      ),
    ),
    impressions: Float64Array.from(kept, (g) => starts[2 * g + 2]! - starts[2 * g]!),
    positives: Float64Array.from(kept, (g) => starts[2 * g + 1]! - starts[2 * g]!),
  };
}

/**
 * Grouped AUC: Σ w·AUC / Σ w over the users with both classes, w the user's impressions (`gauc`), positives
 * (`gauc:pos`) or 1 (`gauc:mean`). NaN if no user has both classes.
 */
export function gauc(perUser: UserAuc, weighting: GaucWeighting = "impressions"): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < perUser.auc.length; i++) {
    const weight = weighting === "mean" ? 1 : perUser[weighting][i]!;
    sum += weight * perUser.auc[i]!;
    total += weight;
  }
  return sum / total;
}
