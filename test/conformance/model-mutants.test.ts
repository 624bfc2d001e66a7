import * as tf from "@tensorflow/tfjs";
import {
  bpr,
  type EmbeddingModel,
  type EmbeddingTask,
  mf,
  pointwise,
  type Scorer,
  sharedBottom,
  type TensorModel,
  type TensorOps,
} from "@gradpool/models";
import { type EngineRequest, modelCases } from "@gradpool/testkit";
import { createEngine } from "@gradpool/trainer";
import { describe, expect, it } from "vitest";
import { bprOf, items, jointOf, pointwiseOf, users } from "./batches.js";
import { failed } from "./failed.js";

const right = mf({ users, items, dim: 4, tasks: [bpr("buy"), pointwise("click")] });
const pairs = { createEngine, batches: (seed: number) => [bprOf(seed), pointwiseOf(seed)] };

/** The right model with something else at its first task. */
function withTask(change: (task: EmbeddingTask) => Partial<EmbeddingTask>): EmbeddingModel {
  const [first, ...others] = right.tasks as readonly [EmbeddingTask, ...EmbeddingTask[]];
  return { ...right, tasks: [{ ...first, ...change(first) }, ...others] };
}

const hidden = { calls: 0 };

const embedding: readonly (readonly [string, EmbeddingModel, RegExp])[] = [
  ["options that JSON loses", { ...right, options: { rate: Number.NaN } }, /describes itself/],
  ["two tables of one name", { ...right, tables: [...right.tables, right.tables[0]!] }, /names its tables/],
  ["a table without rows", { ...right, tables: right.tables.map((t) => ({ ...t, rows: 0 })) }, /names its tables/],
  [
    "a ranking by a table that is not there",
    { ...right, ranking: { users: "people", items: "items" } },
    /names its tables/,
  ],
  [
    "rows looked up beyond a table's end",
    withTask((task) => ({
      lookups: (batch) => task.lookups(batch).map((l) => ({ ...l, ids: l.ids.map((id) => id + 3) })),
    })),
    /looks up rows that its tables have/,
  ],
  [
    "lookups that differ from call to call",
    withTask((task) => ({
      lookups: (batch) => (hidden.calls++ % 2 === 0 ? task.lookups(batch) : [...task.lookups(batch)].reverse()),
    })),
    /the same ones again for the same batch/,
  ],
  ["a task of another kind of batch", withTask(() => ({ batch: "pairs" })), /reads the kind of batch/],
  [
    "a gradient of the wrong size",
    withTask((task) => ({
      loss(batch, rows, gradients, ops) {
        const loss = task.loss(batch, rows, gradients, ops);
        gradients.forEach((block) => block.forEach((x, k) => (block[k] = 2 * x)));
        return loss;
      },
    })),
    /of buy are what finite differences/,
  ],
  [
    "a gradient that one block lacks",
    withTask((task) => ({
      loss(batch, rows, gradients, ops) {
        const loss = task.loss(batch, rows, gradients, ops);
        gradients[2]?.fill(0);
        return loss;
      },
    })),
    /of buy are what finite differences/,
  ],
  [
    "a block that keeps what was in it",
    withTask((task) => ({
      loss(batch, rows, gradients, ops) {
        const before = gradients.map((block) => block.slice());
        const loss = task.loss(batch, rows, gradients, ops);
        gradients.forEach((block, b) => block.forEach((x, k) => (block[k] = x + before[b]![k]!)));
        return loss;
      },
    })),
    /finite differences|same bits/,
  ],
  [
    "chance of its own",
    withTask((task) => ({ loss: (...given) => task.loss(...given) * (1 + 1e-3 * Math.random()) })),
    /same bits again with the same seed/,
  ],
  [
    "a counter that no snapshot holds",
    (() => {
      let calls = 0;
      return withTask((task) => ({ loss: (...given) => task.loss(...given) + 1e-3 * calls++ }));
    })(),
    /same bits/,
  ],
  [
    "a batch that is written to",
    withTask((task) => ({
      lookups(batch) {
        const own = batch as { users: Int32Array };
        own.users[0] = (own.users[0]! + 1) % users;
        return task.lookups(batch);
      },
    })),
    /leaves its batches as they were/,
  ],
  [
    "a table that no loss reads",
    { ...right, tables: [...right.tables, { name: "spare", rows: 3, dim: 2, init: { kind: "xavier" } }] },
    /reach a loss/,
  ],
];

