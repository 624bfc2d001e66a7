import { createRandom, type GradientPool, type Level, type TaskGradients } from "@gradpool/core";
import type { Batch } from "@gradpool/data";
import { ew } from "@gradpool/ew";
import { metaBalance } from "@gradpool/metabalance";
import {
  alignmentUniformity,
  bpr,
  categoryPair,
  type GraphModel,
  itemPair,
  lightgcn,
  mf,
  ngcf,
  pointwise,
  ratings,
  socialLink,
  type TaskBuilder,
} from "@gradpool/models";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import { describe, expect, it } from "vitest";
import { createEngine } from "../src/create-engine.js";
import type { Engine } from "../src/engine/contract.js";
import type { EngineSettings } from "../src/engine/options.js";
import { rankingEvaluator } from "../src/evaluate/ranking.js";
import { bprBatch, ids, noise, worst } from "./embedding-helpers.js";
import { counted, randomGraph, spy } from "./graph-helpers.js";

const users = 40;
const items = 50;
const graph = randomGraph(users, items, 1);
const three = ["a", "b", "c"].map(bpr);

const encoders: [string, (tasks: readonly TaskBuilder[], dropout?: number) => GraphModel][] = [
  ["lightgcn", (tasks, d = 0) => lightgcn({ graph, tasks, dim: 8, layers: 2, l2: 0.05, edgeDropout: d })],
  ...(["paper", "official", "recbole"] as const).map((form): (typeof encoders)[number] => [
    `ngcf ${form}`,
    (tasks, d = 0) => ngcf({ graph, tasks, form, dim: 6, layers: [7, 5], l2: 0.05, messageDropout: d, edgeDropout: d }),
  ]),
];

const batchesAt = (step: number, count = 3, size = 16): Batch[] =>
  Array.from({ length: count }, (_, t) => bprBatch(size, users, items, step * 10 + t));

function engine(model: GraphModel, options: Partial<EngineSettings> = {}): Engine {
  return createEngine({
    model,
    pool: ew() as GradientPool,
    optimizer: { name: "adam", learningRate: 0.01 },
    seed: 3,
    ...options,
  });
}

function run(target: Engine, from: number, to: number): void {
  for (let step = from; step <= to; step++) target.step({ step, epoch: 1, batches: batchesAt(step) });
}

const bits = (target: Engine): number[][] =>
  [...target.snapshot().arrays].map(([, values]) => Array.from(values as Float32Array));

const placed: [string, Level, () => GradientPool][] = [
  ["ew", "losses", () => ew() as GradientPool],
  ["pcgrad", "representation", () => pcgrad() as GradientPool],
  ["pcgrad", "parameters", () => pcgrad() as GradientPool],
  ["metabalance", "parameters", () => metaBalance() as GradientPool],
  ["pmtrec, per row,", "parameters", () => pmtRec({ tau: 0.01 }) as GradientPool],
  ["pmtrec, per row,", "representation", () => pmtRec({ tau: 0.01 }) as GradientPool],
];
const all = encoders.flatMap(([name, make]) =>
  placed.map(([pool, level, made]) => ({ name, make, pool, level, made })),
);

