import { createRandom } from "@gradpool/core";
import type {
  BprBatch,
  CategoricalField,
  ImpressionsBatch,
  JointBatch,
  OwnerFeatures,
  PairsBatch,
  PointwiseBatch,
  RatingBatch,
} from "@gradpool/data";

/** Sizes of everything that the batches below speak of. */
export const users = 7;
export const items = 9;
export const vocabulary = 6;
const size = 8;

const ids = (random: ReturnType<typeof createRandom>, length: number, below: number): Int32Array =>
  Int32Array.from({ length }, () => random.int(below));

export function bprOf(seed: number, negativesPerPositive = 2): BprBatch {
  const random = createRandom(seed, 1);
  return {
    kind: "bpr",
    size,
    users: ids(random, size, users),
    positives: ids(random, size, items),
    negatives: ids(random, size * negativesPerPositive, items),
    negativesPerPositive,
  };
}

export function pointwiseOf(seed: number): PointwiseBatch {
  const random = createRandom(seed, 2);
  const labels = Float32Array.from({ length: size }, () => random.int(2));
  return { kind: "pointwise", size, users: ids(random, size, users), items: ids(random, size, items), labels };
}

export function ratingOf(seed: number): RatingBatch {
  const random = createRandom(seed, 3);
  const ratings = Float32Array.from({ length: size }, () => 1 + random.int(5));
  return { kind: "rating", size, users: ids(random, size, users), items: ids(random, size, items), ratings };
}

export function pairsOf(entity: "user" | "item", seed: number): PairsBatch {
  const random = createRandom(seed, 4);
  const below = entity === "user" ? users : items;
  return {
    kind: "pairs",
    size,
    entity,
    left: ids(random, size, below),
    right: ids(random, size, below),
    negatives: ids(random, size, below),
    negativesPerPositive: 1,
  };
}

/** Pairs with labels of every task; some rows of the last task have none. */
export function jointOf(tasks: readonly string[], seed: number): JointBatch {
  const random = createRandom(seed, 5);
  return {
    kind: "joint",
    size,
    tasks,
    users: ids(random, size, users),
    items: ids(random, size, items),
    labels: tasks.map(() => Float32Array.from({ length: size }, () => random.int(2))),
    masks: tasks.map((_, t) => Uint8Array.from({ length: size }, (_v, r) => Number(t < tasks.length - 1 || r % 3 > 0))),
  };
}

/** Rows with two one-hot fields, one multi-hot field whose first row is empty, and two numbers. */
export function impressionsOf(tasks: readonly string[], seed: number): ImpressionsBatch {
  const random = createRandom(seed, 6);
  const { labels, masks } = jointOf(tasks, seed);
  const oneHot = (name: string): CategoricalField => ({
    kind: "one-hot",
    name,
    vocabulary,
    ids: ids(random, size, vocabulary),
  });
  const offsets = Int32Array.from({ length: size + 1 }, (_, r) => Math.max(0, r - 1) * 2);
  return {
    kind: "impressions",
    size,
    tasks,
    users: ids(random, size, users),
    fields: [
      oneHot("user"),
      oneHot("item"),
      { kind: "multi-hot", name: "tags", vocabulary, offsets, ids: ids(random, 2 * size, vocabulary) },
    ],
    numericalNames: ["age", "price"],
    numerical: Float32Array.from({ length: 2 * size }, () => random.normal()),
    labels,
    masks,
  };
}

/** A category and a number of every owner, and of every other one a second value beside. */
export function featuresOf(owners: number, seed: number): OwnerFeatures {
  const random = createRandom(seed, 7);
  const counts = Array.from({ length: owners }, (_, owner) => 2 + (owner % 2));
  const offsets = Int32Array.from([0, ...counts.map((_, k) => counts.slice(0, k + 1).reduce((a, b) => a + b))]);
  const entries = counts.flatMap((count) => [random.int(4), 4, ...(count > 2 ? [random.int(4)] : [])]);
  return {
    features: [
      { name: "kinds", kind: "multi-hot", first: 0, rows: 4, pooling: "sum" },
      { name: "age", kind: "numerical", first: 4, rows: 1 },
    ],
    rows: 5,
    offsets,
    ids: Int32Array.from(entries),
    weights: Float32Array.from(entries, (id) => (id === 4 ? random.normal() : 1)),
    shown: new Uint8Array(owners).fill(1),
  };
}
