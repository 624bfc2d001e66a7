import { given, type NamesOf, requireNames, requireWord } from "@gradpool/core";
import { problem } from "../errors.js";
import { behaviorOf, expandOffsets, type Interactions, type PreparedSet } from "../set/prepared-set.js";
import type { JointBatch, Sampler } from "./batches.js";
import {
  atLeastOne,
  capacityOf,
  createSampler,
  negativeNames,
  type NegativeOptions,
  samplerNames,
  type SamplerOptions,
  waysToDraw,
} from "./engine.js";
import { knownOf, popularity, unionOf } from "./known.js";
import { contains, drawable } from "./negatives.js";

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

const names: NamesOf<JointSamplerOptions> = {
  ...samplerNames,
  ...negativeNames,
  tasks: true,
  over: true,
  missing: true,
};

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
  const name = `pairs of ${tasks.join(", ")}`;
  if (tasks.length > 32) throw problem("invalid-option", `there are ${tasks.length} tasks`, name, "give at most 32");
  const parts = tasks.map((task) => behaviorOf(set, task).train);
  const each = atLeastOne(options.negativesPerPositive ?? 1, "negativesPerPositive", name);
  const { missing = "unlabelled" } = options;
  requireNames(options, names, name);
  requireWord(missing, ["unlabelled", "negative"], "missing", name);
  requireWord(options.over, ["union", "target"], "over", name);
  requireWord(options.negatives, waysToDraw, "negatives", name);
  const all = options.over === "target" ? knownOf(set, set.target, "task") : unionOf(parts, set.users);
  const weights = options.negatives === "popularity" ? popularity(all.ids, set.items) : undefined;
  const known = knownOf(set, set.target, "all");
  const { owners, partners, draw, leftOut } = drawable(known, set.items, expandOffsets(all.offsets), all.ids, weights);
  const width = 1 + each;
  const capacity = capacityOf(options.batchSize, partners.length, name);
  const users = new Int32Array(capacity * width);
  const items = new Int32Array(capacity * width);
  const labels = tasks.map(() => new Float32Array(capacity * width));
  const masks = tasks.map(() => new Uint8Array(capacity * width).fill(1));
  const holders = holdersOf(partners, owners, parts);
  return createSampler<JointBatch>({
    ...options,
    kind: "joint",
    name,
    length: partners.length,
    ...given({ leftOut }),
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
        const item = partners[pair] as number;
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
