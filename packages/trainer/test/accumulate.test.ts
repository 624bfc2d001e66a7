import { atLevel, type GradientPool } from "@gradpool/core";
import type { Batch, BprBatch, ImpressionsBatch, JointBatch, OwnerFeatures, PairsBatch } from "@gradpool/data";
import { dbMtl } from "@gradpool/db-mtl";
import { ew } from "@gradpool/ew";
import {
  aitm,
  alignmentUniformity,
  bpr,
  clickModel,
  lightgcn,
  mf,
  mmoe,
  type Model,
  ngcf,
  sharedBottom,
  socialLink,
} from "@gradpool/models";
import { pcgrad } from "@gradpool/pcgrad";
import { pmtRec } from "@gradpool/pmtrec";
import { beforeAll, describe, expect, it } from "vitest";
import { accumulatedFeed, createEngine, type Engine, selectBackend } from "../src/index.js";
import type { StepInput } from "../src/engine/contract.js";
import { bprBatch, ids } from "./embedding-helpers.js";
import { randomGraph } from "./graph-helpers.js";
import { impressions, jointBatch, tf } from "./tensor-helpers.js";

beforeAll(async () => {
  await selectBackend("cpu", { log: null });
});

const users = 30;
const items = 20;
// Plain SGD with a rate of 1: a step moves the weights by the gradient that the optimiser was given, and shows it.
const optimizer = { name: "sgd", learningRate: 1 } as const;

const joined = <A extends Int32Array | Float32Array | Uint8Array>(parts: readonly A[]): A =>
  (parts[0]!.constructor as unknown as { from(values: Iterable<number>): A }).from(parts.flatMap((part) => [...part]));

/** The rows of several batches in one. */
function together(batches: readonly Batch[]): Batch {
  const size = batches.reduce((sum, batch) => sum + batch.size, 0);
  const all = <K extends string>(key: K) =>
    joined(batches.map((batch) => (batch as never as Record<K, Int32Array>)[key]));
  switch (batches[0]!.kind) {
    case "bpr":
      return {
        ...(batches[0] as BprBatch),
        size,
        users: all("users"),
        positives: all("positives"),
        negatives: all("negatives"),
      };
    case "pairs":
      return {
        ...(batches[0] as PairsBatch),
        size,
        left: all("left"),
        right: all("right"),
        negatives: all("negatives"),
      };
    default: {
      const [first] = batches as readonly (JointBatch | ImpressionsBatch)[];
      const own = batches as readonly ImpressionsBatch[];
      const columns = <V extends Float32Array | Uint8Array>(pick: (batch: ImpressionsBatch) => readonly V[]): V[] =>
        first!.tasks.map((_, t) => joined(own.map((batch) => pick(batch)[t]!)));
      const shared = {
        size,
        users: all("users"),
        labels: columns(({ labels }) => labels),
        masks: columns(({ masks }) => masks),
      };
      if (first!.kind === "joint") return { ...first!, ...shared, items: all("items") };
      const fields = first!.fields.map((field, f) => {
        const each = own.map((batch) => batch.fields[f]!);
        if (field.kind === "one-hot") return { ...field, ids: joined(each.map((one) => one.ids)) };
        const lists = each.flatMap((one, k) =>
          Array.from({ length: own[k]!.size }, (_, r) =>
            one.kind === "multi-hot" ? one.ids.slice(one.offsets[r], one.offsets[r + 1]) : new Int32Array(0),
          ),
        );
        const offsets = Int32Array.from({ length: size + 1 }, (_, r) =>
          lists.slice(0, r).reduce((sum, { length }) => sum + length, 0),
        );
        return { ...field, offsets, ids: joined(lists) };
      });
      return { ...first!, ...shared, fields, numerical: joined(own.map((batch) => batch.numerical)) };
    }
  }
}

interface Case {
  readonly model: Model;
  readonly pool: () => GradientPool;
  /** Three batches of unequal sizes, in which the tasks have unequal shares of labels. */
  readonly parts: readonly Pick<StepInput, "batches" | "joint">[];
}