describe("a resumed run", () => {
  it.each(all)("of $name with $pool at $level, with dropout, goes on with the same bits", ({ make, made, level }) => {
    const fresh = (): Engine => engine(make(three, 0.2), { pool: made(), level });
    const [whole, head, tail] = [fresh(), fresh(), fresh()];
    run(whole, 1, 6);
    run(head, 1, 3);
    const { arrays, json } = head.snapshot();
    const copied = new Map([...arrays].map(([key, values]) => [key, values.slice()]));
    // Looking at Z in between changes nothing.
    head.representation?.("users");
    run(head, 4, 6);
    tail.restore({ arrays: copied, json: JSON.parse(JSON.stringify(json)) as typeof json });
    run(tail, 4, 6);
    for (const other of [head, tail]) expect(bits(other)).toEqual(bits(whole));
    expect(tail.representation?.("items")).toEqual(whole.representation?.("items"));
    const seeded = engine(make(three, 0.2), { pool: made(), level, seed: 4 });
    run(seeded, 1, 6);
    expect(bits(seeded)).not.toEqual(bits(whole));
  });

  it.each(encoders)("of %s comes to the same in plain memory, to rounding", (_, make) => {
    for (const level of ["representation", "parameters"] as const) {
      const options = { pool: pcgrad() as GradientPool, level, optimizer: { name: "sgd", learningRate: 0.1 } as const };
      const [wasm, plain] = [
        engine(make(three, 0.2), options),
        engine(make(three, 0.2), { ...options, memory: { kernels: "plain" } }),
      ];
      for (const target of [wasm, plain]) run(target, 1, 6);
      expect([wasm.backend, plain.backend]).toEqual(["wasm", "plain"]);
      const theirs = bits(wasm);
      bits(plain).forEach((values, k) => expect(worst(values, theirs[k] as number[])).toBeLessThan(1e-5));
    }
  });
});

describe("tables in the graph's order", () => {
  const model = (): GraphModel => lightgcn({ graph, tasks: three, dim: 48, layers: 3, l2: 0.05, edgeDropout: 0.2 });

  it("in planes come to what rows come to, to rounding", () => {
    const make = (kernels: "wasm" | "plain"): Engine =>
      engine(model(), {
        pool: pcgrad() as GradientPool,
        level: "parameters",
        optimizer: { name: "sgd", learningRate: 0.1 },
        memory: { kernels },
      });
    const [wasm, plain] = [make("wasm"), make("plain")];
    for (const target of [wasm, plain]) run(target, 1, 6);
    const theirs = bits(wasm);
    bits(plain).forEach((values, k) => expect(worst(values, theirs[k] as number[])).toBeLessThan(1e-5));
  });

  it("are shown in that of their ids, may be written to, and are not moved by a look at Z", () => {
    const [looked, alone] = [engine(model()), engine(model())];
    run(looked, 1, 1);
    // The first look at both makes memory grow, which takes views away.
    looked.table("users");
    looked.representation?.("users");
    run(looked, 2, 2);
    run(alone, 1, 2);
    const { arrays } = looked.snapshot();
    const view = looked.table("items");
    const held = view.slice();
    expect(view).toEqual(arrays.get("table/items"));
    looked.representation?.("users");
    expect(view).toEqual(held);
    for (const target of [looked, alone]) run(target, 3, 4);
    expect(bits(looked)).toEqual(bits(alone));
    looked.table("items").fill(0.5, 48, 96);
    expect(looked.representation?.("items")).not.toEqual(alone.representation?.("items"));
    expect(Array.from(looked.table("items").subarray(48, 96))).toEqual(Array.from({ length: 48 }, () => 0.5));
  });
});

