import { type GradientPool, isGradpoolError } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { graddrop } from "@gradpool/graddrop";
import { metaBalance } from "@gradpool/metabalance";
import { pcgrad } from "@gradpool/pcgrad";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LossFunction, type PooledOptimizer, pooledOptimizer } from "../src/tfjs.js";

/** A pool of somebody's own that looks at nothing, and answers with the first task's gradient. */
const blind: GradientPool = {
  spec: 1,
  name: "blind",
  options: {},
  needs: "gradients",
  granularity: "model",
  level: "parameters",
  init: () => 0,
  pool: (gradients, _, state) => ({
    combined: gradients.combine({ granularity: "model", weights: Float64Array.of(1, 0) }),
    state: (state as number) + 1,
  }),
};

/** Every way in which a pool comes to its answer: losses, Grams, norms per variable, coordinates, nothing. */
const pools: readonly GradientPool[] = [
  ew(),
  pcgrad(),
  pcgrad({ granularity: "parameter" }),
  metaBalance(),
  graddrop(),
  blind,
] as GradientPool[];

let base: tf.Variable;
let shift: tf.Variable;
let headA: tf.Variable;
let headB: tf.Variable;

beforeEach(() => {
  base = tf.variable(tf.tensor2d([1, 2, 3, 4], [2, 2]), true, "base");
  shift = tf.variable(tf.tensor1d([0.5, -0.5]), true, "shift");
  headA = tf.variable(tf.tensor1d([1, -1]), true, "headA");
  headB = tf.variable(tf.tensor1d([0.3, 0.7]), true, "headB");
});
afterEach(() => tf.disposeVariables());

const rows = (): tf.Tensor => tf.add(tf.square(base), shift);
const like = (): tf.Scalar => tf.mean(tf.mul(rows(), headA)) as tf.Scalar;
const buy = (): tf.Scalar => tf.mean(tf.square(tf.sub(tf.mul(rows(), headB), 1))) as tf.Scalar;
const healthy: LossFunction = () => [like(), buy()];

/** x, whose gradient is `factor` times what arrives. */
const bent = (x: tf.Tensor, factor: number): tf.Tensor =>
  tf.customGrad((y) => ({ value: tf.clone(y as tf.Tensor), gradFunc: (dy: tf.Tensor) => tf.mul(dy, factor) }))(x);

const make = (pool: GradientPool, optimizer: tf.Optimizer = tf.train.adam(0.1)): PooledOptimizer =>
  pooledOptimizer(optimizer, pool, { shared: [base, shift], tasks: ["like", "buy"] });

/** Everything that a step may change, bit for bit: weights, moments, counters, the pool's state. */
const everything = (pooled: PooledOptimizer, optimizer: tf.Optimizer): string => {
  const variables = Object.values(tf.engine().registeredVariables).map((variable) => [
    variable.name,
    [...new Uint32Array(variable.dataSync().slice().buffer)],
  ]);
  return JSON.stringify([variables, pooled.state(), optimizer.iterations]);
};

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(isGradpoolError(error), String(error)).toBe(true);
    return (error as Error).message;
  }
  return "no error";
};

const broken: Record<string, { losses: LossFunction; says: RegExp[] }> = {
  "a loss that is NaN": {
    losses: () => [like(), tf.add(buy(), NaN) as tf.Scalar],
    says: [/loss is not finite: NaN/, /step 2, task buy\)/],
  },
  "an infinite loss of a constant factor": {
    losses: () => [tf.mul(like(), Infinity) as tf.Scalar, buy()],
    says: [/loss is not finite: -?Infinity/, /task like\)/],
  },
  "a shared gradient that is NaN": {
    losses: () => [like(), tf.mean(tf.mul(tf.add(tf.square(base), bent(shift, NaN)), headB)) as tf.Scalar],
    says: [/gradient is not finite: NaN/, /step 2, task buy, parameter shift\)/],
  },
  "a shared gradient that is infinite": {
    losses: () => [tf.mean(tf.mul(tf.add(tf.square(bent(base, Infinity)), shift), headA)) as tf.Scalar, buy()],
    says: [/gradient is not finite: -?Infinity/, /task like, parameter base\)/],
  },
  "a head's gradient that is NaN": {
    losses: () => [like(), tf.mean(tf.mul(rows(), bent(headB, NaN))) as tf.Scalar],
    says: [/gradient is not finite: NaN/, /task buy, parameter headB\)/],
  },
};

