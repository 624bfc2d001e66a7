import { given } from "@gradpool/core";
import type { PreparedSet } from "../set/prepared-set.js";
import type { BprBatch, Sampler } from "./batches.js";
import { capacityOf, createSampler } from "./engine.js";
import { taskOf, type InteractionSamplerOptions } from "./task.js";

/**
 * Triples for BPR: every training pair of the task once an epoch, each with its own negatives.
 *
 * @throws GradpoolError: `invalid-option` for an unknown task, `invalid-input` if it has no training pair.
 */
export function bprSampler(set: PreparedSet, options: InteractionSamplerOptions): Sampler<BprBatch> {
  const { name, partners, owners, each, draw, leftOut } = taskOf(set, options, "triples");
  const capacity = capacityOf(options.batchSize, partners.length, name);
  const users = new Int32Array(capacity);
  const positives = new Int32Array(capacity);
  const negatives = new Int32Array(capacity * each);
  return createSampler<BprBatch>({
    ...options,
    kind: "bpr",
    name,
    length: partners.length,
    ...given({ leftOut }),
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
        positives[k] = partners[pair] as number;
        for (let n = 0; n < each; n++) negatives[k * each + n] = draw(user, random);
      }
    },
  });
}
