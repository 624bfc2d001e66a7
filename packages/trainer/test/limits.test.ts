import { atLevel, type GradientPool } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { metaBalance } from "@gradpool/metabalance";
import { bpr, type EmbeddingModel, lightgcn, mf, ngcf, sharedBottom, socialLink } from "@gradpool/models";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import { beforeAll, describe, expect, it } from "vitest";
import { createEngine, type Engine, type Clip, selectBackend } from "../src/index.js";
import type { StepInput } from "../src/engine/contract.js";
import { bprBatch, ids } from "./embedding-helpers.js";
import { randomGraph } from "./graph-helpers.js";
import { input, jointBatch, tf } from "./tensor-helpers.js";

beforeAll(async () => {
  await selectBackend("cpu", { log: null });
});

const users = 30;
const items = 20;

interface Case {
  readonly engine: (more: { readonly clip?: Clip; readonly taskWeights?: Record<string, number> }) => Engine;
  readonly names: readonly string[];
  readonly tables: readonly string[];
  readonly step: StepInput;
}

// Plain SGD with a rate of 1: a step moves the weights by the gradient that the optimiser was given, and shows it.
const optimizer = { name: "sgd", learningRate: 1 } as const;

function embedding(pool: () => GradientPool): Case {
  const model = mf({ users, items, dim: 4, tasks: [bpr("buy"), bpr("cart"), bpr("pv")] });
  const batches = [bprBatch(9, users, items, 1), bprBatch(12, users, items, 2), bprBatch(7, users, items, 3)];
  return {
    engine: (more) => createEngine({ model, pool: pool(), optimizer, seed: 3, ...more }),
    names: ["users", "items"],
    tables: ["users", "items"],
    step: { step: 1, epoch: 1, batches },
  };
}

function tensor(pool: () => GradientPool): Case {
  const tasks = ["buy", "cart"];
  const model = sharedBottom({ users, items, tasks, dim: 4, mlp: [8, 4], tower: [6], dropout: 0 });
  return {
    engine: (more) => createEngine({ tf, model, pool: pool(), optimizer, seed: 3, ...more }),
    names: [...model.tables, ...model.variables].map(({ name }) => name),
    tables: model.tables.map(({ name }) => name),
    step: input(jointBatch(tasks, users, items, 16)),
  };
}

function graph(pool: () => GradientPool, encoder: "lightgcn" | "ngcf"): Case {
  const built = randomGraph(users, items, 5, true);
  const tasks = [bpr("buy"), socialLink("social")];
  const model =
    encoder === "lightgcn" ? lightgcn({ graph: built, dim: 4, tasks }) : ngcf({ graph: built, dim: 4, tasks });
  const pairs = {
    kind: "pairs",
    entity: "user",
    size: 6,
    left: ids(6, users, 1),
    right: ids(6, users, 2),
    negatives: ids(6, users, 3),
    negativesPerPositive: 1,
  } as const;
  return {
    engine: (more) => createEngine({ model, pool: pool(), optimizer, seed: 3, ...more }),
    names: [...model.tables, ...model.variables].map(({ name }) => name),
    tables: model.tables.map(({ name }) => name),
    step: { step: 1, epoch: 1, batches: [bprBatch(9, users, items, 1), pairs] },
  };
}

const coordinates = (level: GradientPool["level"]): GradientPool => ({
  ...(ew() as GradientPool),
  name: "own",
  needs: "gradients",
  level,
  pool(gradients, _context, state) {
    const values = new Map(
      gradients.parameters.map(({ name, size }) => {
        const sum = new Float64Array(size);
        for (const own of gradients.values(name)) own.forEach((x, k) => (sum[k] = (sum[k] as number) + x / 2));
        return [name, sum] as const;
      }),
    );
    return { combined: gradients.assemble(values), state };
  },
});

const cases: readonly (readonly [string, () => Case])[] = [
  ["embeddings, weights for the model", () => embedding(() => atLevel(pcgrad(), "parameters") as GradientPool)],
  ["embeddings, at the losses", () => embedding(() => ew() as GradientPool)],
  ["embeddings, weights per table", () => embedding(() => metaBalance() as GradientPool)],
  ["embeddings, weights per row", () => embedding(() => pmtRec() as GradientPool)],
  ["embeddings, coordinates", () => embedding(() => coordinates("parameters"))],
  ["a tensor model, at the losses", () => tensor(() => ew() as GradientPool)],
  ["a tensor model, at the representation", () => tensor(() => atLevel(pcgrad(), "representation") as GradientPool)],
  ["a tensor model, at the parameters", () => tensor(() => atLevel(pcgrad(), "parameters") as GradientPool)],
  ["a tensor model, coordinates", () => tensor(() => coordinates("parameters"))],
  ["LightGCN, at the parameters", () => graph(() => atLevel(pcgrad(), "parameters") as GradientPool, "lightgcn")],
  ["NGCF, at the representation", () => graph(() => atLevel(pcgrad(), "representation") as GradientPool, "ngcf")],
];

