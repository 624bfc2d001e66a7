/** Claims of papers, judged by what was measured: paired t-tests over seeds, Holm-corrected within a claim. */
import { importSource } from "../typescript.mjs";

const { holm, metricParts, pairedT, parseMetric } = await importSource("packages/metrics/src/index.ts");

export const higherIsBetter = (metric) => parseMetric(metricParts(metric)[0]).higherIsBetter;

const mean = (values) => values.reduce((total, value) => total + value, 0) / values.length;

/** A contender's values by seed: of a test or validation metric, of the mean over single-task runs, or of the speed. */
function valuesOf(set, label, metric, part) {
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

/** Speeds decide nothing where other work ran beside. */
const decides = (set, { metric }) => metric !== "speed" || set.quiet === true;

const verdictOf = (set, tests) => {
  if (!tests.every((test) => decides(set, test))) return "not shown";
  if (tests.some(({ pHolm }) => pHolm === null)) return "not shown";
  if (tests.some(({ gain, pHolm }) => gain < 0 && pHolm < 0.05)) return "refuted";
  return tests.every(({ gain, pHolm }) => gain > 0 && pHolm < 0.05) ? "confirmed" : "not shown";
};

/**
 * A claim that `of` is above each of `than` ("rivals": all other methods) in `metrics`, on a comparison of one of its recipes; with
 * `suffixes` once for each, of the contenders whose labels end so.
 * Confirmed: each difference is in the claimed direction and significant. Refuted: one is significant the other way. Null where
 * the comparison holds none of it.
 */
export function judge(claim, set) {
  const { of, than = "rivals", metrics = [set.base.metrics[0]], part = "test", below = false, suffixes = [""] } = claim;
  const others = than === "rivals" ? rivals(set, of) : than;
  const pairs = metrics.flatMap((metric) =>
    suffixes.flatMap((end) => others.map((other) => ({ metric, own: `${of}${end}`, other: `${other}${end}` }))),
  );
  const tests = pairs.flatMap(({ metric, own, other }) => {
    const [ours, theirs] = [valuesOf(set, own, metric, part), valuesOf(set, other, metric, part)];
    if (ours === null || theirs === null) return [];
    const { difference, p } = pairedT(ours, theirs);
    const better = metric === "speed" || higherIsBetter(metric) ? 1 : -1;
    const gain = (below ? -1 : 1) * better * difference;
    return [
      { metric, other, of: mean(ours), against: mean(theirs), difference, gain, p: Number.isFinite(p) ? p : null },
    ];
  });
  if (tests.length === 0) return null;
  const corrected = holm(tests.map(({ p }) => p ?? Number.NaN));
  const judged = tests.map((test, k) => ({ ...test, pHolm: Number.isFinite(corrected[k]) ? corrected[k] : null }));
  // What decides is the comparison that speaks most against the claim.
  const weakest = judged.reduce((a, b) => (weight(b) < weight(a) ? b : a));
  return { tests: judged, weakest, verdict: verdictOf(set, judged) };
}

const weight = ({ gain, pHolm }) => Math.sign(gain) * (1 - (pHolm ?? 1)) + Math.sign(gain) * 1e-9;
