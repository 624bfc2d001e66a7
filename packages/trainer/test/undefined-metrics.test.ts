import { ew } from "@gradpool/ew";
import type { ImpressionsBatch, JointBatch } from "@gradpool/data";
import { generateShop, impressionsSampler } from "@gradpool/data";
import type { UndefinedMetric } from "@gradpool/metrics";
import { bpr, clickModel, mf } from "@gradpool/models";
import { describe, expect, it } from "vitest";
import { classificationEvaluator, createEngine, rankingEvaluator, selectBackend } from "../src/index.js";
import { collect, set as shop, small } from "./fit-helpers.js";

const set = generateShop({ users: 60, items: 40, seed: 3 });
const tasks = ["buy", "cart"];
const oneClass = "all 256 labels are 1";

/** The rows of a part; on test every label of `buy` is 1. */
function* rows(part: "valid" | "test"): Generator<JointBatch | ImpressionsBatch> {
  const batch = impressionsSampler(set, { part: "valid", shuffle: false, batchSize: 256, tasks }).next();
  if (part === "valid") yield batch;
  else yield { ...batch, labels: batch.labels.map((labels, t) => (t === 0 ? new Float32Array(256).fill(1) : labels)) };
}

describe("metrics without a value", () => {
  it("are left out of the mean over tasks and named with task and part", async () => {
    const { tf } = await selectBackend("cpu", { log: null });
    const { fields, numericalNames } = impressionsSampler(set, { tasks, batchSize: 1, shuffle: false }).next();
    const model = clickModel({
      fields: fields.map(({ name, vocabulary, kind }) => ({ name, vocabulary, kind })),
      numerical: numericalNames.length,
      tasks,
      dim: 4,
      trunk: [4],
      head: [4],
    });
    const engine = createEngine({ tf, model, pool: ew(), optimizer: { name: "adam", learningRate: 0.01 }, seed: 1 });
    const evaluate = classificationEvaluator({ engine, metrics: ["auc", "logloss"], rows });
    const told: UndefinedMetric[] = [];
    const valid = (await evaluate("valid", (one) => told.push(one))) as Record<string, number>;
    expect(told).toEqual([]);
    expect(valid["auc"]).toBe((valid["auc/buy"]! + valid["auc/cart"]!) / 2);
    const test = (await evaluate("test", (one) => told.push(one))) as Record<string, number>;
    expect(told).toEqual([{ metric: "auc", task: "buy", part: "test", reason: oneClass }]);
    expect(test["auc/buy"]).toBeNaN();
    expect(test["auc"]).toBe(test["auc/cart"]);
    expect(test["logloss"]).toBe((test["logloss/buy"]! + test["logloss/cart"]!) / 2);
    engine.dispose();
  });

  it("stand in the events, the history and the result of a run, which never takes them for the best", async () => {
    const { engine, options } = small(ew(), { epochs: 2 });
    const nothing = { offsets: new Int32Array(121), items: new Int32Array(0) };
    const part = { relevant: nothing, exclude: nothing, userIds: Int32Array.of(3, 5) };
    const evaluate = rankingEvaluator({
      engine,
      model: mf({ users: shop.users, items: shop.items, dim: 8, tasks: [bpr("buy")] }),
      metrics: ["ndcg@10"],
      valid: part,
      test: part,
    });
    const { events, result } = await collect({ ...options, evaluate });
    const reason = "none of the 2 ranked users has a relevant item";
    const missing = { metric: "ndcg@10", part: "valid", reason };
    const evaluations = events.filter((event) => event.type === "evaluation");
    expect(evaluations.map((event) => [event.best, event.undefined])).toEqual([
      [false, [missing]],
      [false, [missing]],
    ]);
    expect(result.history.map((entry) => entry.undefined)).toEqual([[missing], [missing]]);
    expect(result).toMatchObject({ bestEpoch: null, undefined: [{ ...missing, part: "test" }] });
    engine.dispose();
  });
});
