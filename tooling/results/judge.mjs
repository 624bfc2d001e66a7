/** Claims of papers, judged by what was measured: paired t-tests over seeds, Holm-corrected within a claim. */
import { importSource } from "../typescript.mjs";

const { holm, metricParts, pairedT, parseMetric } = await importSource("packages/metrics/src/index.ts");

export const higherIsBetter = (metric) => parseMetric(metricParts(metric)[0]).higherIsBetter;

const mean = (values) => values.reduce((total, value) => total + value, 0) / values.length;

/** The points of curves, `PMTRec over alpha = 1` for one: on validation, where they were searched. */
const pointsOf = ({ curves = [] }) =>
  curves.flatMap(({ label, metric, points }) =>
    points.map(({ value, values }) => ({ curve: label, label: `${label} = ${value}`, metric, values })),
  );

/** A contender's values by seed: of a test or validation metric, of the mean over single-task runs, or of the speed; or those of a point. */
function valuesOf(set, label, metric, part) {
  const point = pointsOf(set).find((one) => one.label === label && one.metric === metric);
  if (point !== undefined) return point.values.includes(null) ? null : point.values;
  if (label === "Single, each task's own") {
    const [head] = metricParts(metric);
    const each = Object.entries(set.single).map(([task, own]) => valuesOf(set, own, `${head}/${task}`, part));
    return each.length === 0 || each.includes(null)
      ? null
      : set.seeds.map((_, k) => mean(each.map((values) => values[k])));
  }
  const found = set.contenders.find((one) => one.label === label);
  if (found === undefined) return null;
  const values = metric === "speed" ? found.samplesPerSecond : found[part][metric]?.values;
  return values === undefined || values.includes(null) ? null : values;
}

/** Pools that stand for methods of their own: no ablations, no single tasks, nothing that learns nothing. */
const rivals = (set, of) =>
  set.contenders
    .filter(({ role, group, label }) => role === null && group === null && label !== of)
    .map(({ label }) => label);

const otherPoints = (set, of) => {
  const points = pointsOf(set);
  const curve = points.find(({ label }) => label === of)?.curve;
  return points.filter((one) => one.curve === curve && one.label !== of).map(({ label }) => label);
};

/** What stands against what: labels, or `rivals`, or the other points of a `curve`. */
function pairsOf({ of, than = "rivals", pairs, suffixes = [""] }, set) {
  if (pairs !== undefined) return pairs.map(([own, other]) => ({ own, other }));
  const others = than === "rivals" ? rivals(set, of) : than === "curve" ? otherPoints(set, of) : than;
  return suffixes.flatMap((end) => others.map((other) => ({ own: `${of}${end}`, other: `${other}${end}` })));
}

/** Speeds decide nothing where other work ran beside. */
const decides = (set, { metric }) => metric !== "speed" || set.quiet === true;

const verdictOf = (set, tests, some) => {
  if (!tests.every((test) => decides(set, test))) return "not shown";
  if (tests.some(({ pHolm }) => pHolm === null)) return "not shown";
  const [enough, spoils] = some ? ["some", "every"] : ["every", "some"];
  if (tests[spoils](({ gain, pHolm }) => gain < 0 && pHolm < 0.05)) return "refuted";
  return tests[enough](({ gain, pHolm }) => gain > 0 && pHolm < 0.05) ? "confirmed" : "not shown";
};

/**
 * A claim that `of` is above each of `than` ("rivals": all other methods; "curve": all other points of its curve) in `metrics`, on a
 * comparison of one of its recipes; with `suffixes` once for each, of the contenders whose labels end so; or `pairs` of what is above what.
 * Confirmed: each difference is in the claimed direction and significant. Refuted: one is significant the other way. With `some` one
 * difference is enough, and all of them refute. Null where the comparison holds none of it.
 */
export function judge(claim, set) {
  const { metrics = [set.base.metrics[0]], part = "test", below = false, some = false } = claim;
  const all = metrics.flatMap((metric) => pairsOf(claim, set).map((pair) => ({ metric, ...pair })));
  const tests = all.flatMap(({ metric, own, other }) => {
    const [ours, theirs] = [valuesOf(set, own, metric, part), valuesOf(set, other, metric, part)];
    if (ours === null || theirs === null) return [];
    const { difference, p } = pairedT(ours, theirs);
    const better = metric === "speed" || higherIsBetter(metric) ? 1 : -1;
    const gain = (below ? -1 : 1) * better * difference;
    return [
      { metric, own, other, of: mean(ours), against: mean(theirs), difference, gain, p: Number.isFinite(p) ? p : null },
    ];
  });
  if (tests.length === 0) return null;
  const corrected = holm(tests.map(({ p }) => p ?? Number.NaN));
  const judged = tests.map((test, k) => ({ ...test, pHolm: Number.isFinite(corrected[k]) ? corrected[k] : null }));
  // What decides is the comparison that speaks most against the claim, or most for it where one is enough.
  const sign = some ? -1 : 1;
  const weakest = judged.reduce((a, b) => (sign * weight(b) < sign * weight(a) ? b : a));
  return { tests: judged, weakest, verdict: verdictOf(set, judged, some) };
}

const weight = ({ gain, pHolm }) => Math.sign(gain) * (1 - (pHolm ?? 1)) + Math.sign(gain) * 1e-9;