describe("a step that is not finite", () => {
  for (const [name, { losses, says }] of Object.entries(broken)) {
    it.each(pools.map((pool) => [`${pool.name} per ${pool.granularity}`, pool] as const))(
      `names task and parameter and moves nothing: ${name}, %s`,
      (_, pool) => {
        const optimizer = tf.train.adam(0.1);
        const pooled = make(pool, optimizer);
        pooled.minimize(healthy);
        const before = everything(pooled, optimizer);
        const { numTensors } = tf.memory();
        const message = messageOf(() => pooled.minimize(losses));
        for (const part of says) expect(message).toMatch(part);
        expect(everything(pooled, optimizer)).toBe(before);
        expect(tf.memory().numTensors).toBe(numTensors);
        pooled.minimize(healthy);
        expect((pooled.state() as { step: number }).step).toBe(2);
      },
    );
  }

  it("does as if it had not been: the run goes on with the same bits", () => {
    const run = (disturbed: boolean): string => {
      tf.disposeVariables();
      base = tf.variable(tf.tensor2d([1, 2, 3, 4], [2, 2]), true, "base");
      shift = tf.variable(tf.tensor1d([0.5, -0.5]), true, "shift");
      headA = tf.variable(tf.tensor1d([1, -1]), true, "headA");
      headB = tf.variable(tf.tensor1d([0.3, 0.7]), true, "headB");
      const pooled = make(graddrop() as GradientPool, tf.train.momentum(0.1, 0.9));
      for (let step = 0; step < 4; step++) {
        pooled.minimize(healthy);
        if (disturbed) for (const { losses } of Object.values(broken)) expect(() => pooled.minimize(losses)).toThrow();
      }
      return JSON.stringify([base, shift, headA, headB].map((variable) => [...variable.dataSync()]));
    };
    expect(run(true)).toBe(run(false));
  });

  it("says so of a first step, of a sum of weights times gradients, and of gradients that are handed in", () => {
    const big = (): tf.Scalar => tf.sum(bent(shift, 3e38)) as tf.Scalar;
    for (const pool of [ew(), blind] as GradientPool[]) {
      const message = messageOf(() => make(pool).minimize(() => [tf.add(big(), big()) as tf.Scalar, buy()]));
      expect(message, pool.name).toMatch(/gradient is not finite: Infinity \(.*step 1, task like, parameter shift\)/);
    }
    const sums: GradientPool = {
      ...blind,
      pool: (gradients, _, state) => ({
        combined: gradients.combine({ granularity: "model", weights: Float64Array.of(1, 1) }),
        state,
      }),
    };
    expect(messageOf(() => make(sums).minimize(() => [big(), big()]))).toMatch(
      /combined gradient is not finite.*step 1, parameter shift\)/,
    );
    const held = shift.dataSync().slice();
    const optimizer = make(pcgrad() as GradientPool);
    expect(messageOf(() => optimizer.applyGradients({ base: tf.zeros([2, 2]), shift: tf.tensor1d([0, NaN]) }))).toMatch(
      /applyGradients, parameter shift/,
    );
    expect(messageOf(() => optimizer.applyGradients({ nobody: tf.zeros([2]) }))).toMatch(/no variable nobody/);
    expect(shift.dataSync()).toEqual(held);
  });

  it("says so of a pool's own coordinates", () => {
    const answering = (values: number[]): GradientPool => ({
      ...blind,
      pool: (_, __, state) => ({ combined: { value: () => Float64Array.from(values) }, state }),
    });
    const message = messageOf(() => make(answering([1, 2, NaN, 4, 5, 6])).minimize(healthy));
    expect(message).toMatch(/has 6 coordinates \(.*parameter base\): answer with 4/);
    const two = pooledOptimizer(tf.train.sgd(1), answering([1, NaN]), { shared: [shift] });
    expect(messageOf(() => two.minimize(healthy))).toMatch(/pool's gradient holds NaN \(.*parameter shift\)/);
  });
});

