import { readFileSync } from "node:fs";
import type { GradientPool } from "@gradpool/core";
import type { Batch, JointBatch, PointwiseBatch } from "@gradpool/data";
import { ew } from "@gradpool/ew";
import { metaBalance } from "@gradpool/metabalance";
import { bpr, type EmbeddingModel, jointPointwise, mf, pointwise } from "@gradpool/models";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import { describe, expect, it } from "vitest";
import type { Engine } from "../src/engine/contract.js";
import type { EngineSettings } from "../src/engine/options.js";
import { createEngine } from "../src/create-engine.js";
import type { OptimizerSpec } from "../src/optimizer/spec.js";
import { bprBatch, ids, noise, worst } from "./embedding-helpers.js";

const users = 60;
const items = 80;
const dim = 8;
const adam: OptimizerSpec = { name: "adam", learningRate: 0.01 };

const model = (names = ["a", "b", "c"]): EmbeddingModel =>
  mf({ users, items, dim, init: { kind: "normal", std: 0.1 }, tasks: names.map(bpr) });

function engine(options: Partial<EngineSettings> & { model?: EmbeddingModel } = {}): Engine {
  return createEngine({ model: model(), pool: pcgrad() as GradientPool, optimizer: adam, seed: 3, ...options });
}

const batchesAt = (step: number, size = 16): Batch[] =>
  [0, 1, 2].map((t) => bprBatch(size, users, items, step * 10 + t, 1));

function run(target: Engine, from: number, to: number): void {
  for (let step = from; step <= to; step++) target.step({ step, epoch: 1, batches: batchesAt(step) });
}

const bits = (target: Engine): number[][] => ["users", "items"].map((name) => Array.from(target.table(name)));

const pools: [string, () => GradientPool][] = [
  ["ew", () => ew() as GradientPool],
  ["pcgrad", () => pcgrad() as GradientPool],
  ["metabalance", () => metaBalance() as GradientPool],
  ["pmtrec, per row", () => pmtRec({ tau: 0.01 }) as GradientPool],
];

describe("the same bits", () => {
  it.each(pools)("come from the same seed and batches: %s", (_, pool) => {
    const first = engine({ pool: pool() });
    const again = engine({ pool: pool() });
    const other = engine({ pool: pool(), seed: 4 });
    for (const one of [first, again, other]) run(one, 1, 8);
    expect(bits(first)).toEqual(bits(again));
    expect(bits(first)).not.toEqual(bits(other));
  });

  it.each(pools)("come from a run that was saved and restored in the middle: %s", (_, pool) => {
    for (const rows of ["lazy", "dense-equivalent"] as const) {
      const optimizer = { ...adam, rows };
      const whole = engine({ pool: pool(), optimizer });
      run(whole, 1, 12);
      const head = engine({ pool: pool(), optimizer });
      run(head, 1, 5);
      const { arrays, json } = head.snapshot();
      const stored = {
        arrays: new Map([...arrays].map(([name, values]) => [name, values.slice()])),
        json: JSON.parse(JSON.stringify(json)),
      };
      const tail = engine({ pool: pool(), optimizer, seed: 3 });
      run(tail, 1, 2);
      tail.restore(stored);
      run(tail, 6, 12);
      expect(bits(tail)).toEqual(bits(whole));
    }
  });

  it("come with and without diagnostics", () => {
    for (const [, pool] of pools) {
      const quiet = engine({ pool: pool() });
      const loud = engine({ pool: pool() });
      for (let step = 1; step <= 4; step++) {
        quiet.step({ step, epoch: 1, batches: batchesAt(step) });
        const { diagnostics } = loud.step({ step, epoch: 1, batches: batchesAt(step), diagnostics: true });
        expect(diagnostics?.norms.every((norm) => norm > 0)).toBe(true);
        expect(diagnostics?.conflictRate).toBeGreaterThanOrEqual(0);
        expect([...(diagnostics?.weights ?? [])].every(Number.isFinite)).toBe(true);
      }
      expect(bits(quiet)).toEqual(bits(loud));
    }
  });
});

