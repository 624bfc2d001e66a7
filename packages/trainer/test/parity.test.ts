import { readFileSync } from "node:fs";
import type { GradientPool } from "@gradpool/core";
import { ew } from "@gradpool/ew";
import { metaBalance } from "@gradpool/metabalance";
import { bpr, mf } from "@gradpool/models";
import { pcgrad } from "@gradpool/pcgrad";
import { describe, expect, it } from "vitest";
import type { OptimizerSpec } from "../src/optimizer/spec.js";
import { createEngine } from "../src/create-engine.js";

interface Fixture {
  torch: string;
  shape: { users: number; items: number; dim: number; negatives: number };
  start: { users: number[]; items: number[] };
  batches: { users: number[]; positives: number[]; negatives: number[] }[][];
  runs: {
    method: string;
    optimizer: OptimizerSpec["name"] | "sparse-adam";
    options: { lr: number; momentum?: number; weight_decay?: number; eps?: number };
    losses: number[][];
    users: number[];
    items: number[];
  }[];
}

const fixture = JSON.parse(readFileSync(new URL("fixtures/mf_steps.json", import.meta.url), "utf8")) as Fixture;
const { shape } = fixture;

/** The fixture visits tasks in ascending order, where the method draws an order. */
function ordered<S>(pool: GradientPool<S>): GradientPool<S> {
  const order = [0, 1, 2].map((i) => [0, 1, 2].filter((j) => j !== i));
  return { ...pool, pool: (gradients, context, state) => pool.pool(gradients, { ...context, order }, state) };
}

const pools: Record<string, () => GradientPool> = {
  ew: () => ew() as GradientPool,
  pcgrad: () => ordered(pcgrad()) as GradientPool,
  metabalance: () => metaBalance({ relax: 0.7, beta: 0.9 }) as GradientPool,
};

function train(run: Fixture["runs"][number], kernels: "wasm" | "plain") {
  const { lr, momentum, weight_decay, eps } = run.options;
  const sparse = run.optimizer === "sparse-adam";
  const engine = createEngine({
    model: mf({ ...shape, tasks: ["a", "b", "c"].map(bpr) }),
    pool: (pools[run.method] as () => GradientPool)(),
    optimizer: {
      name: sparse ? "adam" : (run.optimizer as OptimizerSpec["name"]),
      learningRate: lr,
      rows: sparse ? "lazy" : "dense-equivalent",
      ...(momentum === undefined ? {} : { momentum }),
      ...(weight_decay === undefined ? {} : { weightDecay: weight_decay }),
      ...(eps === undefined ? {} : { epsilon: eps }),
    },
    initial: new Map(Object.entries(fixture.start).map(([name, values]) => [name, Float32Array.from(values)])),
    memory: { kernels },
  });
  const losses = fixture.batches.map((tasks, k) => {
    const batches = tasks.map((batch) => ({
      kind: "bpr" as const,
      size: batch.users.length,
      users: Int32Array.from(batch.users),
      positives: Int32Array.from(batch.positives),
      negatives: Int32Array.from(batch.negatives),
      negativesPerPositive: shape.negatives,
    }));
    return [...engine.step({ step: k + 1, epoch: 1, batches }).losses];
  });
  return { losses, users: engine.table("users").slice(), items: engine.table("items").slice() };
}

const worst = (ours: ArrayLike<number>, theirs: readonly number[]): number =>
  theirs.reduce((most, x, k) => Math.max(most, Math.abs((ours[k] as number) - x)), 0);

describe.each(["wasm", "plain"] as const)("twenty steps with the %s kernels", (kernels) => {
  it.each(fixture.runs.map((run) => ({ run, text: `${run.method}, ${run.optimizer} ${JSON.stringify(run.options)}` })))(
    `equal PyTorch ${fixture.torch} to 1e-5: $text`,
    ({ run }) => {
      const ours = train(run, kernels);
      expect(ours.users.length).toBe(run.users.length);
      expect(worst(ours.users, run.users)).toBeLessThan(1e-5);
      expect(worst(ours.items, run.items)).toBeLessThan(1e-5);
      run.losses.forEach((losses, k) => expect(worst(ours.losses[k] as number[], losses)).toBeLessThan(1e-5));
      // The rows did move: the agreement is not that of two runs that stand still.
      expect(worst(ours.users, fixture.start.users)).toBeGreaterThan(0.05);
    },
  );
});