describe("an encoder", () => {
  it.each(encoders)(
    "%s goes back once at the representation whatever the number of tasks, and once a task at the parameters",
    (_, make) => {
      const products = (level: Level, count: number): { backward: number; products: number } => {
        const tasks = Array.from({ length: count }, (_task, t) => bpr(`t${t}`));
        const { model, counts } = counted({ ...make(tasks), decay: { weight: 0, of: "ego", tasks: [] } });
        const target = engine(model, {
          pool: level === "losses" ? (ew() as GradientPool) : (pcgrad() as GradientPool),
          level,
        });
        target.step({ step: 1, epoch: 1, batches: batchesAt(1, count) });
        expect(counts.forward).toBe(1);
        return { backward: counts.backward, products: counts.products };
      };
      const once = products("losses", 1);
      expect(once).toEqual({ backward: 1, products: 4 });
      for (const count of [1, 2, 5]) {
        expect(products("losses", count)).toEqual(once);
        expect(products("representation", count)).toEqual(once);
        expect(products("parameters", count)).toEqual({ backward: count, products: 2 + 2 * count });
      }
    },
  );

  it.each(encoders)(
    "%s with equal weights trains alike at all levels, whatever stands in the way of a gradient",
    (_, make) => {
      const trained = (["losses", "representation", "parameters"] as const).map((level) => {
        const target = engine(make(three, 0.1), {
          optimizer: { name: "sgd", learningRate: 0.5 },
          ...(level === "losses" ? {} : { pool: spy(level, () => undefined) }),
        });
        run(target, 1, 5);
        return bits(target);
      });
      for (const other of trained.slice(1))
        other.forEach((values, k) => expect(worst(values, trained[0]?.[k] as number[])).toBeLessThan(2e-5));
    },
  );

  it("without layers is matrix factorisation whose rows are dense-equivalent", () => {
    for (const optimizer of [
      { name: "adam" as const, learningRate: 0.01 },
      { name: "sgd" as const, learningRate: 0.5, momentum: 0.9 },
    ]) {
      const init = { kind: "normal", std: 0.1 } as const;
      const behind = engine(lightgcn({ graph, tasks: three, dim: 8, layers: 0, l2: 0, init }), {
        optimizer,
        pool: pcgrad() as GradientPool,
      });
      const plain = createEngine({
        model: mf({ users, items, dim: 8, tasks: three, init }),
        pool: pcgrad() as GradientPool,
        optimizer: { ...optimizer, rows: "dense-equivalent" },
        seed: 3,
      });
      for (let step = 1; step <= 10; step++) {
        const [a, b] = [behind, plain].map((target) => target.step({ step, epoch: 1, batches: batchesAt(step) }));
        expect(worst(a?.losses ?? [], b?.losses ?? [])).toBeLessThan(1e-6);
      }
      for (const name of ["users", "items"]) expect(worst(behind.table(name), plain.table(name))).toBeLessThan(1e-6);
      expect(behind.representation?.("users")).toEqual(behind.table("users"));
    }
  });

  it("leaves rows without an edge to their own gradients, and ranks with Z", async () => {
    const model = lightgcn({ graph, tasks: [bpr("a")], dim: 4, layers: 2, l2: 0 });
    const target = engine(model);
    run1(target, 1, 3);
    const z = target.representation?.("users") as Float32Array;
    const ego = target.table("users");
    // User 5 has none: its row of Z is a third of its own.
    for (let c = 20; c < 24; c++) expect(z[c]).toBeCloseTo((ego[c] as number) / 3, 6);
    const offsets = Int32Array.from({ length: users + 1 }, (_, u) => u);
    const best = Int32Array.from({ length: users }, (_, u) =>
      bestItem(z, target.representation?.("items") as Float32Array, u),
    );
    const none = { offsets: new Int32Array(users + 1), items: new Int32Array(0) };
    const part = { relevant: { offsets, items: best }, exclude: none };
    const evaluate = rankingEvaluator({ engine: target, model, metrics: ["hr@1"], valid: part, test: part });
    expect((await evaluate("test"))["hr@1"]).toBe(1);
  });

  it("takes edges between users as well", () => {
    const more = randomGraph(users, items, 1, true);
    expect(more.neighbours.length).toBeGreaterThan(graph.neighbours.length);
    const target = engine(lightgcn({ graph: more, tasks: three, dim: 4 }));
    run(target, 1, 2);
    const without = engine(lightgcn({ graph, tasks: three, dim: 4 }));
    run(without, 1, 2);
    expect(Array.from(target.table("users"))).not.toEqual(Array.from(without.table("users")));
  });
});

function run1(target: Engine, from: number, to: number): void {
  for (let step = from; step <= to; step++) target.step({ step, epoch: 1, batches: batchesAt(step, 1) });
}

function bestItem(z: Float32Array, all: Float32Array, u: number): number {
  const scores = Array.from({ length: items }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < 4; c++) sum += (z[u * 4 + c] as number) * (all[i * 4 + c] as number);
    return sum;
  });
  return scores.indexOf(Math.max(...scores));
}

