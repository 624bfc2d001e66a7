import * as tf from "@tensorflow/tfjs";
import {
  alignmentUniformity,
  bpr,
  clickModel,
  type ClickOptions,
  graphOf,
  itemPair,
  jointPointwise,
  lightgcn,
  mf,
  ngcf,
  pointwise,
  ratings,
  sharedBottom,
  socialLink,
  type TensorOps,
} from "@gradpool/models";
import { describeModel, type EngineRequest } from "@gradpool/testkit";
import { createEngine } from "@gradpool/trainer";
import type { TensorModel } from "@gradpool/models";
import { describe, it } from "vitest";
import {
  bprOf,
  featuresOf,
  impressionsOf,
  items,
  jointOf,
  pairsOf,
  pointwiseOf,
  ratingOf,
  users,
  vocabulary,
} from "./batches.js";

const onTfjs = (request: EngineRequest<TensorModel>) => createEngine({ ...request, tf: tf as unknown as TensorOps });
const space = { users, items, dim: 4 };

describeModel(mf({ ...space, tasks: [bpr("buy"), bpr("cart"), socialLink(), itemPair()] }), {
  describe,
  it,
  createEngine,
  batches: (seed) => [bprOf(seed), bprOf(seed + 100, 1), pairsOf("user", seed), pairsOf("item", seed)],
  refuses: { dim: () => mf({ ...space, dim: 0, tasks: [bpr("buy")] }), tasks: () => mf({ ...space, tasks: [] }) },
});

const joint = ["seen", "liked"];
describeModel(
  mf({
    ...space,
    tasks: [
      pointwise("click"),
      ratings("stars", { offset: 3, scale: 1.5 }),
      alignmentUniformity("space"),
      ...joint.map((name) => jointPointwise(name)),
    ],
  }),
  {
    describe,
    it,
    createEngine,
    batches: (seed) => [pointwiseOf(seed), ratingOf(seed), bprOf(seed), jointOf(joint, seed), jointOf(joint, seed)],
    refuses: { scale: () => mf({ ...space, tasks: [ratings("stars", { scale: 0 })] }) },
  },
);

const sides = { users: featuresOf(users, 1), items: featuresOf(items, 2) };
describe("features", () => {
  describeModel(mf({ ...space, features: sides, tasks: [bpr("buy"), bpr("cart"), socialLink(), itemPair()] }), {
    describe,
    it,
    createEngine,
    batches: (seed) => [bprOf(seed), bprOf(seed + 100, 1), pairsOf("user", seed), pairsOf("item", seed)],
  });
});

const list = Array.from({ length: users }, (_, u) => [u % items, (2 * u + 1) % items].sort((a, b) => a - b));
const graph = graphOf({
  users,
  items,
  interactions: [
    { offsets: Int32Array.from({ length: users + 1 }, (_, u) => 2 * u), items: Int32Array.from(list.flat()) },
  ],
});
const encoded = { graph, dim: 4, tasks: [bpr("buy"), ratings("stars"), socialLink(), itemPair()], l2: 0 };
for (const model of [
  lightgcn({ ...encoded, layers: 2, edgeDropout: 0.2 }),
  ngcf({ ...encoded, form: "paper", layers: [5] }),
  ngcf({ ...encoded, form: "official", layers: [3, 4] }),
  ngcf({ ...encoded, form: "recbole", layers: [3] }),
]) {
  describe(JSON.stringify(model.encoder.options), () => {
    describeModel(model, {
      describe,
      it,
      createEngine,
      batches: (seed) => [bprOf(seed), ratingOf(seed), pairsOf("user", seed), pairsOf("item", seed)],
      refuses: {
        layers: () => lightgcn({ ...encoded, layers: -1 }),
        edgeDropout: () => lightgcn({ ...encoded, edgeDropout: 1 }),
        form: () => ngcf({ ...encoded, form: "best" as "paper" }),
        l2: () => ngcf({ ...encoded, l2: -1 }),
      },
    });
  });
}

const tasks = ["buy", "cart"];
describeModel(sharedBottom({ ...space, tasks, mlp: [6, 5], tower: [4], dropout: 0.3 }), {
  describe,
  it,
  createEngine: onTfjs,
  batches: (seed) => jointOf(tasks, seed),
  refuses: { dropout: () => sharedBottom({ ...space, tasks, dropout: 1 }) },
});

describe("features", () => {
  describeModel(sharedBottom({ ...space, tasks, mlp: [6, 5], tower: [4], dropout: 0.3, features: sides }), {
    describe,
    it,
    createEngine: onTfjs,
    batches: (seed) => jointOf(tasks, seed),
  });
});

const clicks: ClickOptions = {
  fields: [
    { name: "user", vocabulary },
    { name: "item", vocabulary },
    { name: "tags", vocabulary, kind: "multi-hot" },
  ],
  numerical: 2,
  tasks: ["click", { name: "stay", objective: "mse" }],
  dim: 3,
  trunk: [6, 5],
  head: [4],
};

for (const own of [
  { interaction: "dcn" },
  { interaction: "deepfm", tables: "joint", dropout: 0.2 },
  { interaction: "none", head: [] },
] satisfies Partial<ClickOptions>[]) {
  describe(JSON.stringify(own), () => {
    describeModel(clickModel({ ...clicks, ...own }), {
      describe,
      it,
      createEngine: onTfjs,
      batches: (seed) => impressionsOf(["click", "stay"], seed),
      refuses: { vocabulary: () => clickModel({ ...clicks, fields: [{ name: "user", vocabulary: 0 }] }) },
    });
  });
}
