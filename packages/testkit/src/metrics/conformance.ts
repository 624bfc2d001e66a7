import { createRandom, isGradpoolError } from "@gradpool/core";
import { assert, fail } from "../assert.js";
import { check, type ConformanceCase } from "../case.js";
import { declare, type Runner } from "../runner.js";
import { randomRows, renumbered, reordered } from "./rows.js";
import type { MetricLike, MetricOptions, MetricRows } from "./types.js";

/** Everything that the suite checks of a metric, as a list. */
export function metricCases(metric: MetricLike, { runs = 200 }: MetricOptions = {}): ConformanceCase<Promise<void>>[] {
  const seeds = Array.from({ length: runs }, (_, k) => k + 1);
  const tied = metric.ties === true ? undefined : metric.ties;
  return [
    check("definition", "has a name, a direction and a range", async () => defines(metric)),
    check("definition", "stays in its range, or is NaN", () =>
      each(seeds, (seed) => inRange(metric, randomRows(seed, true))),
    ),
    check("definition", "is at its best where the scores are the labels", async () => {
      for (const seed of seeds) {
        const rows = randomRows(seed, false);
        const value = await metric.evaluate({ ...rows, scores: perfect(rows) });
        const least = await metric.evaluate(rows);
        if (Number.isNaN(value)) continue;
        const good = metric.higherIsBetter ? value >= least - 1e-12 : value <= least + 1e-12;
        assert(good, () => `the labels themselves get ${value}, other scores ${least}`);
      }
    }),
    check("definition", "never falls when a positive's score rises", () =>
      each(seeds, (seed) => monotone(metric, seed)),
    ),
    check("invariance", "does not depend on the order of the rows", () =>
      each(seeds, (seed) => unchanged(metric, randomRows(seed, false), reordered, seed)),
    ),
    check("invariance", "does not depend on the numbers of users and items", () =>
      each(seeds, (seed) => unchanged(metric, randomRows(seed, false), renumbered, seed)),
    ),
    check(
      "ties",
      "does not depend on either where scores are equal",
      async () => {
        for (const seed of seeds) {
          await unchanged(metric, randomRows(seed, true), reordered, seed);
          await unchanged(metric, randomRows(seed, true), renumbered, seed);
        }
      },
      tied,
    ),
    check(
      "invariance",
      "keeps its value when the scores are stretched, their order kept",
      () =>
        each(seeds, (seed) =>
          unchanged(
            metric,
            randomRows(seed, false),
            (rows) => ({ ...rows, scores: rows.scores.map((x) => x ** 3) }),
            seed,
          ),
        ),
      metric.reads === "order" ? undefined : "not applicable: it reads the scores' values",
    ),
    check("undefined", "is NaN where it says that it is undefined, and there alone", () =>
      undefinedWhere(metric, seeds),
    ),
    check("purity", "leaves its rows as they were, and gives the same bits again", async () => {
      for (const seed of seeds) {
        const rows = randomRows(seed, true);
        const before = JSON.stringify(Object.values(rows).map((values: ArrayLike<number>) => Array.from(values)));
        const first = await metric.evaluate(rows);
        const after = JSON.stringify(Object.values(rows).map((values: ArrayLike<number>) => Array.from(values)));
        assert(after === before, () => "the rows were written to");
        assert(Object.is(first, await metric.evaluate(rows)), () => "another value the second time");
      }
    }),
    check("errors", "refuses scores that are NaN, with a GradpoolError", async () => {
      const rows = randomRows(1, false);
      await refused(metric, { ...rows, scores: rows.scores.map((x, k) => (k === 1 ? Number.NaN : x)) });
    }),
  ];
}

/** Declares the suite in a test runner: `describeMetric(metric, { describe, it })`. */
export function describeMetric(metric: MetricLike, runner: Runner, options: MetricOptions = {}): void {
  declare(`${metric.name} conforms`, metricCases(metric, options), runner);
}