const at = (pool: () => GradientPool, level: GradientPool["level"]) => () => atLevel(pool(), level) as GradientPool;
const conflict = () => pcgrad() as GradientPool;
const equal = () => ew() as GradientPool;

const triples = (tasks: number) =>
  [9, 4, 6].map((size, n) => ({
    batches: Array.from({ length: tasks }, (_, t) =>
      n === 1 && t === 1 ? null : bprBatch(size + t, users, items, 10 * n + t),
    ),
  }));

const embedding = (pool: () => GradientPool): Case => ({
  model: mf({ users, items, dim: 4, tasks: [bpr("buy"), bpr("cart"), bpr("pv")] }),
  pool,
  parts: triples(3),
});

/** Two values of everybody, in a table of seven. */
const features = (owners: number): OwnerFeatures => ({
  features: [{ name: "kind", kind: "one-hot", first: 0, rows: 7 }],
  rows: 7,
  offsets: Int32Array.from({ length: owners + 1 }, (_, owner) => 2 * owner),
  ids: Int32Array.from({ length: 2 * owners }, (_, k) => (k * k) % 7),
  weights: new Float32Array(2 * owners).fill(0.5),
  shown: new Uint8Array(owners).fill(1),
});

/** Rows with others beside themselves. */
const composed = (pool: () => GradientPool): Case => {
  const sides = { users: features(users), items: features(items) };
  return {
    ...embedding(pool),
    model: mf({ users, items, dim: 4, features: sides, tasks: [bpr("buy"), bpr("cart"), bpr("pv")] }),
  };
};

const pairs = (size: number, seed: number): PairsBatch => ({
  kind: "pairs",
  entity: "user",
  size,
  left: ids(size, users, seed),
  right: ids(size, users, seed + 1),
  negatives: ids(size, users, seed + 2),
  negativesPerPositive: 1,
});

function graph(pool: () => GradientPool, encoder: "lightgcn" | "ngcf"): Case {
  const options = { graph: randomGraph(users, items, 5, true), dim: 4, tasks: [bpr("buy"), socialLink("social")] };
  const model = encoder === "lightgcn" ? lightgcn({ ...options, l2: 0.1 }) : ngcf({ ...options, l2: 0.1 });
  const parts = [7, 3].map((size, n) => ({ batches: [bprBatch(size, users, items, n), pairs(size + 2, 40 + n)] }));
  return { model, pool, parts };
}

const joints = (tasks: readonly string[]) =>
  [9, 5, 8].map((size, n) => {
    const batch = jointBatch(tasks, users, items, size, n + 1);
    // The second has no label of the second task.
    return {
      joint: n === 1 ? { ...batch, masks: batch.masks.map((mask, t) => (t === 1 ? mask.fill(0) : mask)) } : batch,
    };
  });

const bottom = (pool: () => GradientPool): Case => ({
  model: sharedBottom({ users, items, tasks: ["buy", "cart"], dim: 4, mlp: [8, 4], tower: [6], dropout: 0 }),
  pool,
  parts: joints(["buy", "cart"]),
});

function clicks(pool: () => GradientPool, kind: "click" | "mmoe" | "aitm"): Case {
  const tasks = ["click", "like"];
  const shape = { fields: 2, vocabulary: 7, numerical: 1 };
  const fields = [
    { name: "f0", vocabulary: 7 },
    { name: "f1", vocabulary: 7 },
    { name: "tags", vocabulary: 7, kind: "multi-hot" as const },
  ];
  const common = { fields, numerical: 1, tasks, dim: 4 };
  const models = {
    click: () => clickModel({ ...common, interaction: "none", trunk: [5], head: [3] }),
    mmoe: () => mmoe({ ...common, experts: 3, expert: [6], head: [4] }),
    aitm: () => aitm({ ...common, bottom: [6, 5] }),
  };
  return {
    model: models[kind](),
    pool,
    parts: [6, 9].map((size, n) => ({ joint: impressions(tasks, { ...shape, size }, n + 1) })),
  };
}

