import { given } from "@gradpool/core";
import type { PreparedSet } from "../set/prepared-set.js";
import type { PointwiseBatch, Sampler } from "./batches.js";
import { capacityOf, createSampler } from "./engine.js";
import { taskOf, type InteractionSamplerOptions } from "./task.js";

/**
 * Pairs with 0/1 labels: each training pair of the task, then its `negativesPerPositive` negatives. A batch of
 * `batchSize` positives has `batchSize × (1 + negativesPerPositive)` rows.
 */
export function pointwiseSampler(set: PreparedSet, options: InteractionSamplerOptions): Sampler<PointwiseBatch> {
  const { name, partners, owners, each, draw, leftOut } = taskOf(set, options, "pairs");
  const width = 1 + each;
  const capacity = capacityOf(options.batchSize, partners.length, name);
  const users = new Int32Array(capacity * width);
  const items = new Int32Array(capacity * width);
  const labels = new Float32Array(capacity * width).map((_, k) => (k % width === 0 ? 1 : 0));
  return createSampler<PointwiseBatch>({
    ...options,
    kind: "pointwise",
    name,
    length: partners.length,
    ...given({ leftOut }),
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
        items[row] = partners[pair] as number;
        for (let n = 1; n < width; n++) items[row + n] = draw(user, random);
      }
    },
  });
}