describe("a loss that cannot be trained", () => {
  const refused: Record<string, { losses: () => unknown; says: RegExp }> = {
    "a constant": { losses: () => [like(), tf.scalar(1)], says: /no gradient.*step 1, task buy\)/ },
    "a number": { losses: () => [1, buy()], says: /the loss is 1 \(.*task like\)/ },
    nothing: { losses: () => [like(), undefined], says: /the loss is undefined \(.*task buy\).*null/ },
    "a loss of a frozen variable": {
      losses: () => [like(), tf.sum(tf.square(tf.variable(tf.scalar(2), false)))],
      says: /no gradient.*task buy\)/,
    },
    "a loss of an earlier step": {
      losses: () => [earlier, buy()],
      says: /no gradient.*task like\)/,
    },
    "a disposed tensor": {
      losses: () => {
        const gone = like();
        gone.dispose();
        return [gone, buy()];
      },
      says: /disposed tensor \(.*task like\)/,
    },
    "a vector": { losses: () => [tf.square(shift), buy()], says: /shape \[2\] \(.*task like\).*tf.mean/ },
    "a vector of one": { losses: () => [like(), tf.reshape(buy(), [1])], says: /shape \[1\] \(.*task buy\)/ },
    integers: { losses: () => [like(), tf.cast(buy(), "int32")], says: /type int32 \(.*task buy\)/ },
    "an async function": { losses: async () => [like(), buy()], says: /losses are a promise/ },
    "a promise among them": { losses: () => [like(), Promise.resolve(1)], says: /loss is a promise \(.*task buy\)/ },
    "one tensor": { losses: () => like(), says: /losses are one tensor/ },
    "no answer": { losses: () => undefined, says: /losses are undefined/ },
    none: { losses: () => [], says: /no losses/ },
    "one too few": { losses: () => [like()], says: /1 losses.*like, buy/ },
    "losses of other variables": {
      losses: () => [headA, headB].map((head) => tf.sum(tf.square(head))),
      says: /no loss reaches any of the shared variables \(.*base, shift\)/,
    },
  };
  let earlier: tf.Scalar;
  beforeEach(() => (earlier = like()));

  it.each(Object.keys(refused))("gets one sentence, and leaves nothing behind: %s", (name) => {
    const { losses, says } = refused[name] as (typeof refused)[string];
    for (const pool of pools) {
      const optimizer = tf.train.adam(0.1);
      const pooled = make(pool, optimizer);
      const before = everything(pooled, optimizer);
      const variables = tf.memory().numTensors;
      const message = messageOf(() => pooled.minimize(losses as LossFunction));
      expect(message, pool.name).toMatch(says);
      expect(message).not.toContain("\n");
      if (!/frozen/.test(name)) {
        expect(everything(pooled, optimizer)).toBe(before);
        expect(tf.memory().numTensors).toBeLessThanOrEqual(variables);
      }
      pooled.minimize(healthy);
    }
  });

  it("passes a mistake in the user's function on, and leaks nothing", () => {
    const pooled = make(pcgrad() as GradientPool);
    pooled.minimize(healthy);
    const { numTensors } = tf.memory();
    const mistake = new Error("mine");
    const losses = (): never => {
      like();
      throw mistake;
    };
    expect(() => pooled.minimize(losses)).toThrow(mistake);
    expect(tf.memory().numTensors).toBe(numTensors);
    pooled.minimize(healthy);
  });

  it("is none where a task alone leaves the shared variables out, or a variable has no use for the moment", () => {
    const pooled = make(pcgrad() as GradientPool);
    const own = (): tf.Scalar => tf.sum(tf.square(headA)) as tf.Scalar;
    pooled.minimize(() => [own(), buy()]);
    pooled.minimize(() => [own(), null]);
    const held = [...base.dataSync()];
    pooled.minimize(() => [tf.sum(tf.square(shift)) as tf.Scalar, tf.sum(shift) as tf.Scalar]);
    expect([...base.dataSync()]).toEqual(held);
    pooled.minimize(() => [null, null]);
    expect((pooled.state() as { step: number }).step).toBe(4);
  });

  it("leaves frozen variables where they are", () => {
    const pooled = make(pcgrad() as GradientPool);
    pooled.minimize(healthy);
    (base as { trainable: boolean }).trainable = false;
    const held = [...base.dataSync()];
    pooled.minimize(healthy);
    expect([...base.dataSync()]).toEqual(held);
  });
});

describe("shared variables that are none", () => {
  it.each([
    [
      "a layer",
      () => [tf.layers.dense({ units: 1, inputShape: [1] })],
      /a layer or model \(pooledOptimizer, shared\[0\]\)/,
    ],
    ["a tensor", () => [tf.zeros([2])], /a tensor \(pooledOptimizer, shared\[0\]\)/],
    ["nothing", () => [base, undefined], /undefined \(pooledOptimizer, shared\[1\]\)/],
    ["one variable twice", () => [base, shift, base], /base stands there twice \(pooledOptimizer, shared\[2\]\)/],
    ["no list", () => base, /shared is no variable but a tensor/],
    ["an empty list", () => [], /shared is empty/],
  ] as const)("are refused in a sentence: %s", (_, shared, says) => {
    const options = { shared: shared() as never };
    expect(messageOf(() => pooledOptimizer(tf.train.sgd(1), pcgrad() as GradientPool, options))).toMatch(says);
  });

  it("are refused when they have been disposed in between", () => {
    const pooled = make(pcgrad() as GradientPool);
    pooled.minimize(healthy);
    shift.dispose();
    expect(messageOf(() => pooled.minimize(healthy))).toMatch(/variable shift was disposed/);
  });
});