const cases: readonly (readonly [string, () => Case])[] = [
  ["embeddings, at the losses", () => embedding(at(equal, "losses"))],
  ["embeddings, weights for the model", () => embedding(at(conflict, "parameters"))],
  ["embeddings, weights per row", () => embedding(() => pmtRec() as GradientPool)],
  ["rows with features, at the losses", () => composed(at(equal, "losses"))],
  ["rows with features, at the representation", () => composed(at(conflict, "representation"))],
  ["rows with features, at the parameters", () => composed(at(conflict, "parameters"))],
  ["LightGCN, at the losses", () => graph(at(equal, "losses"), "lightgcn")],
  ["LightGCN, at the parameters", () => graph(at(conflict, "parameters"), "lightgcn")],
  ["NGCF, at the representation", () => graph(at(conflict, "representation"), "ngcf")],
  ["NGCF, at the parameters", () => graph(at(conflict, "parameters"), "ngcf")],
  ["a shared bottom, at the losses", () => bottom(at(equal, "losses"))],
  ["a shared bottom, at the representation", () => bottom(at(conflict, "representation"))],
  ["a shared bottom, at the parameters", () => bottom(at(conflict, "parameters"))],
  [
    "clicks, coordinates of the representation",
    () =>
      clicks(
        at(() => dbMtl() as GradientPool, "representation"),
        "click",
      ),
  ],
  ["clicks, at the parameters", () => clicks(at(conflict, "parameters"), "click")],
  ["a regulariser beside the tasks, at the losses", () => clicks(at(equal, "losses"), "aitm")],
  ["a regulariser beside the tasks, at the representation", () => clicks(at(conflict, "representation"), "aitm")],
  ["a regulariser beside the tasks, at the parameters", () => clicks(at(conflict, "parameters"), "aitm")],
  ["experts, at the losses", () => clicks(at(equal, "losses"), "mmoe")],
  ["experts, at the representation", () => clicks(at(conflict, "representation"), "mmoe")],
];

const engineOf = ({ model, pool }: Case): Engine =>
  createEngine({ model, tf, pool: pool(), optimizer, seed: 3 } as never);

function read(engine: Engine, model: Model): Float64Array {
  const variables = "variables" in model ? model.variables : [];
  return Float64Array.from([
    ...model.tables.flatMap(({ name }) => [...engine.table(name)]),
    ...variables.flatMap(({ name }) => [...engine.variable(name)]),
  ]);
}

function stepped(one: Case, input: Pick<StepInput, "batches" | "joint" | "more">) {
  const engine = engineOf(one);
  const before = read(engine, one.model);
  const result = engine.step({ ...input, step: 1, epoch: 1, diagnostics: true });
  const after = read(engine, one.model);
  engine.dispose();
  return { gradient: before.map((x, k) => x - after[k]!), result };
}

const largest = (values: Iterable<number>): number => [...values].reduce((most, x) => Math.max(most, Math.abs(x)), 0);

function expectNear(ours: ArrayLike<number>, theirs: ArrayLike<number>, tolerance: number): void {
  expect(ours).toHaveLength(theirs.length);
  const scale = largest(Array.from(theirs).filter(Number.isFinite));
  for (let k = 0; k < theirs.length; k++) {
    if (Number.isNaN(theirs[k])) expect(ours[k]).toBeNaN();
    else expect(Math.abs(ours[k]! - theirs[k]!)).toBeLessThanOrEqual(tolerance * scale);
  }
}

const wholeOf = ({ model, parts }: Case): Pick<StepInput, "batches" | "joint"> =>
  parts[0]!.joint === undefined
    ? {
        batches: model.tasks.map((_, t) =>
          together(parts.map(({ batches }) => batches![t]).filter((batch) => batch !== null) as Batch[]),
        ),
      }
    : { joint: together(parts.map(({ joint }) => joint as Batch)) as JointBatch };

