import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import type { Measure } from "../set/measure.js";
import { standardBuffer } from "../set/load-impressions.js";
import type { PreparedSet } from "../set/prepared-set.js";
import { batchArrays, batchBytes, batchOf } from "./batch-arrays.js";
import type { ImpressionsBatch, Sampler } from "./batches.js";
import { capacityOf, createSampler, type SamplerOptions } from "./engine.js";
import { arrangeGroups } from "./grouped-order.js";
import { planOf } from "./plan.js";
import { writeBatch } from "./write-batch.js";

export interface ImpressionsSamplerOptions extends SamplerOptions {
  /** Which part; default `train`. */
  readonly part?: "train" | "valid" | "test";
  /** Default: shuffled for training, in order otherwise. */
  readonly shuffle?: boolean;
  /** Default: every task of the set. */
  readonly tasks?: readonly string[];
  /** Names of categorical and numerical features to hand out, besides `user` and `item`. Default: all. */
  readonly features?: readonly string[];
  /** What numerical features are standardised by, by name. Default: their mean and deviation over the training rows. */
  readonly measures?: Readonly<Record<string, Measure>>;
  /** Of rows that are shuffled in groups: groups are put together, and their rows shuffled, until there are so many. Default: what the set was opened with. */
  readonly buffer?: number;
  /**
   * Of rows in memory: shuffle them as they would be if they were read in groups of these sizes, the groups first, then the rows of a buffer.
   * Default: all rows at once.
   */
  readonly groups?: readonly number[];
}

/** Impressions of a set whose rows are in memory. */
export function memorySampler(set: PreparedSet, options: ImpressionsSamplerOptions): Sampler<ImpressionsBatch> {
  const { part = "train", seed = 1, stream = 0, shuffle = part === "train", groups, buffer = standardBuffer } = options;
  const name = `impressions of ${part}`;
  const plan = planOf(set, options);
  const rows = (set.impressions as NonNullable<PreparedSet["impressions"]>)[part];
  const from = { rows, userFeatures: set.userFeatures, itemFeatures: set.itemFeatures };
  const capacity = capacityOf(options.batchSize, rows.size, name);
  const arrays = batchArrays(plan, capacity, new ArrayBuffer(batchBytes(plan, capacity)));
  if (groups !== undefined) requireGroups(groups, rows.size, name);
  const order = groups && { sizes: groups, buffer, shuffle, seed, stream };
  return createSampler<ImpressionsBatch>({
    ...options,
    shuffle,
    kind: "impressions",
    name,
    length: rows.size,
    make: (size) => batchOf(plan, arrays, size),
    fill: (_batch, places, start, size) => writeBatch(plan, from, arrays, { order: places, start, size, place: 0 }),
    ...given({ arrange: order && ((into: Int32Array, epoch: number) => arrangeGroups(order, epoch, into)) }),
  });
}

function requireGroups(groups: readonly number[], rows: number, name: string): void {
  const total = groups.reduce((sum, size) => sum + size, 0);
  if (total === rows) return;
  throw problem(
    "invalid-option",
    `the groups have ${total} rows, and there are ${rows}`,
    name,
    "give the groups' sizes",
  );
}