describe("memory", () => {
  it.each(pools)("tables spread over several small memories, or too large for any, train alike: %s", (_, pool) => {
    // One table with its state is about 100 kB; the first limit parts the two, the second fits neither.
    const bytes = 4 * 1000 * dim * 3;
    const big = mf({
      users: 1000,
      items: 1000,
      dim,
      init: { kind: "normal", std: 0.1 },
      tasks: ["a", "b", "c"].map(bpr),
    });
    const homes = [undefined, { limit: 4 * bytes }, { limit: 65_536 * 2 }, { kernels: "plain" as const }];
    const all = homes.map((memory) =>
      engine({ model: big, pool: pool(), ...(memory === undefined ? {} : { memory }) }),
    );
    for (const target of all) run(target, 1, 6);
    const [reference, ...others] = all.map(bits) as number[][][];
    // The losses differ in their last bits between wasm and plain; Adam's first steps turn these into larger ones where
    // a gradient is next to nothing.
    for (const other of others)
      other.forEach((values, k) => expect(worst(values, (reference as number[][])[k] as number[])).toBeLessThan(2e-4));
    expect(others[0]).toEqual(reference);
  });

  it("stays what it is after the first steps", () => {
    for (const [, pool] of pools) {
      const target = engine({ pool: pool() });
      run(target, 1, 3);
      for (let step = 4; step <= 5; step++) target.step({ step, epoch: 1, batches: batchesAt(step, 64) });
      const before = target.memory();
      run(target, 6, 60);
      expect(target.memory()).toEqual(before);
      expect(before.weights).toBe(4 * (users + items) * dim);
      expect(before.optimizer).toBe(2 * before.weights);
    }
  });

  it("views of a table show its weights after memory has grown", () => {
    const target = engine();
    const start = target.table("users").slice();
    target.step({ step: 1, epoch: 1, batches: [0, 1, 2].map((t) => bprBatch(5000, users, items, t)) });
    const now = target.table("users");
    expect(now.length).toBe(users * dim);
    expect(worst(now, start)).toBeGreaterThan(0.005);
    expect(worst(now, start)).toBeLessThan(0.02);
  });
});

