import { alignedMtl } from "@gradpool/aligned-mtl";
import { cagrad } from "@gradpool/cagrad";
import { config } from "@gradpool/config";
import { type GradientPool, poolContext, taskGradients, taskSet } from "@gradpool/core";
import { dbMtl } from "@gradpool/db-mtl";
import { dwa } from "@gradpool/dwa";
import { ew } from "@gradpool/ew";
import { fairgrad } from "@gradpool/fairgrad";
import { famo } from "@gradpool/famo";
import { gls } from "@gradpool/gls";
import { graddrop } from "@gradpool/graddrop";
import { gradvac } from "@gradpool/gradvac";
import { imtl } from "@gradpool/imtl";
import { mgda } from "@gradpool/mgda";
import { moco } from "@gradpool/moco";
import { nashMtl } from "@gradpool/nash-mtl";
import { pcgradPlus } from "@gradpool/pcgrad-plus";
import { sdmgrad } from "@gradpool/sdmgrad";
import { stch } from "@gradpool/stch";
import { dualProj, upgrad } from "@gradpool/upgrad";
import { uw } from "@gradpool/uw";
import { describe, expect, it } from "vitest";

/** Lᵢ(θ) = ½ sᵢ (θ − cᵢ)ᵀ Hᵢ (θ − cᵢ) + 0.1 sᵢ, Hᵢ diagonal. */
interface Quadratic {
  readonly centre: readonly [number, number];
  readonly curvature: readonly [number, number];
  readonly scale: number;
}

const pairOf = (scale: number): readonly [Quadratic, Quadratic] => [
  { centre: [-1, 0], curvature: [1, 2], scale: 1 },
  { centre: [1, 0.5], curvature: [2, 1], scale },
];

/** Two convex quadratics of one scale, and the same pair with the second task 1,000 times as large. */
const even = pairOf(1);
const disparate = pairOf(1000);

type Point = readonly [number, number];
const gradientOf = ({ centre, curvature, scale }: Quadratic, at: Point): [number, number] => [
  scale * curvature[0] * (at[0] - centre[0]),
  scale * curvature[1] * (at[1] - centre[1]),
];
const lossOf = ({ centre, curvature, scale }: Quadratic, at: Point): number =>
  scale * (0.5 * (curvature[0] * (at[0] - centre[0]) ** 2 + curvature[1] * (at[1] - centre[1]) ** 2) + 0.1);

/** Descends from a start, with steps that are cut by half where the sum of relative losses would rise; returns the path. */
function descend(
  make: () => GradientPool,
  pair: readonly [Quadratic, Quadratic],
  { start = [-1.5, 2] as Point, rate = 0.05, steps = 3000, decay = 1, epoch = 100 } = {},
): Point[] {
  const pool = make();
  const tasks = taskSet(2);
  let state = pool.init(tasks);
  let at = start;
  const path = [at];
  for (let k = 1; k <= steps; k++) {
    const values = pair.map((task) => Float64Array.from(gradientOf(task, at)));
    const context = poolContext({
      tasks,
      step: k,
      epoch: Math.ceil(k / epoch),
      losses: pair.map((task) => lossOf(task, at)),
    });
    const result = pool.pool(taskGradients({ parameters: [{ name: "theta", values }] }), context, state);
    state = result.state;
    const d = result.combined.value("theta");
    const speed = rate * decay ** k;
    at = [at[0] - speed * (d[0] as number), at[1] - speed * (d[1] as number)];
    path.push(at);
  }
  return path;
}

/** Sine of the angle by which the task gradients fail to be opposite, or 0 at a centre: 0 exactly on the Pareto set. */
function paretoGap(pair: readonly [Quadratic, Quadratic], at: Point): number {
  const [g, h] = pair.map((task) => gradientOf(task, at)) as [[number, number], [number, number]];
  const [n, m] = [Math.hypot(...g), Math.hypot(...h)];
  if (n < 1e-9 * pair[0].scale || m < 1e-9 * pair[1].scale) return 0;
  const cross = Math.abs(g[0] * h[1] - g[1] * h[0]) / (n * m);
  return g[0] * h[0] + g[1] * h[1] < 0 ? cross : 1;
}

