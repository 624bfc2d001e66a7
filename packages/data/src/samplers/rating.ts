import { type NamesOf, requireNames } from "@gradpool/core";
import { problem } from "../errors.js";
import { behaviorOf, type PreparedSet } from "../set/prepared-set.js";
import type { RatingBatch, Sampler } from "./batches.js";
import { capacityOf, createSampler, samplerNames, type SamplerOptions } from "./engine.js";
import { usersOf } from "./known.js";

const names: NamesOf<SamplerOptions & { readonly task?: string }> = { ...samplerNames, task: true };

/** Pairs with their values, e.g. ratings, for regression: every training pair that has one, once an epoch. */
export function ratingSampler(
  set: PreparedSet,
  options: SamplerOptions & { readonly task?: string },
): Sampler<RatingBatch> {
  const { task = set.target } = options;
  const name = `ratings of ${task}`;
  requireNames(options, names, name);
  const { train } = behaviorOf(set, task);
  const values = train.values;
  if (!values)
    throw problem("invalid-input", "the behaviour has no values", name, "prepare the set from data with ratings");
  const owners = usersOf(train);
  const rated = Int32Array.from(values.keys()).filter((pair) => !Number.isNaN(values[pair]));
  const capacity = capacityOf(options.batchSize, rated.length, name);
  const users = new Int32Array(capacity);
  const items = new Int32Array(capacity);
  const ratings = new Float32Array(capacity);
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