describe("what a step may meet", () => {
  const nan = (step: number): Batch[] => {
    const bad = bprBatch(16, users, items, step);
    return [
      bprBatch(16, users, items, step),
      { ...bad, users: bad.users.fill(7) },
      bprBatch(16, users, items, step + 5),
    ];
  };
  const poisoned = (): Map<string, Float32Array> => {
    const table = noise(users * dim, 1, 0.1);
    table[7 * dim + 2] = Number.NaN;
    return new Map([["users", table]]);
  };

  it("a loss that is not finite stops with step, task, row and batch, and changes nothing", () => {
    for (const [, pool] of pools) {
      const target = engine({ pool: pool(), initial: poisoned() });
      const before = target.table("items").slice();
      expect(() => target.step({ step: 12, epoch: 2, batches: nan(1) })).toThrow(
        /loss is NaN: row 7 of users is not finite \(step 12, epoch 2, task [ab], bpr batch of 16\)/,
      );
      expect(Array.from(target.table("items"))).toEqual(Array.from(before));
    }
  });

  it("a gradient that is not finite names the parameter too", () => {
    // The loss is 0 as far as float32 can tell, its gradient overflows when the rows are added up.
    const huge: EmbeddingModel = {
      ...model(["a"]),
      tasks: [
        {
          name: "a",
          objective: "test",
          batch: "bpr",
          lookups: (batch: Batch) => [
            { table: "items", ids: (batch as { positives: Int32Array }).positives, size: 16 },
          ],
          loss: (_, __, [gradient]) => {
            gradient?.fill(3e38);
            return 0;
          },
        },
      ],
    };
    const batch = bprBatch(16, users, items, 1);
    batch.positives.fill(3);
    const options = { model: huge, pool: ew() as GradientPool };
    expect(() => engine(options).step({ step: 3, epoch: 1, batches: [batch] })).toThrow(
      /the sum of the gradients is not finite \(step 3, epoch 1, task a, parameter items, bpr batch of 16\)/,
    );
    const skipping = engine({ ...options, onNonFinite: "skip" });
    expect(skipping.step({ step: 3, epoch: 1, batches: [batch] }).skipped).toEqual({
      task: "a",
      parameter: "items",
      reason: "the sum of the gradients is not finite",
    });
  });

  it("the policy skip leaves weights, moments and step counter alone, and says what happened", () => {
    for (const [, pool] of pools) {
      const target = engine({ pool: pool(), initial: poisoned(), onNonFinite: "skip" });
      const spared = engine({ pool: pool(), initial: poisoned(), onNonFinite: "skip" });
      const clean = (): Batch[] => batchesAt(50).map((batch) => ({ ...batch, users: ids(16, 7, 9) }) as Batch);
      const result = target.step({ step: 1, epoch: 1, batches: nan(2) });
      expect(result.skipped?.reason).toMatch(/row 7 of users/);
      for (const one of [target, spared]) one.step({ step: 2, epoch: 1, batches: clean() });
      const [mine, theirs] = [target, spared].map((one) => one.snapshot());
      expect(mine?.json).toEqual(theirs?.json);
      expect([...(mine?.arrays.values() ?? [])]).toEqual([...(theirs?.arrays.values() ?? [])]);
    }
  });

  it("an absent task enters neither the pool nor the moving averages", () => {
    const target = engine({ pool: metaBalance() as GradientPool });
    const two = engine({ model: model(["a", "c"]), pool: metaBalance() as GradientPool, initial: tables(target) });
    for (let step = 1; step <= 5; step++) {
      const [a, , c] = batchesAt(step) as [Batch, Batch, Batch];
      const result = target.step({ step, epoch: 1, batches: [a, null, c] });
      expect(result.losses[1]).toBeNaN();
      expect(result.samples).toBe(32);
      two.step({ step, epoch: 1, batches: [a, c] });
    }
    expect(bits(target)).toEqual(bits(two));
  });

  it("a task without a label in its batch is absent; all absent, nothing moves", () => {
    const joint: JointBatch = {
      kind: "joint",
      size: 4,
      tasks: ["a", "b"],
      users: ids(4, users, 1),
      items: ids(4, items, 2),
      labels: [Float32Array.from([0, 1, 0, 1]), new Float32Array(4)],
      masks: [Uint8Array.from([1, 1, 1, 0]), new Uint8Array(4)],
    };
    const target = engine({ model: mf({ users, items, dim, tasks: [jointPointwise("a"), jointPointwise("b")] }) });
    const { losses } = target.step({ step: 1, epoch: 1, batches: [joint, joint] });
    expect(losses[0]).toBeGreaterThan(0);
    expect(losses[1]).toBeNaN();
    const before = bits(target);
    expect(target.step({ step: 2, epoch: 1, batches: [null, null] }).samples).toBe(0);
    expect(bits(target)).toEqual(before);
  });

  it("an id outside of a table, a wrong number of batches and a wrong pool level are errors that say so", () => {
    const target = engine({ model: mf({ users, items, dim, tasks: [pointwise("a")] }) });
    const batch: PointwiseBatch = {
      kind: "pointwise",
      size: 2,
      users: Int32Array.from([1, users]),
      items: Int32Array.from([1, 2]),
      labels: new Float32Array(2),
    };
    expect(() => target.step({ step: 1, epoch: 1, batches: [batch] })).toThrow(/row id 60 \(table users, entry 1/);
    expect(() => target.step({ step: 1, epoch: 1, batches: [] })).toThrow(/0 batches \(step 1, model mf\): give 1/);
    expect(() => engine({ level: "representation" })).toThrow(/level representation .*give level: "parameters"/);
    expect(() => engine({ level: "losses" })).toThrow(/needs gram .*give level: "parameters"/);
    expect(() => engine({ balance: ["clicks"] })).toThrow(/balance names clicks .*users, items/);
    expect(() => engine({ optimizer: { ...adam, beta1: 1 } })).toThrow(/beta1 is 1 \(optimizer adam\): give 0 ≤ x < 1/);
  });
});

const tables = (target: Engine): Map<string, Float32Array> =>
  new Map(["users", "items"].map((name) => [name, target.table(name).slice()]));

describe("balance", () => {
  it("lets the pool act on the named table alone; the other gets the plain sum", () => {
    const start = tables(engine());
    const sgd: OptimizerSpec = { name: "sgd", learningRate: 1 };
    const options = { initial: start, optimizer: sgd };
    const part = engine({ ...options, pool: metaBalance({ relax: 1 }) as GradientPool, balance: ["users"] });
    const whole = engine({ ...options, pool: metaBalance({ relax: 1 }) as GradientPool });
    const sum = engine({ ...options, pool: ew() as GradientPool });
    for (const one of [part, whole, sum]) run(one, 1, 1);
    expect(worst(part.table("users"), whole.table("users"))).toBe(0);
    expect(worst(part.table("items"), sum.table("items"))).toBeLessThan(1e-7);
    expect(worst(whole.table("items"), sum.table("items"))).toBeGreaterThan(1e-4);
  });
});

describe("a step's cost in tables' rows", () => {
  it("is nothing of a table's size: a table of a million rows needs the scratch of one of a thousand", () => {
    const scratchOf = (rows: number): number => {
      const big = mf({ users: rows, items: rows, dim: 4, init: { kind: "constant", value: 0.1 }, tasks: [bpr("a")] });
      const target = engine({ model: big });
      for (let step = 1; step <= 3; step++) target.step({ step, epoch: 1, batches: [bprBatch(200, 1000, 1000, step)] });
      return target.memory().scratch;
    };
    expect(scratchOf(1_000_000)).toBe(scratchOf(1000));
  });
});

describe("the README", () => {
  it("shows lines that run, and what they print", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const code = /```js embedding\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    const printed: unknown[][] = [];
    const log = { log: (...values: unknown[]) => void printed.push(values) };
    const body = code.replace(/^import .*$/gm, "");
    new Function("bpr", "mf", "pcgrad", "createEngine", "console", body)(bpr, mf, pcgrad, createEngine, log);
    expect(printed.map((values) => values.join(" "))).toEqual([/→ (.*)$/m.exec(code)?.[1]]);
  });
});

describe("a pool's state", () => {
  it.each([
    ["parameters", true],
    ["losses", false],
  ] as const)("at the level %s, where steps may be skipped, is its own to write to: %s", (level, expected) => {
    // A copy of what is kept per row would cost all rows that were ever touched, in every step.
    const seen: (boolean | undefined)[] = [];
    const plain = ew() as GradientPool;
    const pool: GradientPool = {
      ...plain,
      pool(gradients, context, state) {
        seen.push(context.donate);
        return plain.pool(gradients, context, state);
      },
    };
    run(engine({ pool, level, onNonFinite: "skip" }), 1, 2);
    expect(seen).toEqual([expected, expected]);
  });
});
