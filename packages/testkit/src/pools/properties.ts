import { given, type GradientPool, type Properties } from "@gradpool/core";
import fc from "fast-check";
import { type ArbitraryOptions, exactScales, type GradientCase, gradientCases } from "./arbitraries.js";
import { assert, assertClose, dot, norm } from "../assert.js";
import { denseStep, type Outcome, play } from "./scenario.js";

/** Rounding: a few hundred units in the last place of what was added up. */
const tolerance = 1e-12;
type Matrix = readonly (readonly number[])[];

function playCase(pool: GradientPool, { steps, target, seed, losses }: GradientCase): Outcome {
  const tasks = (steps[0] as Matrix).length;
  return play(pool, {
    tasks,
    target,
    seed,
    steps: steps.map((gradients) => denseStep(gradients)),
    ...given({ losses }),
  });
}

/** Σ |wᵢ| ‖gᵢ‖: what a combined gradient was added up from, and so what its rounding errors are relative to. */
function mass(gradients: Matrix, weights: Float64Array | undefined, combined: Float64Array): number {
  const terms = gradients.map((row, i) => Math.abs(weights?.[i] ?? 1) * norm(row));
  return Math.max(
    norm(combined),
    terms.reduce((sum, term) => sum + term, 0),
  );
}

function eachStep(
  pool: GradientPool,
  given: GradientCase,
  check: (gradients: Matrix, d: Float64Array, mass: number) => void,
): void {
  const { combined, weights } = playCase(pool, given);
  given.steps.forEach((gradients, k) => {
    const d = combined[k] as Float64Array;
    check(gradients, d, mass(gradients, weights[k], d));
  });
}

/** ⟨d, gᵢ⟩ ≥ 0 for every task. */
export function checkNonConflicting(pool: GradientPool, given: GradientCase): void {
  eachStep(pool, given, (gradients, d, size) =>
    gradients.forEach((row, i) => {
      const product = dot(d, row);
      assert(product >= -tolerance * size * norm(row), () => `⟨d, g${i}⟩ is ${product}`);
    }),
  );
}

/** ⟨d, g_target⟩ ≥ 0. */
export function checkTargetDescent(pool: GradientPool, given: GradientCase): void {
  eachStep(pool, given, (gradients, d, size) => {
    const row = gradients[given.target] as readonly number[];
    const product = dot(d, row);
    assert(product >= -tolerance * size * norm(row), () => `⟨d, g_target⟩ is ${product}`);
  });
}

/** Renumbering the tasks leaves d as it is. `order[k]` is the old number of the task that becomes task k. */
export function checkPermutationEquivariant(pool: GradientPool, given: GradientCase, order: readonly number[]): void {
  const permuted: GradientCase = {
    ...given,
    steps: given.steps.map((gradients) => order.map((i) => gradients[i] as readonly number[])),
    target: order.indexOf(given.target),
    losses: order,
  };
  compare(pool, given, permuted, 1, `after renumbering as ${order.join()}`);
}

/** c·g₁ … c·g_T give c·d. */
export function checkScaleLinear(pool: GradientPool, given: GradientCase, factor: number): void {
  const scaled = given.steps.map((gradients) => gradients.map((row) => row.map((x) => factor * x)));
  compare(pool, given, { ...given, steps: scaled }, factor, `with all gradients times ${factor}`);
}

function compare(pool: GradientPool, given: GradientCase, other: GradientCase, factor: number, what: string): void {
  const before = playCase(pool, given);
  const after = playCase(pool, other);
  given.steps.forEach((gradients, k) => {
    const d = before.combined[k] as Float64Array;
    const size = mass(gradients, before.weights[k], d);
    const expected = d.map((x) => factor * x);
    assertClose(after.combined[k] as Float64Array, expected, 10 * tolerance * factor * size, `step ${k + 1} ${what}`);
  });
}

/** Scaling one task's gradients, in every step, leaves the direction of d as it is. */
export function checkTaskScaleInvariant(pool: GradientPool, given: GradientCase, task: number, factor: number): void {
  const scaled = given.steps.map((gradients) =>
    gradients.map((row, i) => (i === task ? row.map((x) => factor * x) : row)),
  );
  const before = playCase(pool, given);
  const after = playCase(pool, { ...given, steps: scaled });
  given.steps.forEach((gradients, k) => {
    const d = before.combined[k] as Float64Array;
    const e = after.combined[k] as Float64Array;
    // The direction of a sum is as sure as the sum is large beside its terms.
    const unsure =
      tolerance *
      (mass(gradients, before.weights[k], d) / norm(d) + mass(scaled[k] as Matrix, after.weights[k], e) / norm(e));
    if (!(unsure < 1e-6)) return;
    const [dn, en] = [norm(d), norm(e)];
    assertClose(
      e.map((x) => x / en),
      d.map((x) => x / dn),
      10 * unsure,
      `direction of step ${k + 1} with task ${task} times ${factor}`,
    );
  });
}

export interface PropertyOptions extends ArbitraryOptions {
  /** Cases per property; default 1,000. */
  readonly runs?: number;
  /** Of fast-check's generator; the same cases in every run unless it is given. */
  readonly seed?: number;
}

/** Checks one declared property with fast-check; throws with the smallest counter-example. */
export function checkProperty(
  pool: GradientPool,
  property: keyof Properties,
  { runs = 1000, seed = 1, ...arbitrary }: PropertyOptions = {},
): void {
  const cases = gradientCases(arbitrary);
  const tasksOf = (given: GradientCase): number => (given.steps[0] as Matrix).length;
  const parameters = { numRuns: runs, seed };
  switch (property) {
    case "nonConflicting":
      return fc.assert(
        fc.property(cases, (given) => checkNonConflicting(pool, given)),
        parameters,
      );
    case "targetDescent":
      return fc.assert(
        fc.property(cases, (given) => checkTargetDescent(pool, given)),
        parameters,
      );
    case "scaleLinear":
      return fc.assert(
        fc.property(cases, exactScales(), (given, c) => checkScaleLinear(pool, given, c)),
        parameters,
      );
    case "permutationEquivariant": {
      const permuted = cases.chain((given) => {
        const order = Array.from({ length: tasksOf(given) }, (_, i) => i);
        return fc.tuple(fc.constant(given), fc.shuffledSubarray(order, { minLength: order.length }));
      });
      const check = ([given, order]: readonly [GradientCase, readonly number[]]) =>
        checkPermutationEquivariant(pool, given, order);
      return fc.assert(fc.property(permuted, check), parameters);
    }
    case "taskScaleInvariant":
      return fc.assert(
        fc.property(cases, fc.nat(), exactScales(), (given, n, c) =>
          checkTaskScaleInvariant(pool, given, n % tasksOf(given), c),
        ),
        parameters,
      );
  }
}