const tower = sharedBottom({ users, items, tasks: ["buy", "cart"], dim: 3, mlp: [4, 3], tower: [3], dropout: 0 });
const joint = {
  createEngine: (request: EngineRequest<TensorModel>) => createEngine({ ...request, tf: tf as unknown as TensorOps }),
  batches: (seed: number) => jointOf(["buy", "cart"], seed),
};
/** Without `uniformHeads`, so that the engine calls `heads` itself. */
const plain: TensorModel = (({ uniformHeads: _uniform, ...rest }) => rest)(tower);

type Score = (scorer: Scorer, users: Int32Array, out: Float32Array) => void;

/** The right model with a scorer that makes a mistake. */
function scoring(score: Score): TensorModel {
  const scorer: NonNullable<TensorModel["ranking"]>["scorer"] = (ops, task, weights) => {
    const own = tower.ranking!.scorer(ops, task, weights);
    return { score: (who, out) => score(own, who, out), dispose: () => own.dispose() };
  };
  return { ...plain, ranking: { users, items, scorer } };
}

const tensor: readonly (readonly [string, TensorModel, RegExp])[] = [
  [
    "a variable of a task that it has not",
    { ...plain, variables: plain.variables.map((v) => (v.owner === "cart" ? { ...v, owner: "view" } : v)) },
    /names its tables and variables/,
  ],
  [
    "a batch of any kind taken",
    { ...plain, lookups: (batch) => tower.lookups({ ...batch, kind: "joint" } as never) },
    /refuses another by name/,
  ],
  [
    "a head that peeks at its neighbour",
    {
      ...plain,
      heads(ops, cut, variables, context) {
        const own = plain.heads(ops, cut, variables, context);
        const other = variables["tower.buy.0.bias"]!.dataSync()[0]!;
        return { ...own, cart: ops.add(own["cart"]!, other) };
      },
    },
    /move their own task's loss and no other/,
  ],
  [
    "a gradient cut off",
    {
      ...plain,
      heads(ops, { representation }, variables, context) {
        const half = ops.mul(representation!, 0.5);
        const fixed = ops.tensor2d(half.arraySync() as number[][]);
        return plain.heads(ops, { representation: ops.add(half, fixed) }, variables, context);
      },
    },
    /finite differences/,
  ],
  [
    "units dropped by chance of its own",
    {
      ...plain,
      trunk(ops, inputs, variables, context) {
        const { representation } = plain.trunk(ops, inputs, variables, context);
        return { representation: ops.mul(representation!, 1 + 1e-3 * Math.random()) };
      },
    },
    /same bits again/,
  ],
  [
    "a statistic that no batch moves",
    { ...plain, statistics: [{ name: "seen", shape: [3], start: 0, place: "trunk" }] },
    /moves its statistics in training/,
  ],
  [
    "a scorer that ranks from the end",
    scoring((scorer, who, out) => {
      scorer.score(who, out);
      out.forEach((score, k) => (out[k] = -score));
    }),
    /orders a user's items/,
  ],
  [
    "a scorer that has one user for all",
    scoring((scorer, who, out) =>
      scorer.score(
        who.map(() => 0),
        out,
      ),
    ),
    /orders a user's items/,
  ],
  [
    "a scorer that writes the first user's block alone",
    scoring((scorer, who, out) => scorer.score(who.subarray(0, 1), out.subarray(0, items))),
    /orders a user's items/,
  ],
];

describe("the suite of models", () => {
  it("passes the right ones", async () => {
    expect(await failed(modelCases(right, pairs))).toEqual([]);
    expect(await failed(modelCases(plain, joint))).toEqual([]);
  });

  for (const [name, model, expected] of embedding) {
    it(`catches ${name}`, async () => {
      expect((await failed(modelCases(model, pairs))).join("; ")).toMatch(expected);
    });
  }

  for (const [name, model, expected] of tensor) {
    it(`catches ${name}`, async () => {
      expect((await failed(modelCases(model, joint))).join("; ")).toMatch(expected);
    });
  }

  it("catches a factory that takes a bad option, and one whose refusal does not name it", async () => {
    const refuses = {
      dim: () => right,
      width: () => mf({ users, items, dim: 0, tasks: [bpr("buy")] }),
    };
    const names = await failed(modelCases(right, { ...pairs, refuses }));
    expect(names).toEqual(["refuses a bad dim, naming it", "refuses a bad width, naming it"]);
  });

  it("catches an engine that takes a snapshot and leaves it at that", async () => {
    const forgetful = (request: EngineRequest<EmbeddingModel>) => ({
      ...createEngine(request),
      restore: () => undefined,
    });
    const names = await failed(modelCases(right, { ...pairs, createEngine: forgetful }));
    expect(names).toEqual(["goes on with the same bits after its state was saved and restored"]);
  });
});
