import { createRandom } from "@gradpool/core";
import type { Batch } from "@gradpool/data";
import { describe, expect, it } from "vitest";
import {
  alignmentUniformity,
  bpr,
  categoryPair,
  type EmbeddingModel,
  itemPair,
  jointPointwise,
  mf,
  plainOps,
  pointwise,
  ratings,
  socialLink,
} from "../src/index.js";

const random = createRandom(7);
const ids = (count: number, below: number): Int32Array => Int32Array.from({ length: count }, () => random.int(below));
const size = 6;
const users = 5;
const items = 8;

const pairBatch = (entity: "user" | "item"): Batch => ({
  kind: "pairs",
  size,
  entity,
  left: ids(size, users),
  right: ids(size, users),
  negatives: ids(2 * size, users),
  negativesPerPositive: 2,
});
const pairsOfIds = { size, users: ids(size, users), items: ids(size, items) };
const bprBatch: Batch = {
  kind: "bpr",
  size,
  users: ids(size, users),
  positives: ids(size, items),
  negatives: ids(3 * size, items),
  negativesPerPositive: 3,
};
const labels = Float32Array.of(1, 0, 0, 1, 1, 0);
const mask = Uint8Array.of(1, 1, 0, 1, 0, 1);
const joint: Batch = {
  kind: "joint",
  ...pairsOfIds,
  tasks: ["other", "like"],
  labels: [labels, labels],
  masks: [mask, mask],
};

const rated: Batch = { kind: "rating", ...pairsOfIds, ratings: Float32Array.of(1, 2, 3, 4, 5, 4) };

const cases = [
  [bpr("buy"), bprBatch],
  [pointwise("click"), { kind: "pointwise", ...pairsOfIds, labels }],
  [jointPointwise("like"), joint],
  [ratings("rate", { offset: 3 }), rated],
  [ratings("stars", { offset: 3.5, scale: 1.5 }), rated],
  [socialLink("trust"), pairBatch("user")],
  [categoryPair(), pairBatch("item")],
  [itemPair("co-buy"), pairBatch("item")],
  [alignmentUniformity("align", { gamma: 0.7 }), bprBatch],
] as const;

const model = mf({ users, items, dim: 3, tasks: cases.map(([build]) => build) });

/** Loss and gradients of the blocks that the task's lookups gather. */
function evaluate(host: EmbeddingModel, task: number, batch: Batch, rows: readonly Float32Array[]) {
  const gradients = rows.map((row) => new Float32Array(row.length).fill(NaN));
  const loss = (host.tasks[task] as (typeof host.tasks)[number]).loss(batch, rows, gradients, plainOps);
  return { loss, gradients };
}

describe("tasks of matrix factorisation", () => {
  model.tasks.forEach((task, t) => {
    it(`have gradients that agree with finite differences: ${task.name} (${task.objective})`, () => {
      const batch = cases[t]?.[1] as Batch;
      const rows = task
        .lookups(batch)
        .map(({ size: count }) => Float32Array.from({ length: count * 3 }, () => random.normal()));
      const { loss, gradients } = evaluate(model, t, batch, rows);
      expect(loss).toBeGreaterThan(-5);
      const h = 1e-2;
      rows.forEach((row, b) => {
        for (let k = 0; k < row.length; k++) {
          const at = (by: number): number => {
            const shifted = rows.map((r) => r.slice());
            const held = shifted[b] as Float32Array;
            held[k] = (held[k] as number) + by;
            return evaluate(model, t, batch, shifted).loss;
          };
          // Fourth order, so that the step can stay large beside float32's rounding of the rows.
          const difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
          expect(Math.abs(difference - (gradients[b]?.[k] as number))).toBeLessThan(2e-5);
        }
      });
    });
  });

  it("are absent where no row has a label", () => {
    const none = { ...joint, masks: [mask, new Uint8Array(size)] } as Batch;
    const t = 2;
    const rows = [new Float32Array(3 * size), new Float32Array(3 * size)];
    expect(evaluate(model, t, none, rows).loss).toBeNaN();
    expect(evaluate(model, 0, { ...bprBatch, size: 0 } as Batch, [rows[0], rows[0], rows[0]] as never).loss).toBeNaN();
  });

  it("survive logits far outside exp's range", () => {
    const far = [new Float32Array(3 * size).fill(200), new Float32Array(3 * size).fill(-200)];
    const { loss, gradients } = evaluate(model, 1, cases[1][1] as Batch, far);
    expect(Number.isFinite(loss)).toBe(true);
    expect(gradients.every((g) => g.every(Number.isFinite))).toBe(true);
  });

  it("of ratings are standardised: the loss times scale² is the error in the ratings' own unit, and nothing else changes", () => {
    const raw = mf({ users, items, dim: 3, tasks: [ratings("rate")] });
    const own = mf({ users, items, dim: 3, tasks: [ratings("rate", { offset: 100_000, scale: 500 })] });
    expect(own.options).toMatchObject({ tasks: [{ name: "rate", objective: "mse", offset: 100_000, scale: 500 }] });
    const plays = Float32Array.of(99_000, 100_001, 100_500, 101_000, 99_999, 100_000);
    const rows = [0, 1].map(() => Float32Array.from({ length: 3 * size }, () => random.normal()));
    const [left, right] = rows as [Float32Array, Float32Array];
    const predicted = Array.from(plays, (_, r) => {
      const dot = [0, 1, 2].reduce((sum, d) => sum + (left[3 * r + d] as number) * (right[3 * r + d] as number), 0);
      return 100_000 + 500 * dot;
    });
    const error = predicted.reduce((sum, value, r) => sum + (value - (plays[r] as number)) ** 2, 0) / size;
    const { loss } = evaluate(own, 0, { ...rated, ratings: plays } as Batch, rows);
    expect((500 ** 2 * loss) / error - 1).toBeCloseTo(0, 6);
    // Ratings that are given standardised are the same task.
    const z = plays.map((value) => (value - 100_000) / 500);
    const same = evaluate(raw, 0, { ...rated, ratings: z } as Batch, rows);
    expect(evaluate(own, 0, { ...rated, ratings: plays } as Batch, rows)).toEqual(same);
    // A batch of another size after a larger one reads its own targets.
    const short = { ...rated, size: 2, ratings: Float32Array.of(100_500, 99_500) } as Batch;
    const zeros = [0, 1].map(() => new Float32Array(6));
    expect(evaluate(own, 0, short, zeros).loss).toBe(1);
  });

  it("of ratings refuse a scale or an offset that is no measure", () => {
    for (const scale of [0, -1, NaN, Infinity]) {
      expect(() => ratings("rate", { scale })).toThrow(/scale is .* \(ratings of rate\): give a finite number above 0/);
    }
    expect(() => ratings("rate", { offset: NaN })).toThrow(/offset is NaN .*finite number/);
  });

  it("must have names of their own", () => {
    expect(() => mf({ users, items, tasks: [bpr("buy"), pointwise("buy")] })).toThrow(/two tasks are named buy/);
    expect(() => mf({ users: 0, items, tasks: [bpr("buy")] })).toThrow(/users is 0/);
    expect(() => mf({ users, items, tasks: [] })).toThrow(/no tasks/);
  });
});
