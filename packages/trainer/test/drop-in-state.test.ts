import { type GradientPool, type JsonValue } from "@gradpool/core";
import { dbMtl } from "@gradpool/db-mtl";
import { metaBalance } from "@gradpool/metabalance";
import { moco } from "@gradpool/moco";
import { multiBalance } from "@gradpool/multibalance";
import { pcgrad } from "@gradpool/pcgrad";
import { rlw } from "@gradpool/rlw";
import * as tf from "@tensorflow/tfjs";
import { afterEach, describe, expect, it } from "vitest";
import { type PooledOptimizer, type PooledOptimizerOptions, pooledOptimizer } from "../src/tfjs.js";

type Tasks = Pick<PooledOptimizerOptions, "tasks">;
const named: Tasks = { tasks: ["like", "buy"] };

/** What a process holds: two heads on shared variables, and their optimisers. Variables have the same names each time. */
function start(pool: GradientPool, tasks: Tasks) {
  tf.disposeVariables();
  const variable = (name: string, values: number[]): tf.Variable => tf.variable(tf.tensor1d(values), true, name);
  const variables = {
    base: variable("base", [1, 2, 3, 4]),
    headA: variable("headA", [1, -1, 0.5, 2]),
    headB: variable("headB", [0.3, 0.7, -1, 1]),
  };
  const { base, headA, headB } = variables;
  // Momentum: tfjs' Adam computes its corrections anew when it is restored, to other last bits.
  const own = tf.train.momentum(0.05, 0.9);
  const pooled = pooledOptimizer(own, pool, { shared: [base], seed: 3, ...tasks });
  const like = (): tf.Scalar => tf.mean(tf.square(tf.sub(tf.mul(base, headA), 1))) as tf.Scalar;
  const buy = (): tf.Scalar => tf.mean(tf.square(tf.add(tf.mul(base, headB), 1))) as tf.Scalar;
  /** Every third step has one task only: that of the head which comes last. */
  const step = (k: number): void => void pooled.minimize(() => [k % 3 === 0 ? null : like(), buy()]);
  const weights = (): Record<string, number[]> =>
    Object.fromEntries(Object.entries(variables).map(([name, held]) => [name, [...held.dataSync()]]));
  return { variables, own, pooled, step, weights };
}

async function resumed(pool: GradientPool, before: Tasks, after: Tasks): Promise<Record<string, number[]>> {
  const first = start(pool, before);
  for (let k = 1; k <= 5; k++) first.step(k);
  const weights = first.weights();
  const moments = (await first.own.getWeights()).map(({ name, tensor }) => ({ name, tensor: tf.clone(tensor) }));
  const saved = JSON.parse(JSON.stringify(first.pooled.state())) as JsonValue;
  const second = start(pool, after);
  for (const [name, held] of Object.entries(second.variables)) held.assign(tf.tensor1d(weights[name] as number[]));
  await second.own.setWeights(moments);
  second.pooled.restore(saved);
  for (let k = 6; k <= 10; k++) second.step(k);
  return second.weights();
}

const pools = [metaBalance(), dbMtl(), moco(), multiBalance(), rlw(), pcgrad()] as GradientPool[];

describe("a restored state", () => {
  afterEach(() => tf.disposeVariables());

  it.each(pools.map((pool) => [pool.name, pool] as const))(
    "goes on with the bits of an unbroken run, with names of tasks and without: %s",
    async (_, pool) => {
      const whole = start(pool, {});
      for (let k = 1; k <= 10; k++) whole.step(k);
      const expected = whole.weights();
      for (const [before, after] of [
        [{}, {}],
        [named, named],
        [{}, named],
        [named, {}],
      ] as const) {
        expect(await resumed(pool, before, after)).toEqual(expected);
      }
    },
  );

  it("is used by variables that have other names, as tfjs gives unnamed ones: they are known by their places", () => {
    const part = (): { base: tf.Variable; pooled: PooledOptimizer; step: () => unknown } => {
      const base = tf.variable(tf.tensor1d([1, 2, 3]));
      const loss = (factor: number): tf.Scalar => tf.mean(tf.square(tf.sub(tf.mul(base, factor), 1))) as tf.Scalar;
      const pooled = pooledOptimizer(tf.train.sgd(0.1), dbMtl() as GradientPool, { shared: [base] });
      return { base, pooled, step: () => pooled.minimize(() => [loss(1), loss(-2)]) };
    };
    const [whole, other] = [part(), part()];
    for (let k = 0; k < 3; k++) whole.step();
    other.base.assign(whole.base as tf.Tensor);
    other.pooled.restore(JSON.parse(JSON.stringify(whole.pooled.state())) as JsonValue);
    for (const { step } of [whole, other]) step();
    expect([...other.base.dataSync()]).toEqual([...whole.base.dataSync()]);
    expect(other.pooled.state()).toMatchObject({ pool: (whole.pooled.state() as { pool: JsonValue }).pool });
  });

  it("is a new run's where nothing was done before it was saved", () => {
    for (const tasks of [{}, named]) {
      const one = start(metaBalance() as GradientPool, tasks);
      const saved = one.pooled.state();
      one.step(1);
      const expected = one.weights();
      const two = start(metaBalance() as GradientPool, tasks);
      two.pooled.restore(saved);
      two.step(1);
      expect(two.weights()).toEqual(expected);
    }
  });

  it("can be restored in the middle: the optimiser goes back to it", () => {
    const { pooled, step } = start(dbMtl() as GradientPool, {});
    step(1);
    const saved = pooled.state();
    step(2);
    expect(pooled.state()).not.toEqual(saved);
    pooled.restore(saved);
    expect(pooled.state()).toEqual(saved);
  });

  it("is refused in a sentence where it is another's, and nothing is restored of it", () => {
    const refusal = (pooled: PooledOptimizer, json: unknown): string => {
      const before = pooled.state();
      try {
        pooled.restore(json as JsonValue);
      } catch (error) {
        expect(pooled.state()).toEqual(before);
        return (error as Error).message;
      }
      return "no error";
    };
    const { pooled, step } = start(pcgrad() as GradientPool, named);
    step(1);
    const saved = pooled.state() as Record<string, JsonValue>;
    for (const json of [null, 1, [], {}, { ...saved, step: "1" }, { ...saved, tasks: [1] }, { ...saved, places: null }])
      expect(refusal(pooled, json)).toMatch(/no state of a pooled optimiser \(pooledOptimizer.restore\)/);
    expect(refusal(pooled, { ...saved, method: "moco" })).toMatch(/of moco .*give one of pcgrad/);
    expect(refusal(pooled, { ...saved, tasks: ["a", "b", "c"] })).toMatch(/of 3 tasks \(a, b, c\).*give one of 2/);
    expect(refusal(pooled, { ...saved, tasks: ["buy", "like"] })).toMatch(/task like has another place.*buy, like/);
    const three = start(pcgrad() as GradientPool, {}).pooled;
    three.restore({ ...saved, tasks: ["a", "b", "c"] });
    expect(() => three.minimize(() => [null, null])).toThrow(/2 losses.*answer with 3 \(a, b, c\)/);
  });
});