async function each(seeds: readonly number[], run: (seed: number) => Promise<void>): Promise<void> {
  for (const seed of seeds) await run(seed);
}

function defines({ name, higherIsBetter, range }: MetricLike): void {
  assert(/^[a-z][a-z0-9@:.-]*$/.test(name), () => `the name is ${name}`);
  assert(typeof higherIsBetter === "boolean", () => `higherIsBetter is ${String(higherIsBetter)}`);
  assert(range[0] < range[1], () => `the range is ${range.join(" to ")}`);
}

async function inRange({ range, evaluate }: MetricLike, rows: MetricRows): Promise<void> {
  const value = await evaluate(rows);
  const inside = value >= range[0] - 1e-12 && value <= range[1] + 1e-12 && Math.abs(value) !== Infinity;
  assert(inside || Number.isNaN(value), () => `${value} is not in ${range.join(" to ")}`);
}

/** The labels as scores, the sure way to be right; without ties. */
function perfect({ labels }: MetricRows): Float64Array {
  return labels.map((label, k) => (label === 1 ? 1 : 0) + (label === 1 ? -1 : 1) * 1e-6 * (k + 1));
}

async function monotone({ evaluate, higherIsBetter }: MetricLike, seed: number): Promise<void> {
  const rows = randomRows(seed, false);
  const k = rows.labels.indexOf(1);
  if (k < 0) return;
  const before = await evaluate(rows);
  const after = await evaluate({ ...rows, scores: rows.scores.map((x, r) => (r === k ? (x + 1.001) / 2.002 : x)) });
  const worse = higherIsBetter ? before - after : after - before;
  assert(!(worse > 1e-12), () => `a positive's score rose, and the value went from ${before} to ${after}`);
}

async function unchanged(
  { evaluate }: MetricLike,
  rows: MetricRows,
  change: (rows: MetricRows, random: ReturnType<typeof createRandom>) => MetricRows,
  seed: number,
): Promise<void> {
  const [before, after] = [await evaluate(rows), await evaluate(change(rows, createRandom(seed, 7)))];
  const same = Number.isNaN(before) ? Number.isNaN(after) : Math.abs(before - after) <= 1e-12 * (1 + Math.abs(before));
  assert(same, () => `${before} became ${after}`);
}

async function undefinedWhere({ evaluate, undefinedFor }: MetricLike, seeds: readonly number[]): Promise<void> {
  const none = new Float64Array(0);
  const nothing = await evaluate({ users: new Int32Array(0), items: new Int32Array(0), scores: none, labels: none });
  assert(Number.isNaN(nothing), () => `it is ${nothing} for no rows`);
  for (const seed of seeds) {
    const rows = randomRows(seed, true);
    for (const label of [0, 1]) {
      const value = await evaluate({ ...rows, labels: rows.labels.map(() => label) });
      const expected = undefinedFor === "one class" || (undefinedFor === "no positive" && label === 0);
      assert(Number.isNaN(value) === expected, () => `it is ${value} where every label is ${label}`);
    }
    // Both classes within every user: nothing is missing.
    const value = await evaluate({ ...rows, labels: alternating(rows) });
    assert(!Number.isNaN(value), () => "it is NaN where every user has both labels");
  }
}

/** 1 and 0 by turns within each user. */
function alternating({ users }: MetricRows): Float64Array {
  const seen = new Map<number, number>();
  return Float64Array.from(users, (user) => {
    const count = seen.get(user) ?? 0;
    seen.set(user, count + 1);
    return (count + 1) % 2;
  });
}

async function refused({ evaluate }: MetricLike, rows: MetricRows): Promise<void> {
  try {
    await evaluate(rows);
  } catch (error) {
    if (!isGradpoolError(error)) fail(`not a GradpoolError: ${String(error)}`);
    return;
  }
  fail("nothing was thrown");
}
