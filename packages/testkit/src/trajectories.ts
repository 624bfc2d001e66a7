/** Where a method ends on two convex quadratics, and on a pair 1,000 apart in scale. */
import { type GradientPool, poolContext, taskGradients, taskSet } from "@gradpool/core";
import { assert } from "./assert.js";
import type { Runner } from "./runner.js";

/** Lᵢ(θ) = ½ sᵢ (θ − cᵢ)ᵀ Hᵢ (θ − cᵢ) + 0.1 sᵢ, Hᵢ diagonal. */
export interface Quadratic {
  readonly centre: readonly [number, number];
  readonly curvature: readonly [number, number];
  readonly scale: number;
}

export type Pair = readonly [Quadratic, Quadratic];
export type Point = readonly [number, number];

const pairOf = (scale: number): Pair => [
  { centre: [-1, 0], curvature: [1, 2], scale: 1 },
  { centre: [1, 0.5], curvature: [2, 1], scale },
];

/** Two convex quadratics of one scale. */
export const even: Pair = pairOf(1);
/** The same pair with the second task 1,000 times as large. */
export const disparate: Pair = pairOf(1000);

const gradientOf = ({ centre, curvature, scale }: Quadratic, at: Point): [number, number] => [
  scale * curvature[0] * (at[0] - centre[0]),
  scale * curvature[1] * (at[1] - centre[1]),
];

export const lossOf = ({ centre, curvature, scale }: Quadratic, at: Point): number =>
  scale * (0.5 * (curvature[0] * (at[0] - centre[0]) ** 2 + curvature[1] * (at[1] - centre[1]) ** 2) + 0.1);

export interface Descent {
  /** Default 0.05. */
  readonly rate?: number;
  /** Default 3000. */
  readonly steps?: number;
  /** Of the rate, per step; default 1. */
  readonly decay?: number;
  /** Steps per epoch; default 100. */
  readonly epoch?: number;
}

/** Descends from (−1.5, 2) along the combined gradients; returns the path. */
export function descend(
  pool: GradientPool,
  pair: Pair,
  { rate = 0.05, steps = 3000, decay = 1, epoch = 100 }: Descent = {},
): Point[] {
  const tasks = taskSet(2);
  let state = pool.init(tasks);
  let at: Point = [-1.5, 2];
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

/** Where `descend` ends. */
export const endOf = (pool: GradientPool, pair: Pair, run: Descent = {}): Point =>
  descend(pool, pair, run).at(-1) as Point;

export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** Sine of the angle by which the task gradients fail to be opposite, or 0 at a centre: 0 exactly on the Pareto set. */
export function paretoGap(pair: Pair, at: Point): number {
  const [g, h] = pair.map((task) => gradientOf(task, at)) as [[number, number], [number, number]];
  const [n, m] = [Math.hypot(...g), Math.hypot(...h)];
  if (n < 1e-9 * pair[0].scale || m < 1e-9 * pair[1].scale) return 0;
  const cross = Math.abs(g[0] * h[1] - g[1] * h[0]) / (n * m);
  return g[0] * h[0] + g[1] * h[1] < 0 ? cross : 1;
}

/** The minimum of the sum of both losses. */
export function minimumOf(pair: Pair): Point {
  const solve = (axis: 0 | 1): number => {
    const pull = pair.map(({ scale, curvature }) => scale * curvature[axis]);
    const weighted = pair.reduce((sum, { centre }, i) => sum + (pull[i] as number) * centre[axis], 0);
    return weighted / pull.reduce((sum, p) => sum + p, 0);
  };
  return [solve(0), solve(1)];
}

export interface ParetoRuns {
  readonly even?: Descent;
  readonly disparate?: Descent;
}

/** For methods that stop exactly where some combination with positive weights vanishes, from any start. */
export function describePareto(
  name: string,
  make: () => GradientPool,
  runs: ParetoRuns,
  { describe, it }: Runner,
): void {
  describe(`${name} on two convex quadratics`, () => {
    it("reaches the Pareto set of the even pair", () => onParetoSet(even, endOf(make(), even, runs.even), 0.01));
    it("reaches the Pareto set of a pair 1,000 apart in scale", () =>
      onParetoSet(disparate, endOf(make(), disparate, runs.disparate), 0.02));
  });
}

/** Throws unless the gradients at a point are opposite, to an angle's sine. */
export function onParetoSet(pair: Pair, at: Point, sine: number): void {
  const gap = paretoGap(pair, at);
  assert(gap < sine, () => `at (${at.join(", ")}) the gradients are ${gap} from opposite, ${sine} is allowed`);
}

/**
 * Throws if a loss rises on the way. First-order descent for every task; a step of finite length may add twice its square.
 */
export function neverRises(pool: GradientPool, pair: Pair, run: Descent): void {
  const path = descend(pool, pair, run);
  for (const task of pair) {
    path.slice(1).forEach((at, k) => {
      const before = path[k] as Point;
      const step = distance(at, before);
      const [now, then] = [lossOf(task, at), lossOf(task, before)];
      assert(now <= then + 2 * step * step, () => `step ${k + 1}: the loss rises from ${then} to ${now}`);
    });
  }
}