const pairsOf = (entity: "user" | "item", below: number): Batch => ({
  kind: "pairs",
  entity,
  size: 6,
  left: ids(6, below, 1),
  right: ids(6, below, 2),
  negatives: ids(12, below, 3),
  negativesPerPositive: 2,
});
const own = { size: 6, users: ids(6, users, 4), items: ids(6, items, 5) };
const tasks: [string, TaskBuilder, Batch][] = [
  ["bpr", bpr("t"), bprBatch(6, users, items, 7, 2)],
  ["bce", pointwise("t"), { kind: "pointwise", ...own, labels: Float32Array.of(1, 0, 0, 1, 1, 0) }],
  ["social", socialLink("t"), pairsOf("user", users)],
  ["category", categoryPair("t"), pairsOf("item", items)],
  ["item pairs", itemPair("t"), pairsOf("item", items)],
  [
    "ratings",
    ratings("t", { offset: 3, scale: 1.2 }),
    { kind: "rating", ...own, ratings: Float32Array.of(1, 2, 3, 4, 5, 4) },
  ],
  ["alignment/uniformity", alignmentUniformity("t"), bprBatch(6, users, items, 8)],
];

describe("gradients equal finite differences of the loss", () => {
  it.each(
    encoders.flatMap(([name, make]) => tasks.map(([task, build, batch]) => ({ name, task, make, build, batch }))),
  )("of $task behind $name", ({ make, build, batch }) => {
    let shown: Map<string, Float64Array> | undefined;
    const look = ({ parameters, values }: TaskGradients): void => {
      shown ??= new Map(parameters.map(({ name }) => [name, Float64Array.from(values(name)[0] ?? [])]));
    };
    const target = engine(make([build]), {
      pool: spy("parameters", look),
      optimizer: { name: "sgd", learningRate: 0 },
      initial: startsOf(make([build])),
    });
    const loss = (): number => target.step({ step: 1, epoch: 1, batches: [batch] }).losses[0] as number;
    const noisy = 2e-5 * Math.max(1, loss());
    const { arrays } = target.snapshot();
    const random = createRandom(9);
    for (const key of arrays.keys()) {
      // Views hold until the next step.
      const now = (): Float32Array => target.snapshot().arrays.get(key) as Float32Array;
      // Along the gradient, and at random: float32 tells these from noise, single coordinates it does not.
      const gradient = gradientOf(key, shown as Map<string, Float64Array>);
      const size = Math.hypot(...gradient);
      if (size < 1e-6) continue;
      for (const along of [gradient.map((x) => x / size), unitOf(gradient.map(() => random.normal()))]) {
        const held = now().slice();
        const at = (by: number): number => {
          now().set(held.map((x, k) => x + by * (along[k] as number)));
          return loss();
        };
        const slope = (8 * (at(0.01) - at(-0.01)) - (at(0.02) - at(-0.02))) / 0.12;
        now().set(held);
        const expected = along.reduce((sum, x, k) => sum + x * (gradient[k] as number), 0);
        expect(Math.abs(slope - expected), key).toBeLessThan(2e-3 * size + noisy);
      }
    }
  });
});

const unitOf = (values: Float64Array): Float64Array => {
  const size = Math.hypot(...values);
  return values.map((x) => x / size);
};

function startsOf(model: GraphModel): Map<string, Float32Array> {
  const shapes = [
    ...model.tables.map(({ name, rows, dim }) => [name, rows * dim] as const),
    ...model.variables.map(({ name, shape }) => [name, shape.reduce((a, b) => a * b, 1)] as const),
  ];
  // Biases keep every unit on one side of its kink, half of them on each, and weights are small: the loss is smooth there.
  const bias = (count: number): Float32Array => Float32Array.from({ length: count }, (_, k) => (k % 2 === 0 ? 2 : -2));
  return new Map(
    shapes.map(([name, count], k) => [
      name,
      name.endsWith(".b") ? bias(count) : noise(count, 50 + k, name.endsWith(".w") ? 0.02 : 0.3),
    ]),
  );
}

/** The gradient of a snapshot's array: a table's, or all variables' one after the other. */
function gradientOf(key: string, shown: ReadonlyMap<string, Float64Array>): Float64Array {
  if (key.startsWith("table/")) return shown.get(key.slice("table/".length)) as Float64Array;
  const variables = [...shown].filter(([name]) => name !== "users" && name !== "items");
  return Float64Array.from(variables.flatMap(([, values]) => Array.from(values)));
}

