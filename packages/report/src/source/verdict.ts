import { count, list, lowerIsBetter, metric, metricLabel, percent, pValue } from "../drawing/format.js";
import type { Row, Source } from "./sources.js";
import { baselineOf, finished } from "./sources.js";

/** What comes before every comparison of pools: whether several tasks help, and whether a model is needed. */
export const premises = ({ summary }: Source): string => (summary.premises?.sentences ?? []).join(" ");

/** The comparison in a sentence or two, on the metric that it was made for. */
export function verdict(source: Source): string {
  const { primary, plan, rows } = source;
  const base = baselineOf(source);
  const rivals = rows.filter((row) => row !== base && row.role === undefined && row.base === plan.baseline);
  const apart = rivals.filter((row) => row.versusBaseline[primary]?.verdict === "not comparable");
  const others = rivals.filter((row) => !apart.includes(row));
  if (plan.name === "runs" && rows.length === 1) return ofOneRun(rows[0] as Row, primary);
  if (rows.every((row) => finished(row) === 0)) return "No trial finished, so there is nothing to compare.";
  const none = undefinedFor(source, base?.label);
  if (none !== undefined)
    return `${metricLabel(primary)} of ${plan.baseline} is undefined (${none}), so nothing can be compared on it.`;
  if (base === undefined || base.test[primary] === undefined)
    return `The baseline ${plan.baseline} has no result, so nothing can be compared with it.`;
  if (rivals.length === 0) return `Only ${plan.baseline} was run: there is nothing to compare it with.`;
  const at = metricLabel(primary);
  const having = (wanted: string): readonly Row[] =>
    others
      .filter((row) => row.versusBaseline[primary]?.verdict === wanted)
      .sort((a, b) => gain(b, primary) - gain(a, primary));
  const better = having("better");
  const worse = having("worse");
  const open = having("no difference shown");
  const untested = having("not testable");
  const sentences: string[] = [];
  if (better.length > 0)
    sentences.push(
      `On ${at}, ${list(better.map((row) => describe(row, primary)))} ${better.length === 1 ? "beats" : "beat"} ${plan.baseline}.`,
    );
  if (worse.length > 0)
    sentences.push(
      `${better.length > 0 ? "" : `On ${at}, `}${list(worse.map((row) => describe(row, primary)))} ${worse.length === 1 ? "does" : "do"} worse${better.length > 0 ? "" : ` than ${plan.baseline}`}.`,
    );
  if (open.length > 0)
    sentences.push(
      sentences.length === 0
        ? `No difference shown: on ${at} no pool could be told from ${plan.baseline}.`
        : `For the other ${count(open.length, "pool")}, no difference is shown.`,
    );
  if (untested.length > 0) {
    const best = [...untested].sort((a, b) => gain(b, primary) - gain(a, primary))[0] as Row;
    sentences.push(
      untested.length === others.length
        ? `Nothing could be tested: too few seeds finished. On ${at}, ${best.label} has the ${gain(best, primary) > 0 ? `highest mean gain over ${plan.baseline}, ${signed(best, primary)}` : "smallest loss"}; take it as a hint, no more.`
        : `${list(untested.map(({ label }) => label))} could not be tested.`,
    );
  }
  if (apart.length > 0)
    sentences.push(
      `${list(apart.map(({ label }) => label))} ${apart.length === 1 ? "measures" : "measure"} it on other tasks and ${apart.length === 1 ? "is" : "are"} not compared.`,
    );
  const without = others.filter((row) => row.test[primary] === undefined);
  const waiting = without.filter((row) => row.records.length === 0);
  for (const [some, end] of [
    [without.filter((row) => !waiting.includes(row)), "no result"],
    [waiting, "no result yet"],
  ] as const)
    if (some.length > 0)
      sentences.push(`${list(some.map(({ label }) => label))} ${some.length === 1 ? "has" : "have"} ${end}.`);
  return sentences.join(" ");
}

/** What a run by itself came to, or has come to. */
function ofOneRun(row: Row, primary: string): string {
  const [tested, judged] = [row.test[primary], row.valid[primary]];
  const seeds = row.records.length > 1 ? `, the mean of ${count(row.records.length, "seed")}` : "";
  const epoch = row.bestEpochs.find((one) => one !== null);
  const best = seeds === "" && epoch !== undefined ? `, by the weights of epoch ${epoch}` : "";
  const at = metricLabel(primary);
  if (tested !== undefined) return `${at} is ${metric(tested.mean)} on test${best}${seeds}.`;
  if (judged === undefined) return "No epoch has been judged yet.";
  return `${at} is ${metric(judged.mean)} on validation${best}, the best so far; nothing is tested yet.`;
}

/** Why a contender has no value of the metric that decides, if it has none on this data. */
const undefinedFor = ({ summary, primary }: Source, label: string | undefined): string | undefined =>
  summary.undefined.find(
    (one) => one.label === label && one.part === "test" && one.task === undefined && one.metric === primary,
  )?.reason;

const signed = (row: Row, metric: string): string => percent(row.versusBaseline[metric]?.relative ?? 0);

function describe(row: Row, metric: string): string {
  const { pHolm } = row.versusBaseline[metric] ?? { pHolm: null };
  return `${row.label} (${signed(row, metric)}${pHolm === null ? "" : `, p ${pHolm < 0.001 ? "" : "= "}${pValue(pHolm)}`})`;
}

/** Relative gain over the baseline, positive for better. */
function gain(row: Row, metric: string): number {
  const relative = row.versusBaseline[metric]?.relative ?? 0;
  return lowerIsBetter(metric) ? -relative : relative;
}

/** What a reader has to know before believing a number here. */
export function caveats(source: Source): readonly string[] {
  const { plan, rows, summary, records } = source;
  const out: string[] = [];
  const seeds = plan.seeds.length;
  const compares = rows.length > 1 || plan.name !== "runs";
  if (!compares) return summary.notes.map((line) => `${line}.`);
  if (seeds === 1) out.push("One seed: differences cannot be tested, and repeating the run may turn them round.");
  else if (seeds < 5)
    out.push(
      `${count(seeds, "seed")}: a paired t-test has little power at so few, so “no difference shown” is not “no difference”.`,
    );
  if (summary.metrics.length > 1)
    out.push(
      `p values are corrected (Holm) over the pools of each metric, not over the ${summary.metrics.length} metrics; the verdict uses ${metricLabel(source.primary)}, which also chose the epochs${summary.grid.length > 0 ? " and the grid points" : ""}.`,
    );
  out.push(...summary.notes.map((line) => `${line}.`));
  if (summary.failures.length > 0)
    out.push(
      `${count(summary.failures.length, "trial")} failed; means of ${list([...new Set(summary.failures.map(({ label }) => label))])} are over the seeds that finished.`,
    );
  const edge = rows.filter((row) => row.records.length > 0 && row.records.some((record) => atEnd(record)));
  if (edge.length > 0)
    out.push(
      `${edge.length > 4 ? `${edge.length} of ${rows.length} pools` : list(edge.map(({ label }) => label))} had the best epoch at the end of training in some seed: more epochs might help.`,
    );
  const machines = new Set(records.flatMap(({ environment }) => environment["processor"] ?? []));
  if (machines.size > 1) out.push(`Trials ran on ${machines.size} kinds of machine: compare their speed with care.`);
  else if (records.some(({ cost }) => cost !== undefined))
    out.push("Speed and memory were measured while other trials may have run on the same machine.");
  return out;
}

const atEnd = ({ result, config }: Row["records"][number]): boolean =>
  result !== undefined && result.bestEpoch !== null && result.bestEpoch === config.epochs && config.epochs > 1;
