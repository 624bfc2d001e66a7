import { atRepresentation, type GradientPool } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { gradCraft } from "@gradpool/gradcraft";
import { aitm, denseSpecs, esmm, mmoe, ple, pleDeepfm, stem, type TensorModel } from "@gradpool/models";
import { multiBalance } from "@gradpool/multibalance";
import { pcgrad } from "@gradpool/pcgrad";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import type { TensorEngine } from "../src/engine/contract.js";
import { createEngine } from "../src/create-engine.js";
import { impressions, input, largestDifference, tf, weightsOf } from "./tensor-helpers.js";

const tasks = ["click", "cart", "buy"];
const shape = { fields: 3, vocabulary: 11, numerical: 0, size: 20 };
const fields = ["f0", "f1", "f2"].map((name) => ({ name, vocabulary: 11 }));
const sizes = { fields, tasks, dim: 4, expert: [6, 5], head: [4], init: { kind: "normal", std: 0.3 } } as const;
const batch = impressions(tasks, shape);
const pools = [pcgrad(), multiBalance(), gradCraft()] as GradientPool[];

const engineOf = (model: TensorModel, pool: GradientPool): TensorEngine =>
  createEngine({ tf, model, pool, optimizer: { name: "sgd", learningRate: 0.5 }, seed: 3 });

/** The same model, whose inputs count the backward passes that come down to them. */
function counted(model: TensorModel): { readonly model: TensorModel; passes(): number } {
  let passes = 0;
  const watch = tf.customGrad((x) => ({
    value: tf.clone(x as Tensor),
    gradFunc: (dy: Tensor) => {
      passes++;
      return dy;
    },
  }));
  const trunk: TensorModel["trunk"] = (ops, inputs, variables, context) =>
    model.trunk(ops, { ...inputs, fields: watch(inputs["fields"] as Tensor) }, variables, context);
  return { model: { ...model, trunk }, passes: () => passes };
}

const experts = [mmoe(sizes), ple({ ...sizes, levels: 2 }), pleDeepfm({ ...sizes, dropout: 0 })];

describe("one backward pass through the trunk", () => {
  for (const model of experts) {
    it(`is all that a pool at the representation costs ${model.name}, and at the parameters it is one a task`, () => {
      for (const pool of [ew() as GradientPool, ...pools]) {
        const watched = counted(model);
        const engine = engineOf(watched.model, atRepresentation(pool));
        engine.step(input(batch));
        expect(watched.passes(), pool.name).toBe(1);
        engine.dispose();
      }
      const watched = counted(model);
      const engine = engineOf(watched.model, pcgrad());
      engine.step(input(batch));
      expect(watched.passes()).toBe(tasks.length);
      engine.dispose();
    });

    it(`runs as many products of matrices for ${model.name} whichever pool acts on the cut`, async () => {
      const products = async (pool: GradientPool): Promise<number> => {
        const engine = engineOf(model, atRepresentation(pool));
        const { kernels } = await tf.profile(() => void engine.step(input(batch)));
        engine.dispose();
        return kernels.filter(({ name }) => name.includes("MatMul")).length;
      };
      const plain = await products(ew());
      for (const pool of pools) {
        // PCGrad's and the others' inner products are the host's on this backend; what they look at is written out once a task.
        expect(Math.abs((await products(pool)) - plain), pool.name).toBeLessThanOrEqual(1);
      }
    });
  }
});

describe("the level parameters", () => {
  /** Tensors that are there when the pool is asked. */
  function alive(model: TensorModel, level: "losses" | "parameters"): number {
    let count = 0;
    const plain = ew() as GradientPool;
    const pool: GradientPool = {
      ...plain,
      level,
      pool(...asked) {
        count = tf.memory().numTensors;
        return plain.pool(...asked);
      },
    };
    const engine = engineOf(model, pool);
    engine.step(input(batch));
    engine.dispose();
    return count;
  }

  it.each(experts.map((model) => [model.name, model] as const))(
    "has let go of all that came back, task by task, when it asks the pool (%s)",
    (_, model) => {
      // A pool of losses is asked when there has been no pass back yet.
      const before = alive(model, "losses");
      expect(before).toBeGreaterThan(0);
      expect(alive(model, "parameters")).toBe(before);
    },
  );
});

describe("the pool's answer at the cut", () => {
  it("is the same whether mixtures stay products, or are written out by the tape", () => {
    const model = mmoe(sizes);
    const { heads } = model;
    const taped: TensorModel = {
      ...model,
      // Read through a sum, experts are no tensor of the cut any more.
      heads: (ops, cut, variables, context) =>
        heads(ops, { ...cut, experts: ops.add(cut["experts"] as Tensor, 0) }, variables, context),
    };
    for (const pool of [ew() as GradientPool, ...pools]) {
      const [a, b] = [model, taped].map((one) => {
        const engine = engineOf(one, atRepresentation(pool));
        for (let step = 1; step <= 3; step++) engine.step(input(batch, step));
        const weights = weightsOf(engine, one);
        engine.dispose();
        return weights;
      }) as [Map<string, Float32Array>, Map<string, Float32Array>];
      for (const [name, w] of a) {
        expect(largestDifference(w, b.get(name) as Float32Array), `${pool.name}, ${name}`).toBeLessThan(2e-6);
      }
    }
  });
});

