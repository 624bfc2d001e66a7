import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { createRandom, definePool, type GradientPool, type TaskGradients } from "@gradpool/core";
import type { Batch, JointBatch, OwnerFeatures } from "@gradpool/data";
import { ew } from "@gradpool/ew";
import { bpr, type EmbeddingModel, mf, sharedBottom, type TensorModel, type TensorOps } from "@gradpool/models";
import { multiBalance } from "@gradpool/multibalance";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import * as tfjs from "@tensorflow/tfjs";
import { afterEach, describe, expect, it } from "vitest";
import { createEngine } from "../src/create-engine.js";
import type { Engine } from "../src/engine/contract.js";
import type { EngineSettings } from "../src/engine/options.js";
import { bprBatch, ids, worst } from "./embedding-helpers.js";

const users = 60;
const items = 80;
const dim = 8;
const rows = 11;
const tf = tfjs as unknown as TensorOps;

/** Two values of everybody, up to three of some, and a number: weights of all kinds; the last owners are never shown. */
function features(owners: number, seed: number): OwnerFeatures {
  const random = createRandom(seed);
  const offsets = [0];
  const own: number[] = [];
  const weights: number[] = [];
  for (let owner = 0; owner < owners; owner++) {
    own.push(1 + random.int(2));
    weights.push(1);
    const several = random.int(4);
    for (let k = 0; k < several; k++) {
      own.push(3 + ((k + random.int(2)) % 7));
      weights.push(1 / several);
    }
    own.push(10);
    weights.push(random.normal());
    offsets.push(own.length);
  }
  return {
    features: [
      { name: "kind", kind: "one-hot", first: 0, rows: 3 },
      { name: "tags", kind: "multi-hot", first: 3, rows: 7, pooling: "mean" },
      { name: "age", kind: "numerical", first: 10, rows: 1 },
    ],
    rows,
    offsets: Int32Array.from(offsets),
    ids: Int32Array.from(own),
    weights: Float32Array.from(weights),
    shown: Uint8Array.from({ length: owners }, (_, owner) => Number(owner < owners - 5)),
  };
}

const sides = { users: features(users, 1), items: features(items, 2) };
const shape = { users, items, dim, init: { kind: "normal", std: 0.1 } as const };
const model = (tasks = ["a", "b", "c"]): EmbeddingModel => mf({ ...shape, features: sides, tasks: tasks.map(bpr) });
const names = ["users", "users.features", "items", "items.features"];

const engines: Engine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

function engineOf(options: Partial<EngineSettings> & { model?: EmbeddingModel } = {}): Engine {
  const optimizer = { name: "adam", learningRate: 0.01 } as const;
  const engine = createEngine({ model: model(), pool: pcgrad() as GradientPool, optimizer, seed: 3, ...options });
  engines.push(engine);
  return engine;
}

const batchesAt = (step: number, size = 16): Batch[] =>
  [0, 1, 2].map((t) => bprBatch(size, users, items, step * 10 + t, 1));
function run(target: Engine, from: number, to: number, size?: number): void {
  for (let step = from; step <= to; step++) target.step({ step, epoch: 1, batches: batchesAt(step, size) });
}
const hashes = (target: Engine): Record<string, string> => {
  target.settle();
  return Object.fromEntries(
    [...target.snapshot().arrays].map(([name, values]) => [name, createHash("sha256").update(values).digest("hex")]),
  );
};

/** What the rows of a table are with their features, in float64. */
function sums(own: ArrayLike<number>, of: ArrayLike<number>, { offsets, ids: entries, weights }: OwnerFeatures) {
  const out = Float64Array.from(own);
  for (let owner = 0; owner + 1 < offsets.length; owner++)
    for (let e = offsets[owner] as number; e < (offsets[owner + 1] as number); e++)
      for (let c = 0; c < dim; c++)
        out[owner * dim + c] =
          (out[owner * dim + c] as number) + (weights[e] as number) * (of[(entries[e] as number) * dim + c] as number);
  return out;
}