/** The minimum of w₀L₀ + w₁L₁. */
function minimumOf(pair: readonly [Quadratic, Quadratic], weights: readonly [number, number] = [1, 1]): Point {
  const solve = (axis: 0 | 1): number => {
    const pull = pair.map((task, i) => (weights[i] as number) * task.scale * task.curvature[axis]);
    return (
      pair.reduce((sum, task, i) => sum + (pull[i] as number) * task.centre[axis], 0) /
      ((pull[0] as number) + (pull[1] as number))
    );
  };
  return [solve(0), solve(1)];
}

const last = (path: readonly Point[]): Point => path[path.length - 1] as Point;
const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

interface Run {
  readonly rate?: number;
  readonly steps?: number;
  readonly decay?: number;
  /** Steps per epoch. */
  readonly epoch?: number;
}

/** Methods that stop exactly where some combination with positive weights vanishes, from any start. */
const paretoMethods: Readonly<Record<string, { make: () => GradientPool; even?: Run; disparate?: Run }>> = {
  MGDA: { make: () => mgda(), disparate: { rate: 0.05 } },
  UPGrad: { make: () => upgrad(), disparate: { rate: 5e-4, steps: 20_000 } },
  DualProj: { make: () => dualProj(), disparate: { rate: 5e-4, steps: 20_000 } },
  "IMTL-G": { make: () => imtl() },
  "Nash-MTL": {
    make: () => nashMtl(),
    even: { rate: 0.1, decay: 0.997, steps: 6000 },
    disparate: { rate: 0.1, decay: 0.997, steps: 6000 },
  },
  "Aligned-MTL": { make: () => alignedMtl(), disparate: { rate: 5e-4, steps: 20_000 } },
  ConFIG: { make: () => config(), disparate: { rate: 2e-4, steps: 20_000 } },
  FairGrad: {
    make: () => fairgrad({ alpha: 1 }),
    even: { rate: 0.1, decay: 0.997, steps: 6000 },
    disparate: { rate: 0.1, decay: 0.997, steps: 6000 },
  },
  "CAGrad, c = 1.5": {
    make: () => cagrad({ c: 1.5 }),
    // With c > 1 it crosses the set at full length from either side: only a falling rate comes to rest.
    even: { decay: 0.998, steps: 6000 },
    disparate: { rate: 5e-4, decay: 0.9995, steps: 20_000 },
  },
  SDMGrad: { make: () => sdmgrad(), disparate: { rate: 5e-4, steps: 20_000 } },
  MoCo: { make: () => moco(), disparate: { rate: 1e-4, steps: 40_000 } },
  GLS: { make: () => gls(), disparate: { rate: 0.002, steps: 20_000 } },
  FAMO: { make: () => famo(), disparate: { rate: 0.002, steps: 20_000 } },
  STCH: { make: () => stch(), disparate: { rate: 1e-4, steps: 40_000 } },
  UW: { make: () => uw({ learningRate: 0.05 }), disparate: { rate: 5e-4, steps: 20_000 } },
  // Where an epoch is long enough to reach the minimum of its own weights, DWA swings between two of them.
  DWA: { make: () => dwa(), even: { rate: 0.01, epoch: 2 }, disparate: { rate: 5e-4, steps: 20_000 } },
};

