import { adatask } from "@gradpool/adatask";
import { auxinash } from "@gradpool/auxinash";
import type { GradientPool } from "@gradpool/core";
import { igb } from "@gradpool/igb";
import { modo } from "@gradpool/modo";
import { sdmgrad } from "@gradpool/sdmgrad";
import * as tf from "@tensorflow/tfjs";
import { afterEach, describe, expect, it } from "vitest";
import { type PooledOptimizer, pooledOptimizer } from "../src/tfjs.js";

afterEach(() => tf.disposeVariables());

const make = (pool: unknown, name = "base"): PooledOptimizer => {
  const base = tf.variable(tf.tensor1d([1, 4]), true, name);
  return pooledOptimizer(tf.train.sgd(0.1), pool as GradientPool, { shared: [base], tasks: ["buy", "like"] });
};

describe("the drop-in", () => {
  it.each([
    ["modo", modo(), /^modo needs 3 independent batches per step, and there is one \(the drop-in\)/],
    [
      "modo of two",
      modo({ combine: "mean" }),
      /^modo needs 2 independent batches per step, and there is one \(the drop-in\)/,
    ],
    ["sdmgrad, double sampling", sdmgrad({ sampling: "double" }), /^sdmgrad needs 3 independent batches per step/],
    ["auxinash", auxinash(), /^auxinash needs gradients on validation examples, and there are none \(the drop-in\)/],
    ["adatask", adatask(), /^adatask needs its answer applied as an update/],
  ])("refuses what it cannot give before the first step, by name and with the reason: %s", (_name, pool, message) => {
    expect(() => make(pool)).toThrow(message);
  });

  it.each([
    ["auxinash(every=0)", auxinash({ every: 0 })],
    ["sdmgrad on one batch", sdmgrad()],
  ])("takes what needs nothing more: %s", (_name, pool) => {
    const pooled = make(pool);
    const base = tf.engine().registeredVariables["base"] as tf.Variable;
    pooled.minimize(() => [tf.sum(tf.square(base)) as tf.Scalar, tf.sum(tf.square(tf.sub(base, 3))) as tf.Scalar]);
    expect(pooled.weights).toHaveLength(2);
  });

  it("tells a pool that an epoch has ended, and a restored one goes on with its sums", () => {
    const losses = (name: string) => () => {
      const base = tf.engine().registeredVariables[name] as tf.Variable;
      return [tf.sum(tf.square(base)) as tf.Scalar, tf.sum(tf.square(tf.sub(base, 3))) as tf.Scalar];
    };
    const whole = make(igb(), "whole");
    const first = make(igb(), "broken");
    for (const [pooled, name] of [
      [whole, "whole"],
      [first, "broken"],
    ] as const)
      for (let k = 0; k < 3; k++) pooled.minimize(losses(name));
    // Within the epoch whose mean is the base.
    const state = first.state();
    const again = pooledOptimizer(tf.train.sgd(0.1), igb() as GradientPool, {
      shared: [tf.engine().registeredVariables["broken"] as tf.Variable],
      tasks: ["buy", "like"],
    });
    again.restore(JSON.parse(JSON.stringify(state)));
    for (const [pooled, name] of [
      [whole, "whole"],
      [again, "broken"],
    ] as const) {
      pooled.minimize(losses(name));
      pooled.nextEpoch();
      for (let k = 0; k < 3; k++) pooled.minimize(losses(name));
    }
    const poolOf = (pooled: PooledOptimizer): unknown => (pooled.state() as { pool: unknown }).pool;
    expect([...again.weights!]).toEqual([...whole.weights!]);
    expect(poolOf(again)).toEqual(poolOf(whole));
    // Without the end of an epoch there is no base to compare losses with.
    const endless = make(igb(), "endless");
    for (let k = 0; k < 7; k++) endless.minimize(losses("endless"));
    expect([...endless.weights!]).not.toEqual([...whole.weights!]);
  });
});