/** What a gradient of such rows is to the features. */
function handedOn(gradient: ArrayLike<number>, { offsets, ids: entries, weights }: OwnerFeatures): Float64Array {
  const out = new Float64Array(rows * dim);
  for (let owner = 0; owner + 1 < offsets.length; owner++)
    for (let e = offsets[owner] as number; e < (offsets[owner + 1] as number); e++)
      for (let c = 0; c < dim; c++) {
        const at = (entries[e] as number) * dim + c;
        out[at] = (out[at] as number) + (weights[e] as number) * (gradient[owner * dim + c] as number);
      }
  return out;
}

const pools: [string, () => GradientPool][] = [
  ["ew", () => ew() as GradientPool],
  ["pcgrad", () => pcgrad() as GradientPool],
  ["pmtrec, per row", () => pmtRec({ tau: 0.01 }) as GradientPool],
  ["multibalance", () => multiBalance() as GradientPool],
];

describe("rows with features", () => {
  it.each(pools)(
    "at the level representation, %s sees what it would see of tables of the sums, and both get its answer",
    (_, pool) => {
      const start = engineOf();
      const held = new Map(names.map((name) => [name, start.table(name).slice()]));
      const at = (name: string): Float32Array => held.get(name) as Float32Array;
      const optimizer = { name: "sgd", learningRate: 1 } as const;
      const plain = mf({ ...shape, tasks: ["a", "b", "c"].map(bpr) });
      const initial = new Map(
        (["users", "items"] as const).map((side) => [
          side,
          Float32Array.from(sums(at(side), at(`${side}.features`), sides[side])),
        ]),
      );
      const reference = engineOf({ model: plain, pool: pool(), optimizer, initial, level: "parameters" });
      const composed = engineOf({ pool: pool(), optimizer, initial: held, level: "representation" });
      for (const one of [reference, composed]) run(one, 1, 1);
      for (const side of ["users", "items"] as const) {
        const moved = (target: Engine, name: string, from: Float32Array) =>
          target.table(name).map((value, k) => value - (from[k] as number));
        const expected = moved(reference, side, initial.get(side) as Float32Array);
        expect(worst(moved(composed, side, at(side)), expected)).toBeLessThan(1e-6);
        const onFeatures = moved(composed, `${side}.features`, at(`${side}.features`));
        expect(worst(onFeatures, handedOn(expected, sides[side]))).toBeLessThan(1e-6);
        expect(worst(onFeatures, new Float64Array(rows * dim))).toBeGreaterThan(1e-4);
      }
    },
  );

  it("are one group of parameters more at the level parameters, and none at the representation", () => {
    const seen: string[][] = [];
    const looking = definePool({
      name: "looking",
      options: {},
      needs: "norms",
      weigh: ({ size }) => ({ weights: new Float64Array(size).fill(1) }),
    }) as GradientPool;
    const spying: GradientPool = {
      ...looking,
      pool(gradients: TaskGradients, ...rest) {
        seen.push(gradients.parameters.map(({ name }) => name));
        return looking.pool(gradients, ...rest);
      },
    };
    for (const level of ["parameters", "representation"] as const) run(engineOf({ pool: spying, level }), 1, 1);
    expect(seen).toEqual([names, ["users", "items"]]);
  });

  it("go with ids' rows or alone, as balance names them", () => {
    for (const [balance, count] of [
      [["users"], 2],
      [["users.features"], 1],
    ] as const)
      expect(engineOf({ balance, level: "parameters" }).step({ step: 1, epoch: 1, batches: batchesAt(1) }).skipped, String(count)).toBeUndefined(); // prettier-ignore
    expect(() => engineOf({ balance: ["ages"], level: "parameters" })).toThrow(/users.features/);
  });

  it.each(pools)("train to the same bits again, saved and restored in the middle, and without wasm: %s", (_, pool) => {
    for (const level of ["parameters", "representation"] as const) {
      for (const how of ["lazy", "dense-equivalent"] as const) {
        const settings = { pool: pool(), level, optimizer: { name: "adam", learningRate: 0.01, rows: how } } as const;
        const whole = engineOf(settings);
        run(whole, 1, 8);
        const head = engineOf(settings);
        run(head, 1, 3);
        const { arrays, json } = head.snapshot();
        const stored = {
          arrays: new Map([...arrays].map(([name, values]) => [name, values.slice()])),
          json: JSON.parse(JSON.stringify(json)),
        };
        const tail = engineOf(settings);
        run(tail, 1, 2);
        tail.restore(stored);
        run(tail, 4, 8);
        expect(hashes(tail)).toEqual(hashes(whole));
      }
      // Adam would make much of a loss' last bits where a gradient is next to nothing.
      const optimizer = { name: "sgd", learningRate: 1 } as const;
      const [wasm, plain] = [{}, { memory: { kernels: "plain" } as const }].map((memory) => {
        const one = engineOf({ pool: pool(), level, optimizer, ...memory });
        run(one, 1, 3);
        return one;
      }) as [Engine, Engine];
      for (const name of names) expect(worst(wasm.table(name), plain.table(name))).toBeLessThan(1e-5);
    }
  });

  it("train to the same bits on one thread, two and three", async () => {
    for (const level of ["losses", "parameters", "representation"] as const) {
      const all: Record<string, string>[] = [];
      for (const threads of [1, 2, 3]) {
        const one = engineOf({ level, pool: (level === "losses" ? ew() : pcgrad()) as GradientPool, threads });
        for (let step = 1; step <= 4; step++) {
          run(one, step, step, 4000);
          // Workers need a moment to begin: steps after it are shared.
          while (one.threads < threads) await pause(5);
        }
        all.push(hashes(one));
      }
      expect(all[1]).toEqual(all[0]);
      expect(all[2]).toEqual(all[0]);
    }
  });

  it("train alike where tables are spread over small memories, or too large for any", () => {
    // A table of ids with its state is about 100 kB: the first limit parts them, the second fits none of them.
    const owners = 1000;
    const bytes = 4 * owners * dim * 3;
    const big = mf({
      ...shape,
      users: owners,
      items: owners,
      features: { users: features(owners, 1), items: features(owners, 2) },
      tasks: ["a", "b", "c"].map(bpr),
    });
    const optimizer = { name: "sgd", learningRate: 1 } as const;
    for (const level of ["parameters", "representation"] as const) {
      const homes = [undefined, { limit: 4 * bytes }, { limit: 65_536 * 3 }, { kernels: "plain" as const }];
      const all = homes.map((memory) => {
        const one = engineOf({ model: big, level, optimizer, ...(memory === undefined ? {} : { memory }) });
        run(one, 1, 4);
        return one;
      });
      const [reference, parted, ...others] = all as [Engine, Engine, ...Engine[]];
      expect(hashes(parted)).toEqual(hashes(reference));
      for (const other of others)
        for (const name of names) expect(worst(other.table(name), reference.table(name))).toBeLessThan(1e-5);
    }
  });

  it("are read as a step reads them, to the bit, and ids that training does not show as the mean of the others", () => {
    const target = engineOf();
    run(target, 1, 5);
    for (const side of ["users", "items"] as const) {
      const read = target.representation?.(side) as Float32Array;
      const own = target.table(side).slice();
      const { shown } = sides[side];
      for (let c = 0; c < dim; c++) {
        const kept = [...shown.keys()].filter((row) => shown[row] === 1).map((row) => own[row * dim + c] as number);
        const mean = kept.reduce((sum, x) => sum + x, 0) / kept.length;
        for (const [row, seen] of shown.entries()) if (seen === 0) own[row * dim + c] = mean;
      }
      expect(worst(read, sums(own, target.table(`${side}.features`), sides[side]))).toBeLessThan(1e-6);
      expect(target.representation?.(side)).toBe(read);
    }
    const before = target.representation?.("users");
    run(target, 6, 6);
    expect(target.representation?.("users")).not.toBe(before);
  });

  it("keep an engine without features as it was: no level representation, no rows of other tables", () => {
    const plain = mf({ ...shape, tasks: [bpr("a")] });
    expect(() => engineOf({ model: plain, level: "representation" })).toThrow(/no representation/);
    expect(engineOf({ model: plain }).representation).toBeUndefined();
    expect(JSON.stringify(plain.options)).not.toContain("features");
  });

  it("need nothing of a table's size in a step", () => {
    const scratchOf = (owners: number): number => {
      const own = { ...features(owners, 5) };
      const target = engineOf({
        model: mf({ users: owners, items, dim: 4, features: { users: own }, tasks: [bpr("a")] }),
      });
      for (let step = 1; step <= 4; step++) target.step({ step, epoch: 1, batches: [bprBatch(16, 60, items, 3)] });
      return target.memory().scratch;
    };
    expect(scratchOf(100_000)).toBe(scratchOf(1000));
  });

  it("refuse rows that do not fit, in one line", () => {
    const own = features(users, 1);
    const wrong: readonly (readonly [Partial<OwnerFeatures>, RegExp])[] = [
      [{ offsets: own.offsets.slice(1) }, /offsets of 59 rows for 60/],
      [{ ids: own.ids.map((id, k) => (k === 3 ? rows : id)) }, /row 11 of users.features, which has 11/],
      [{ weights: own.weights.slice(1) }, /fewer entries/],
    ];
    for (const [change, message] of wrong)
      expect(() =>
        engineOf({ model: mf({ ...shape, features: { users: { ...own, ...change } }, tasks: [bpr("a")] }) }),
      ).toThrow(message);
  });
});