describe("on two convex quadratics, and on a pair 1,000 apart in scale", () => {
  for (const [name, { make, even: first, disparate: second }] of Object.entries(paretoMethods)) {
    it(`${name} reaches the Pareto set of the even pair`, () => {
      expect(paretoGap(even, last(descend(make, even, first)))).toBeLessThan(0.01);
    });
    it(`${name} reaches the Pareto set of the disparate pair`, () => {
      expect(paretoGap(disparate, last(descend(make, disparate, second)))).toBeLessThan(0.02);
    });
  }

  it("equal weights end at the one minimum of the sum, and so do CAGrad with c < 1, PCGrad+ and GradVac", () => {
    const wanted = minimumOf(even);
    expect(distance(last(descend(() => ew(), even)), wanted)).toBeLessThan(1e-6);
    expect(distance(last(descend(() => cagrad({ c: 0.4 }), even)), wanted)).toBeLessThan(1e-3);
    // With the norms kept, projections vanish only where gradients are opposite, and there the sum's are equal and opposite.
    for (const make of [() => pcgradPlus({ tau: 0 }), () => gradvac({ beta: 0 })]) {
      expect(paretoGap(even, last(descend(make, even)))).toBeLessThan(0.01);
    }
  });

  it("GradDrop is at rest in the mean over draws only where the signs balance, and wanders about there", () => {
    const path = descend(() => graddrop(), even, { rate: 0.01, steps: 20_000 });
    const tail = path.slice(-10_000);
    const centre: Point = [0, 1].map((axis) =>
      tail.reduce((sum, at) => sum + at[axis as 0 | 1] / tail.length, 0),
    ) as never;
    // Each coordinate ends between the two minima.
    expect(centre[0]).toBeGreaterThan(-1);
    expect(centre[0]).toBeLessThan(1);
    expect(centre[1]).toBeGreaterThan(0);
    expect(centre[1]).toBeLessThan(0.5);
  });

  it("DB-MTL ends where the gradients of the log losses are opposite: on the Pareto set of both pairs", () => {
    const run = { rate: 0.02, decay: 0.998, steps: 6000 };
    for (const pair of [even, disparate])
      expect(paretoGap(pair, last(descend(() => dbMtl(), pair, run)))).toBeLessThan(0.02);
  });

  it("methods that ignore a task's scale take the disparate pair where they take the even one", () => {
    const run = { rate: 0.1, decay: 0.997, steps: 6000 };
    for (const make of [() => nashMtl(), () => fairgrad(), () => dbMtl(), () => gls()] as (() => GradientPool)[]) {
      const [a, b] = [even, disparate].map((pair) => {
        const rate = make().name === "gls" ? { rate: 0.05 / Math.sqrt(pair[1].scale), steps: 6000 } : run;
        return last(descend(make, pair, rate));
      }) as [Point, Point];
      expect(distance(a, b)).toBeLessThan(0.02);
    }
  });

  it("equal weights take the disparate pair to the large task's minimum, MGDA does not", () => {
    const large = disparate[1].centre;
    expect(distance(last(descend(() => ew(), disparate, { rate: 5e-4, steps: 20_000 })), large)).toBeLessThan(0.01);
    expect(distance(last(descend(() => mgda(), disparate)), large)).toBeGreaterThan(0.5);
  });

  it("UPGrad, DualProj, MGDA, Nash-MTL and FairGrad never let a loss rise on the way, at small steps", () => {
    const methods: readonly [() => GradientPool, Run][] = [
      [() => upgrad(), { rate: 0.01 }],
      [() => dualProj(), { rate: 0.01 }],
      [() => mgda(), { rate: 0.01 }],
      [() => nashMtl(), { rate: 0.005, decay: 0.99 }],
      [() => fairgrad(), { rate: 0.005, decay: 0.99 }],
    ];
    for (const [make, run] of methods) {
      const path = descend(make, even, { ...run, steps: 500 });
      for (const task of even) {
        path.slice(1).forEach((at, k) => {
          // First-order descent for every task; a step of finite length may add its square.
          const before = path[k] as Point;
          const step = distance(at, before);
          expect(lossOf(task, at)).toBeLessThanOrEqual(lossOf(task, before) + 2 * step * step);
        });
      }
    }
  });

  it("UW's log variances tend to the log losses, DWA's weights to the slower task", () => {
    const pool = uw({ learningRate: 0.1 });
    const tasks = taskSet(2);
    let state = pool.init(tasks);
    for (let step = 1; step <= 2000; step++) {
      const context = poolContext({ tasks, step, losses: [0.5, 20] });
      const values = [[1], [1]];
      state = pool.pool(taskGradients({ parameters: [{ name: "x", values }] }), context, state).state;
    }
    expect(state[0]).toBeCloseTo(Math.log(0.5), 6);
    expect(state[1]).toBeCloseTo(Math.log(20), 4);
  });
});