describe("several batches in a step", () => {
  it.each(cases)("come to the step of one batch that has all of their rows: %s", (_name, make) => {
    const one = make();
    const [first, ...more] = one.parts;
    const ours = stepped(one, { ...first!, more });
    const theirs = stepped(one, wholeOf(one));
    // Weights around 0.1 in float32: their differences have five digits.
    expectNear(ours.gradient, theirs.gradient, 2e-5);
    expectNear(ours.result.losses, theirs.result.losses, 1e-6);
    expect(ours.result.samples).toBe(theirs.result.samples);
    const [a, b] = [ours.result.diagnostics!, theirs.result.diagnostics!];
    expectNear(a.norms, b.norms, 1e-5);
    expectNear(a.cosines, b.cosines, 1e-4);
    expectNear(a.weights, b.weights, 1e-4);
    expect(a.gates?.length).toBe(b.gates?.length);
    a.gates?.forEach(({ weights }, k) => expectNear(weights, b.gates![k]!.weights, 1e-5));
  });

  it("are a mean of their gradients where a loss is no mean over rows", () => {
    const model = mf({ users, items, dim: 4, tasks: [alignmentUniformity("buy")] });
    const one: Case = { model, pool: equal, parts: [] };
    const batches = [bprBatch(8, users, items, 1), bprBatch(8, users, items, 2)];
    const each = batches.map((batch) => stepped(one, { batches: [batch] }));
    const both = stepped(one, { batches: [batches[0]!], more: [{ batches: [batches[1]!] }] });
    const mean = each[0]!.gradient.map((x, k) => (x + each[1]!.gradient[k]!) / 2);
    expectNear(both.gradient, mean, 2e-5);
    expect(both.result.losses[0]).toBeCloseTo((each[0]!.result.losses[0]! + each[1]!.result.losses[0]!) / 2, 6);
  });

  it("leave everything as it was where the last of them is not finite, and say so", () => {
    const one = bottom(at(conflict, "parameters"));
    const engine = engineOf(one);
    const before = read(engine, one.model);
    const bad = {
      ...one.parts[2]!.joint!,
      labels: one.parts[2]!.joint!.labels.map((own) => own.map(() => Number.NaN)),
    };
    const input = { ...one.parts[0]!, more: [one.parts[1]!, { joint: bad as JointBatch }], step: 1, epoch: 1 };
    expect(() => engine.step(input)).toThrow(/the loss is NaN .*task buy, one of 3 batches/);
    expect(read(engine, one.model)).toEqual(before);
    engine.dispose();
  });
});

describe("a feed of several batches a step", () => {
  /** Five batches an epoch, all in one array that is written over. */
  function numbered() {
    const users = new Int32Array(1);
    let at = 0;
    const next = () => {
      users[0] = at++;
      return {
        batches: [
          { kind: "bpr", size: 1, users, positives: users, negatives: users, negativesPerPositive: 1 } as const,
        ],
      };
    };
    return {
      stepsPerEpoch: 5,
      next,
      state: () => ({ at }),
      restore: (state: object) => void (at = (state as { at: number }).at),
    };
  }
  const shown = ({ batches, more = [] }: Pick<StepInput, "batches" | "more">): number[] =>
    [batches, ...more.map((further) => further.batches)].map((all) => (all![0] as BprBatch).users[0]!);

  it("hands out each batch once, those that are left in an epoch's last step, and goes on where it was", () => {
    const feed = accumulatedFeed(numbered(), 2);
    expect(feed.stepsPerEpoch).toBe(3);
    expect([1, 2, 3, 4].map(() => shown(feed.next()))).toEqual([[0, 1], [2, 3], [4], [5, 6]]); // prettier-ignore
    const state = structuredClone(feed.state());
    const rest = [1, 2].map(() => shown(feed.next()));
    const again = accumulatedFeed(numbered(), 2);
    again.restore(state);
    expect([1, 2].map(() => shown(again.next()))).toEqual(rest);
    expect(rest).toEqual([[7, 8], [9]]);
  });

  it("of one is the feed itself, and refuses what is no count", () => {
    const feed = numbered();
    expect(accumulatedFeed(feed, 1)).toBe(feed);
    expect(() => accumulatedFeed(feed, 0)).toThrow(/count is 0 \(accumulatedFeed\)/);
  });
});
