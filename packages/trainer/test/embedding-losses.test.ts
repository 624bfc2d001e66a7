import { type EmbeddingOps, mf, plainOps } from "@gradpool/models";
import * as builders from "@gradpool/models";
import type { Batch } from "@gradpool/data";
import { describe, expect, it } from "vitest";
import { embeddingOps } from "../src/embedding/ops.js";
import { wasmArena } from "../src/memory/wasm-arena.js";
import { bprBatch, ids, noise, worst } from "./embedding-helpers.js";

const size = 7;
const k = 2;
const users = 9;
const items = 11;

/** Every kind of task of @gradpool/models, with a batch for it. */
const tasks: readonly { readonly build: builders.TaskBuilder; readonly batch: Batch }[] = [
  { build: builders.bpr("bpr"), batch: bprBatch(size, users, items, 1, k) },
  { build: builders.alignmentUniformity("align", { gamma: 0.7 }), batch: bprBatch(size, users, items, 2) },
  { build: builders.socialLink(), batch: pairs("user", users) },
  { build: builders.categoryPair(), batch: pairs("item", items) },
  { build: builders.itemPair(), batch: pairs("item", items) },
  {
    build: builders.pointwise("pointwise"),
    batch: { kind: "pointwise", size, users: ids(size, users, 3), items: ids(size, items, 4), labels: zeroOne(5) },
  },
  {
    build: builders.jointPointwise("joint"),
    batch: {
      kind: "joint",
      size,
      tasks: ["other", "joint"],
      users: ids(size, users, 3),
      items: ids(size, items, 4),
      labels: [zeroOne(6), zeroOne(7)],
      masks: [
        Uint8Array.from({ length: size }, () => 0),
        Uint8Array.from({ length: size }, (_, r) => (r === 2 ? 0 : 1)),
      ],
    },
  },
  {
    build: builders.ratings("ratings", { offset: 0.3 }),
    batch: { kind: "rating", size, users: ids(size, users, 8), items: ids(size, items, 9), ratings: noise(size, 10) },
  },
];

function pairs(entity: "user" | "item", below: number): Batch {
  const [left, right, negatives] = [ids(size, below, 11), ids(size, below, 12), ids(size * k, below, 13)];
  return { kind: "pairs", size, entity, left, right, negatives, negativesPerPositive: k };
}

function zeroOne(seed: number): Float32Array {
  return noise(size, seed).map((x) => (x > 0 ? 1 : 0));
}

function blocks(
  ops: EmbeddingOps,
  build: builders.TaskBuilder,
  batch: Batch,
  dim: number,
  place: (x: Float32Array) => Float32Array,
) {
  const [task] = mf({ users, items, dim, tasks: [build] }).tasks;
  if (task === undefined) throw new Error("no task");
  const lookups = task.lookups(batch as never);
  const rows = lookups.map((lookup, n) => place(noise(lookup.size * dim, 50 + n, 0.6)));
  const gradients = rows.map((block) => place(new Float32Array(block.length).fill(9)));
  return { rows, gradients, loss: () => task.loss(batch as never, rows, gradients, ops) };
}

describe.each([3, 8])("at width %i", (dim) => {
  const arena = wasmArena(16 * 1024 ** 2);
  const ops = embeddingOps(arena);
  const inside = (x: Float32Array): Float32Array => {
    const region = arena.allocate(x.byteLength);
    region.f32.set(x);
    return region.f32.subarray(0, x.length);
  };
  // Room for the kernels' own scratch, so that the views taken below stay.
  arena.free(arena.allocate(4 * 1024 ** 2));

  it.each(tasks.map((task) => ({ ...task, name: task.build({ users: "users", items: "items", dim }).name })))(
    "the gradient of $name equals central differences, and the plain reference's",
    ({ build, batch }) => {
      const ours = blocks(ops, build, batch, dim, inside);
      const loss = ours.loss();
      const analytic = ours.gradients.map((g) => g.slice());
      const plain = blocks(plainOps, build, batch, dim, (x) => x);
      expect(loss).toBeCloseTo(plain.loss(), 5);
      analytic.forEach((g, n) => expect(worst(g, plain.gradients[n] as Float32Array)).toBeLessThan(2e-6));
      // The plain reference computes in float64, so that small steps do not drown in rounding.
      const step = 2 ** -9;
      plain.rows.forEach((block, n) => {
        for (let p = 0; p < block.length; p++) {
          const held = block[p] as number;
          const at = (x: number): number => {
            block[p] = x;
            return plain.loss();
          };
          const slope =
            (at(held + step) - at(held - step)) / (Math.fround(held + step) - Math.fround(held - step) || 1);
          block[p] = held;
          expect(Math.abs(slope - ((analytic[n] as Float32Array)[p] as number))).toBeLessThan(2e-5);
        }
      });
    },
  );

  it("arrays outside of the memory go to the plain reference", () => {
    const { build, batch } = tasks[0] as (typeof tasks)[number];
    const ours = blocks(ops, build, batch, dim, (x) => x);
    const plain = blocks(plainOps, build, batch, dim, (x) => x);
    expect(ours.loss()).toBe(plain.loss());
  });
});
