import type { BprBatch, JointBatch, PointwiseBatch, RatingBatch, Sampler } from "../batches.js";
import { problem } from "../errors.js";
import { expandOffsets, type Interactions, type PreparedSet } from "../prepared-set.js";
import { atLeastOne, createSampler, type NegativeOptions, type SamplerOptions } from "./engine.js";
import { behaviorOf, knownOf, popularity, unionOf, usersOf } from "./known.js";
import { contains, createNegatives } from "./negatives.js";

export interface InteractionSamplerOptions extends SamplerOptions, NegativeOptions {
  /** The behaviour to sample from. Default: the target. */
  readonly task?: string;
  /**
   * A negative is never one of the user's training items of this `task` (default), or of `all` behaviours
   * (the thesis: "pairs with no interaction of that user").
   */
  readonly exclude?: "task" | "all";
}

/**
 * Triples for BPR: every training pair of the task once an epoch, each with its own negatives.
 *
 * @throws GradpoolError: `invalid-option` for an unknown task, `invalid-input` if it has no training pair or a user has every item.
 */
export function bprSampler(set: PreparedSet, options: InteractionSamplerOptions): Sampler<BprBatch> {
  const { task = set.target, exclude = "task" } = options;
  const name = `bprSampler of ${task}`;
  const { train } = behaviorOf(set, task);
  const each = atLeastOne(options.negativesPerPositive ?? 1, "negativesPerPositive", name);
  const owners = usersOf(train);
  const weights = options.negatives === "popularity" ? popularity(train.items, set.items) : undefined;
  const draw = createNegatives(knownOf(set, task, exclude), set.items, owners, name, weights);
  const users = new Int32Array(options.batchSize);
  const positives = new Int32Array(options.batchSize);
  const negatives = new Int32Array(options.batchSize * each);
  return createSampler<BprBatch>({
    ...options,
    kind: "bpr",
    name,
    length: train.items.length,
    make: (size) => ({
      kind: "bpr",
      size,
      users: users.subarray(0, size),
      positives: positives.subarray(0, size),
      negatives: negatives.subarray(0, size * each),
      negativesPerPositive: each,
    }),
    fill(_batch, order, start, size, random) {
      for (let k = 0; k < size; k++) {
        const pair = order[start + k] as number;
        const user = owners[pair] as number;
        users[k] = user;
        positives[k] = train.items[pair] as number;
        for (let n = 0; n < each; n++) negatives[k * each + n] = draw(user, random);
      }
    },
  });
}

/**
 * Pairs with 0/1 labels: each training pair of the task, then its `negativesPerPositive` negatives. A batch of
 * `batchSize` positives has `batchSize × (1 + negativesPerPositive)` rows.
 */
export function pointwiseSampler(set: PreparedSet, options: InteractionSamplerOptions): Sampler<PointwiseBatch> {
  const { task = set.target, exclude = "task" } = options;
  const name = `pointwiseSampler of ${task}`;
  const { train } = behaviorOf(set, task);
  const each = atLeastOne(options.negativesPerPositive ?? 1, "negativesPerPositive", name);
  const owners = usersOf(train);
  const weights = options.negatives === "popularity" ? popularity(train.items, set.items) : undefined;
  const draw = createNegatives(knownOf(set, task, exclude), set.items, owners, name, weights);
  const width = 1 + each;
  const users = new Int32Array(options.batchSize * width);
  const items = new Int32Array(options.batchSize * width);
  const labels = new Float32Array(options.batchSize * width).map((_, k) => (k % width === 0 ? 1 : 0));
  return createSampler<PointwiseBatch>({
    ...options,
    kind: "pointwise",
    name,
    length: train.items.length,
    make: (size) => ({
      kind: "pointwise",
      size: size * width,
      users: users.subarray(0, size * width),
      items: items.subarray(0, size * width),
      labels: labels.subarray(0, size * width),
    }),
    fill(_batch, order, start, size, random) {
      for (let k = 0; k < size; k++) {
        const pair = order[start + k] as number;
        const user = owners[pair] as number;
        const row = k * width;
        users.fill(user, row, row + width);
        items[row] = train.items[pair] as number;
        for (let n = 1; n < width; n++) items[row + n] = draw(user, random);
      }
    },
  });
}

export interface JointSamplerOptions extends SamplerOptions, NegativeOptions {
  /** Default: every behaviour. */
  readonly tasks?: readonly string[];
  /** Positive rows are the training pairs of any task (`union`, default) or of the `target` alone. */
  readonly over?: "union" | "target";
  /**
   * What another task's pair is to a task that has it not: no label (`unlabelled`, default: mask 0), or a `negative`.
   * Negatives make the target push away what its users put into the cart, against the auxiliary task and against the pairs
   * that are held out.
   */
  readonly missing?: "unlabelled" | "negative";
}

