import pc from "picocolors";
import { table } from "../terminal/table.js";
import type { Comparison, MetricSummary, SearchedPoints, Summary, TrialRecord } from "@gradpool/bench";

const digits = (value: number): string => value.toFixed(4);

function cell(metric: MetricSummary | undefined, comparison: Comparison | undefined): string {
  if (metric === undefined) return "-";
  if (comparison?.verdict === "not comparable") return `${digits(metric.mean)} (${metric.tasks.join(", ")})`;
  const half = metric.high === null ? "" : ` ± ${digits(metric.high - metric.mean)}`;
  const text = `${digits(metric.mean)}${half}`;
  if (comparison?.verdict === "better") return pc.green(`${text} ▲`);
  if (comparison?.verdict === "worse") return pc.red(`${text} ▼`);
  return text;
}

/** Seconds per epoch of a contender's finished trials, their median. */
function secondsPerEpoch(records: readonly TrialRecord[], label: string): string {
  const seconds = records
    .filter((record) => record.label === label && record.cost !== undefined)
    .map((record) => record.cost?.secondsPerEpoch ?? 0)
    .sort((a, b) => a - b);
  return seconds.length === 0 ? "-" : (seconds[Math.floor(seconds.length / 2)] as number).toFixed(2);
}

/** The comparison as the terminal shows it: means with 95 % half-widths, marks where the paired test shows a difference. */
export function overviewTable(summary: Summary, records: readonly TrialRecord[]): string {
  const metrics = summary.metrics.slice(0, 4);
  const swept = summary.contenders.some((row) => Object.keys(row.point).length > 0);
  const rows = summary.contenders.map((row) => [
    `${row.name}${row.label === summary.plan.baseline ? ` ${pc.dim("(baseline)")}` : ""}`,
    ...metrics.map((metric) => cell(row.test[metric], row.versusBaseline[metric])),
    row.rank === null ? "-" : row.rank.toFixed(1),
    secondsPerEpoch(records, row.label),
    ...(swept
      ? [
          Object.entries(row.point)
            .map(([name, value]) => `${name}=${value}`)
            .join(" "),
        ]
      : []),
    ...(summary.failures.length > 0 ? [row.failed === 0 ? "" : pc.red(`${row.failed} of ${row.seeds}`)] : []),
  ]);
  const head = [
    "pool",
    ...metrics,
    "rank",
    "s/epoch",
    ...(swept ? ["chosen"] : []),
    ...(summary.failures.length > 0 ? ["failed"] : []),
  ];
  const seeds = summary.plan.seeds.length;
  const base = summary.contenders.find(({ label }) => label === summary.plan.baseline);
  const baseline = base?.name ?? summary.plan.baseline;
  const apart = summary.contenders.some((row) =>
    metrics.some((metric) => row.versusBaseline[metric]?.verdict === "not comparable"),
  );
  return [
    ...(summary.premises?.sentences ?? []),
    "",
    table(head, rows),
    `test metrics, mean over ${seeds} seed${seeds === 1 ? "" : "s"} ± half the 95 % interval; ▲ ▼: differs from ${baseline} (paired t-test, Holm, 5 %); no mark: no difference shown`,
    ...(apart ? ["(task): of other tasks than the baseline's, so not compared with it"] : []),
    ...(summary.search ?? []).map(searchLine),
    ...(summary.plan.budget === undefined
      ? []
      : [pc.yellow(`budget ${summary.plan.budget.name}: ${summary.plan.budget.differences.join("; ")}`)]),
    ...summary.notes.map((line) => pc.yellow(line)),
  ].join("\n");
}

/** What a contender's search was allowed and took, and where the best point lies: near an end of a range, better may lie beyond. */
function searchLine({ name, strategy, points, epochs, epochsTaken, metric, best, places }: SearchedPoints): string {
  const budget = `${points} points (${strategy}), ${epochsTaken} of ${epochs} epochs`;
  const at = places.map(({ name: option, value, among, position, atEdge }) => {
    const where = position === null ? "" : ` (${Math.round(100 * position)} % of ${among})`;
    const text = `${option}=${value}${where}`;
    return atEdge ? pc.yellow(`${text}, at the edge`) : text;
  });
  return `${name}: ${budget}, best ${metric} ${best === null ? "undefined" : digits(best)}${at.length === 0 ? "" : ` at ${at.join(", ")}`}`;
}
