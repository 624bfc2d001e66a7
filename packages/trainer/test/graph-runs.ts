import type { GradientPool } from "@gradpool/core";
import { bprSampler, generateShop, type PreparedSet } from "@gradpool/data";
import { metaBalance } from "@gradpool/metabalance";
import { bpr, graphOf, ngcf } from "@gradpool/models";
import { createEngine, type FitOptions, perTaskFeed, rankingEvaluator } from "../src/index.js";

const set: PreparedSet = generateShop({ users: 40, items: 30, buysPerUser: 6, seed: 3 });

/** A small real run of a graph model, the same every time: NGCF with both dropouts, MetaBalance at the representation. */
export function graphRun(change: Partial<FitOptions> = {}): FitOptions {
  const { users, items } = set;
  const tasks = ["buy", "cart", "pv"];
  const { train, valid, test } = set.behaviors["buy"] as (typeof set.behaviors)[string];
  const model = ngcf({
    graph: graphOf({ users, items, interactions: [train] }),
    tasks: tasks.map(bpr),
    dim: 4,
    layers: [4, 3],
    messageDropout: 0.2,
    edgeDropout: 0.1,
  });
  const engine = createEngine({
    model,
    pool: metaBalance() as GradientPool,
    level: "representation",
    optimizer: { name: "adam", learningRate: 0.01 },
    seed: 5,
  });
  const samplers = tasks.map((task, stream) => bprSampler(set, { task, stream, batchSize: 6, seed: 5 }));
  return {
    engine,
    epochs: 9,
    diagnosticsEvery: 4,
    feed: perTaskFeed(samplers),
    evaluate: rankingEvaluator({
      engine,
      model,
      metrics: ["ndcg@5", "recall@5"],
      valid: { relevant: valid, exclude: train },
      test: { relevant: test, exclude: train },
    }),
    ...change,
  };
}