describe("a graph engine", () => {
  const model = (): GraphModel => lightgcn({ graph, tasks: three, dim: 4, layers: 1 });

  it("balances the parameters that it is told to, and adds up the rest", () => {
    const seen: string[][] = [];
    const target = engine(ngcf({ graph, tasks: three, dim: 4, layers: [4] }), {
      pool: spy("parameters", ({ parameters }) => seen.push(parameters.map(({ name }) => name))),
      balance: ["items", "sum.0.w"],
    });
    const free = engine(ngcf({ graph, tasks: three, dim: 4, layers: [4] }), {
      pool: spy("parameters", () => undefined),
    });
    for (const one of [target, free]) run(one, 1, 3);
    expect(seen[0]).toEqual(["items", "sum.0.w"]);
    bits(target).forEach((values, k) => expect(worst(values, bits(free)[k] as number[])).toBeLessThan(1e-5));
  });

  it("goes on without an absent task, and leaves a step without any alone", () => {
    for (const level of ["losses", "representation", "parameters"] as const) {
      const target = engine(model(), level === "losses" ? {} : { pool: pcgrad() as GradientPool, level });
      const [a, , c] = batchesAt(1);
      const { losses } = target.step({ step: 1, epoch: 1, batches: [a ?? null, null, c ?? null] });
      expect(Array.from(losses, Number.isFinite)).toEqual([true, false, true]);
      const before = bits(target);
      target.step({ step: 2, epoch: 1, batches: [null, null, null] });
      expect(bits(target)).toEqual(before);
    }
  });

  it("says which loss or gradient is not finite, and leaves the weights alone", () => {
    const initial = new Map([["users", new Float32Array(users * 4).fill(Number.NaN)]]);
    expect(() => run(engine(model(), { initial }), 1, 1)).toThrow(
      /the loss is NaN: row \d+ of users is not finite \(step 1, epoch 1, task a, bpr batch of 16\): lower the learning rate/,
    );
    const target = engine(model(), { onNonFinite: "skip" });
    run(target, 1, 2);
    target.table("items").fill(3e38);
    const before = bits(target);
    const result = target.step({ step: 3, epoch: 1, batches: batchesAt(3) });
    expect(result.skipped?.task).toBe("a");
    expect(bits(target)).toEqual(before);
  });

  it("reports diagnostics at every level without changing a bit", () => {
    for (const level of ["losses", "representation", "parameters"] as const) {
      const options = level === "losses" ? {} : { pool: pcgrad() as GradientPool, level };
      const [quiet, loud] = [engine(model(), options), engine(model(), options)];
      run(quiet, 1, 3);
      for (let step = 1; step <= 3; step++) {
        const { diagnostics } = loud.step({ step, epoch: 1, batches: batchesAt(step), diagnostics: true });
        expect(Array.from(diagnostics?.norms ?? []).every((norm) => norm > 0)).toBe(true);
        expect(diagnostics?.cosines.length).toBe(9);
      }
      expect(bits(loud)).toEqual(bits(quiet));
    }
  });

  it("says what it holds, and refuses what is not there", () => {
    const target = engine(model());
    const { weights, optimizer, scratch } = target.memory();
    const own = 4 * 90 * 4;
    expect([Math.floor(weights / own), Math.floor(optimizer / own)]).toEqual([1, 2]);
    expect(scratch).toBeGreaterThan(0);
    expect(() => target.table("nobody")).toThrow(/no table nobody .*: it has: users, items/);
    expect(() => target.step({ step: 1, epoch: 1, batches: [] })).toThrow(/give 3, one per task/);
    const [, b, c] = batchesAt(1);
    const outside = { ...bprBatch(2, users, items, 1), users: Int32Array.of(0, users) };
    expect(() => target.step({ step: 1, epoch: 1, batches: [outside, b ?? null, c ?? null] })).toThrow(
      /row id 40 .*users/,
    );
  });
});