describe("which task uses which expert", () => {
  it("is said by a step's diagnostics: means of the gates' weights, which add up to 1", () => {
    for (const [model, readers] of [
      [mmoe({ ...sizes, experts: 4 }), tasks],
      [ple({ ...sizes, levels: 2 }), [...tasks.map((task) => `${task}, level 0`), "shared, level 0"]],
      [aitm({ ...sizes, bottom: [5, 4] }), ["cart", "buy"]],
    ] as const) {
      const engine = engineOf(model, ew());
      expect(engine.step(input(batch)).diagnostics).toBeUndefined();
      const { gates = [] } = engine.step({ ...input(batch, 2), diagnostics: true }).diagnostics ?? {};
      for (const reader of readers) {
        const gate = gates.find((one) => one.reader === reader);
        expect(gate?.weights.length, reader).toBe(gate?.experts.length);
        expect(
          gate?.weights.reduce((sum, x) => sum + x, 0),
          reader,
        ).toBeCloseTo(1, 5);
      }
      engine.dispose();
    }
  });
});

describe("a task's own embeddings in STEM", () => {
  it("take no gradient from other tasks, though these read what is made of them", () => {
    const model = stem(sizes);
    const engine = engineOf(model, ew());
    const before = engine.predict(batch);
    const own = engine.table("task.buy.f0");
    const start = own.slice();
    own.forEach((_, k) => (own[k] = (own[k] as number) + 0.5));
    const after = engine.predict(batch);
    expect(largestDifference(before[0] as Float32Array, after[0] as Float32Array)).toBeGreaterThan(1e-6);
    engine.table("task.buy.f0").set(start);
    const absent = { ...batch, masks: batch.masks.map((mask, t) => (t === 2 ? new Uint8Array(mask.length) : mask)) };
    engine.step(input(absent));
    expect(engine.table("task.buy.f0")).toEqual(start);
    expect(engine.table("task.cart.f0")).not.toEqual(start);
    engine.dispose();
  });
});

describe("what a pool may touch", () => {
  const names = (model: TensorModel): string[] => {
    let seen: readonly string[] = [];
    const plain = pcgrad() as GradientPool;
    const spy: GradientPool = {
      ...plain,
      pool(gradients, context, state) {
        seen = gradients.parameters.map(({ name }) => name);
        return plain.pool(gradients, context, state);
      },
    };
    const engine = engineOf(model, atRepresentation(spy));
    const labels = { ...batch, tasks: model.tasks.map(({ name }) => name) };
    engine.step(input(labels));
    engine.dispose();
    return [...new Set(seen.map((name) => name.replace(/\.\d+\.(weight|bias)$/, "")))];
  };

  it("at the representation is the cut, and what is shared above it", () => {
    expect(names(mmoe(sizes))).toEqual(["representation"]);
    expect(names(esmm({ ...sizes, tasks: ["click", "buy"] }))).toEqual(["representation", "ctr"]);
    expect(names(aitm({ ...sizes, bottom: [5, 4] }))).toEqual([
      "representation",
      "bottom.click",
      "bottom.cart",
      "transfer.cart",
      "attention.cart.query",
      "attention.cart.key",
      "attention.cart.value",
    ]);
  });

  /** A trunk of one layer, and a head per task that `reads` says what. */
  const small = (reads: (task: string, cut: Tensor2D) => Tensor): TensorModel => {
    const { tables, lookups } = mmoe(sizes);
    return {
      kind: "tensor",
      name: "small",
      options: {},
      tables,
      variables: [
        ...denseSpecs("trunk", [12, 5], null, "trunk"),
        ...tasks.flatMap((task) => denseSpecs(`head.${task}`, [5, 1], task, task)),
      ],
      tasks: tasks.map((name) => ({ name, objective: "bce" })),
      lookups,
      trunk: (ops, inputs, v) => ({
        x: ops.add(
          ops.matMul(inputs["fields"] as Tensor2D, v["trunk.0.weight"] as Tensor2D),
          v["trunk.0.bias"] as Tensor,
        ),
      }),
      heads: (ops, cut, v) =>
        Object.fromEntries(
          tasks.map((task) => [
            task,
            ops.add(
              ops.matMul(reads(task, cut["x"] as Tensor2D) as Tensor2D, v[`head.${task}.0.weight`] as Tensor2D),
              v[`head.${task}.0.bias`] as Tensor,
            ),
          ]),
        ),
    };
  };

  it("is told by name where a task reaches no shared parameter", () => {
    const engine = engineOf(small((task, x) => (task === "cart" ? tf.ones([20, 5]) : x)), ew()); // prettier-ignore
    expect(() => engine.step(input(batch))).toThrow(
      /the loss of cart reaches no shared parameter \(model small, heads\)/,
    );
    engine.dispose();
  });

  it("is told by name where a loss reaches what another task owns", () => {
    const model = small((_, x) => x);
    const wrong: TensorModel = {
      ...model,
      heads(ops, cut, v, context) {
        const own = model.heads(ops, cut, v, context);
        return { ...own, buy: ops.add(own["buy"] as Tensor, own["cart"] as Tensor) };
      },
    };
    const engine = engineOf(wrong, ew());
    expect(() => engine.step(input(batch))).toThrow(
      /the loss of buy reaches head\.cart\.0\.weight, which belongs to cart \(model small, heads\).*detached/,
    );
    engine.dispose();
  });

  it("is told by name where the cut leaves out a variable of the trunk", () => {
    const model = small((_, x) => x);
    const engine = engineOf(
      { ...model, variables: [...model.variables, ...denseSpecs("spare", [2, 2], null, "spare")] },
      ew(),
    );
    expect(() => engine.step(input(batch))).toThrow(
      /the cut does not depend on spare\.0\.weight \(model small, trunk\)/,
    );
    engine.dispose();
  });
});