const read = (engine: Engine, { names, tables }: Case): Float64Array =>
  Float64Array.from(names.flatMap((name) => [...(tables.includes(name) ? engine.table(name) : engine.variable(name))]));

/** The gradient that the optimiser was given, over all parameters, and what the step said. */
function gradientOf(one: Case, more: Parameters<Case["engine"]>[0] = {}) {
  const engine = one.engine(more);
  const before = read(engine, one);
  const result = engine.step(one.step);
  const after = read(engine, one);
  engine.dispose();
  return { gradient: before.map((x, k) => x - (after[k] as number)), after, result };
}

const norm = (values: Float64Array): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
/** Weights around .1 in float32: their differences have no more digits. */
const digits = 3e-7;

function expectClose(ours: Float64Array, theirs: Float64Array, tolerance: number): void {
  expect(ours.length).toBe(theirs.length);
  const worst = ours.reduce((most, x, k) => Math.max(most, Math.abs(x - (theirs[k] as number))), 0);
  expect(worst).toBeLessThan(tolerance);
}

describe.each(cases)("a limit on %s", (_name, make) => {
  const one = make();
  const whole = gradientOf(one);

  it("by norm scales everything that the step moves alike, heads included, and says what the norm was", () => {
    const limit = 0.3 * norm(whole.gradient);
    const { gradient, result } = gradientOf(one, { clip: { norm: limit } });
    expect(result.norm).toBeCloseTo(norm(whole.gradient), 4);
    expectClose(
      gradient,
      whole.gradient.map((x) => 0.3 * x),
      2 * digits * (1 + norm(whole.gradient)),
    );
  });

  it("by value cuts each coordinate", () => {
    const limit = 0.4 * whole.gradient.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const { gradient } = gradientOf(one, { clip: { value: limit } });
    expectClose(
      gradient,
      whole.gradient.map((x) => Math.max(-limit, Math.min(limit, x))),
      2 * digits * (1 + norm(whole.gradient)),
    );
    expect(gradient.some((x, k) => Math.abs(x - (whole.gradient[k] as number)) > 0.1 * limit)).toBe(true);
  });

  it("that is not reached leaves every bit", () => {
    const { after, result } = gradientOf(one, { clip: { norm: 1e6 } });
    expect(after).toEqual(whole.after);
    expect(result.losses).toEqual(whole.result.losses);
    expect(whole.result.norm).toBeUndefined();
  });
});

describe.each(cases.filter(([name]) => name.includes("losses") || name.includes("NGCF")))(
  "weights of losses, %s",
  (_name, make) => {
    it("multiply the loss and what it makes of every parameter", () => {
      const one = make();
      const engine = one.engine({});
      const tasks = engine.tasks.names;
      engine.dispose();
      const equal = atOne(one);
      // Both weights doubled: the whole sum is, whatever the pool, for one that adds up.
      const doubled = gradientOf(one, { taskWeights: Object.fromEntries(tasks.map((task) => [task, 2])) });
      expect(Array.from(doubled.result.losses)).toEqual(Array.from(equal.result.losses, (loss) => 2 * loss));
      expectClose(
        doubled.gradient,
        equal.gradient.map((x) => 2 * x),
        4 * digits * (1 + norm(equal.gradient)),
      );
      // One of them: the difference is that task's gradient alone, so that twice the difference is that of a weight of 3.
      const first = tasks[0] as string;
      const two = gradientOf(one, { taskWeights: { [first]: 2 } });
      const three = gradientOf(one, { taskWeights: { [first]: 3 } });
      if (_name.includes("losses"))
        expectClose(
          three.gradient,
          two.gradient.map((x, k) => 2 * x - (equal.gradient[k] as number)),
          8 * digits * (1 + norm(equal.gradient)),
        );
      expect(norm(two.gradient.map((x, k) => x - (equal.gradient[k] as number)))).toBeGreaterThan(1e-3);
    });
  },
);

const atOne = (one: Case) => gradientOf(one);

describe("what is no limit and no weight", () => {
  const one = tensor(() => ew() as GradientPool);
  it.each([
    [{ clip: { norm: 0 } }, /clip\.norm is 0/],
    [{ clip: { value: Number.NaN } }, /clip\.value is NaN/],
    [{ taskWeights: { like: 2 } }, /no task like.*buy, cart/],
    [{ taskWeights: { buy: -1 } }, /weight of buy is -1/],
    [{ classWeights: { buy: 0 } }, /weight of buy is 0/],
  ])("is refused: %o", (more, words) => {
    expect(() => one.engine(more as Parameters<Case["engine"]>[0])).toThrow(words);
  });

  it("is a class of a task without labels", () => {
    const model: EmbeddingModel = mf({ users, items, dim: 4, tasks: [bpr("buy")] });
    expect(() => createEngine({ model, pool: ew() as GradientPool, optimizer, classWeights: { buy: 2 } })).toThrow(
      /buy has no classes/,
    );
  });
});
