import { bench, describe } from "vitest";
import {
  bprSampler,
  generateShop,
  impressionsSampler,
  jointSampler,
  pairsSampler,
  pointwiseSampler,
  ratingSampler,
  type Sampler,
} from "../src/index.js";

// One call of a benchmark draws a batch of 2,048 positives (or rows): samples a second = 2,048 × hz.
const batchSize = 2048;
const set = generateShop({ users: 4000, items: 3000, ratio: { pv: 20 } });

const samplers: Record<string, Sampler> = {
  "bpr, uniform": bprSampler(set, { batchSize }),
  "bpr, popularity": bprSampler(set, { batchSize, negatives: "popularity" }),
  "bpr of views (long histories)": bprSampler(set, { batchSize, task: "pv" }),
  "pointwise, 4 negatives, nothing the user touched": pointwiseSampler(set, {
    batchSize,
    negativesPerPositive: 4,
    exclude: "all",
  }),
  "joint, 4 tasks, 1 negative": jointSampler(set, { batchSize }),
  rating: ratingSampler(set, { batchSize }),
  "pairs, social": pairsSampler(set, { batchSize, relation: "social" }),
  "pairs, category": pairsSampler(set, { batchSize, relation: "category" }),
  "impressions, 4 fields, 1 number, 4 labels": impressionsSampler(set, { batchSize }),
};

describe("a batch of 2,048", () => {
  for (const [name, sampler] of Object.entries(samplers)) bench(name, () => void sampler.next());
});