/** Bit t of a pair's number: task t has the pair. Looked up once here, in order, instead of at random in every batch. */
function holdersOf(items: Int32Array, owners: Int32Array, parts: readonly Interactions[]): Uint32Array {
  const holders = new Uint32Array(items.length);
  for (const [t, { offsets, items: own }] of parts.entries()) {
    for (let pair = 0; pair < items.length; pair++) {
      const user = owners[pair] as number;
      if (contains(own, offsets[user] as number, offsets[user + 1] as number, items[pair] as number)) {
        holders[pair] = (holders[pair] as number) | (1 << t);
      }
    }
  }
  return holders;
}

/**
 * The thesis' batches: pairs with one label for every task at once. Each pair that any task has in training comes once an
 * epoch, followed by negatives that the user has under no behaviour at all ("randomly sampled from user-item pairs with no
 * interaction", Lee 2023, §3.1). A task's label is 1 if its training part holds the pair, 0 for the sampled negatives; a
 * pair that only others hold has no label for it, unless `missing` is `negative`.
 */
export function jointSampler(set: PreparedSet, options: JointSamplerOptions): Sampler<JointBatch> {
  const tasks = options.tasks ?? Object.keys(set.behaviors);
  const name = `jointSampler of ${tasks.join(", ")}`;
  if (tasks.length > 32) throw problem("invalid-option", `there are ${tasks.length} tasks`, name, "give at most 32");
  const parts = tasks.map((task) => behaviorOf(set, task).train);
  const each = atLeastOne(options.negativesPerPositive ?? 1, "negativesPerPositive", name);
  const { missing = "unlabelled" } = options;
  if (missing !== "unlabelled" && missing !== "negative") {
    throw problem("invalid-option", `missing is ${String(missing)}`, name, "give unlabelled or negative");
  }
  const positives = options.over === "target" ? knownOf(set, set.target, "task") : unionOf(parts, set.users);
  const owners = expandOffsets(positives.offsets);
  const weights = options.negatives === "popularity" ? popularity(positives.ids, set.items) : undefined;
  const draw = createNegatives(knownOf(set, set.target, "all"), set.items, owners, name, weights);
  const width = 1 + each;
  const users = new Int32Array(options.batchSize * width);
  const items = new Int32Array(options.batchSize * width);
  const labels = tasks.map(() => new Float32Array(options.batchSize * width));
  const masks = tasks.map(() => new Uint8Array(options.batchSize * width).fill(1));
  const holders = holdersOf(positives.ids, owners, parts);
  return createSampler<JointBatch>({
    ...options,
    kind: "joint",
    name,
    length: positives.ids.length,
    make: (size) => ({
      kind: "joint",
      size: size * width,
      tasks,
      users: users.subarray(0, size * width),
      items: items.subarray(0, size * width),
      labels: labels.map((column) => column.subarray(0, size * width)),
      masks: masks.map((column) => column.subarray(0, size * width)),
    }),
    fill(_batch, order, start, size, random) {
      for (let k = 0; k < size; k++) {
        const pair = order[start + k] as number;
        const user = owners[pair] as number;
        const item = positives.ids[pair] as number;
        const row = k * width;
        users.fill(user, row, row + width);
        items[row] = item;
        for (let n = 1; n < width; n++) items[row + n] = draw(user, random);
        const held = holders[pair] as number;
        for (let t = 0; t < tasks.length; t++) {
          const holds = (held >>> t) & 1;
          (labels[t] as Float32Array)[row] = holds;
          if (missing === "unlabelled") (masks[t] as Uint8Array)[row] = holds;
        }
      }
    },
  });
}

/** Pairs with their values, e.g. ratings, for regression: every training pair that has one, once an epoch. */
export function ratingSampler(
  set: PreparedSet,
  options: SamplerOptions & { readonly task?: string },
): Sampler<RatingBatch> {
  const { task = set.target } = options;
  const name = `ratingSampler of ${task}`;
  const { train } = behaviorOf(set, task);
  const values = train.values;
  if (!values)
    throw problem("invalid-input", "the behaviour has no values", name, "prepare the set from data with ratings");
  const owners = usersOf(train);
  const rated = Int32Array.from(values.keys()).filter((pair) => !Number.isNaN(values[pair]));
  const users = new Int32Array(options.batchSize);
  const items = new Int32Array(options.batchSize);
  const ratings = new Float32Array(options.batchSize);
  return createSampler<RatingBatch>({
    ...options,
    kind: "rating",
    name,
    length: rated.length,
    make: (size) => ({
      kind: "rating",
      size,
      users: users.subarray(0, size),
      items: items.subarray(0, size),
      ratings: ratings.subarray(0, size),
    }),
    fill(_batch, order, start, size) {
      for (let k = 0; k < size; k++) {
        const pair = rated[order[start + k] as number] as number;
        users[k] = owners[pair] as number;
        items[k] = train.items[pair] as number;
        ratings[k] = values[pair] as number;
      }
    },
  });
}