describe("a shared bottom with features", () => {
  const tasks = ["buy", "cart"];
  const tensor = (): TensorModel =>
    sharedBottom({ users, items, dim: 4, mlp: [6], tower: [4], dropout: 0, tasks, features: sides, init: { kind: "normal", std: 0.3 } }); // prettier-ignore
  const joint = (seed: number): JointBatch => ({
    kind: "joint",
    size: 24,
    tasks,
    users: ids(24, users, seed),
    items: ids(24, items, seed + 1),
    labels: tasks.map((_, t) => Float32Array.from(ids(24, 2, seed + 2 + t))),
    masks: tasks.map(() => new Uint8Array(24).fill(1)),
  });

  it.each(["losses", "representation", "parameters"] as const)(
    "learns at the level %s, and ranks as it predicts",
    (level) => {
      const pool = (level === "losses" ? ew() : pcgrad()) as GradientPool;
      const engine = createEngine({ model: tensor(), pool, level, tf, seed: 2, optimizer: { name: "adam", learningRate: 0.05 } }); // prettier-ignore
      const before = engine.table("mf.users.features").slice();
      const first = engine.step({ step: 1, epoch: 1, joint: joint(1) }).losses[0] as number;
      for (let step = 2; step <= 25; step++) engine.step({ step, epoch: 1, joint: joint(1) });
      expect(engine.step({ step: 26, epoch: 1, joint: joint(1) }).losses[0]).toBeLessThan(0.7 * first);
      expect(worst(engine.table("mf.users.features"), before)).toBeGreaterThan(0.05);
      const scorer = engine.scorer("buy");
      const scores = new Float32Array(items);
      scorer.score(Int32Array.of(7), scores);
      scorer.dispose();
      const batch = { ...joint(1), users: new Int32Array(24).fill(7), items: Int32Array.from({ length: 24 }, (_, k) => k) }; // prettier-ignore
      const [logits] = engine.predict(batch) as [Float32Array];
      expect(worst(scores.subarray(0, 24), logits)).toBeLessThan(1e-4);
      engine.dispose();
    },
  );
});
