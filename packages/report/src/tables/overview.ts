import { neGain, qpsDrop } from "@gradpool/metrics";
import type { Comparison, MetricSummary } from "@gradpool/bench";
import { tabs } from "../drawing/figure.js";
import * as format from "../drawing/format.js";
import { escape } from "../drawing/html.js";
import { baselineOf, finished, type Row, type Source } from "../source/sources.js";

/** A cell: what it sorts by, and what it shows. */
interface Cell {
  readonly key: number | string | null;
  readonly html: string;
}

interface Column {
  readonly label: string;
  readonly title?: string;
  readonly cell: (row: Row) => Cell;
}

const none: Cell = { key: null, html: '<span class="faint">–</span>' };
const number = (value: number | null | undefined, show: (value: number) => string): Cell =>
  value === null || value === undefined || !Number.isFinite(value) ? none : { key: value, html: show(value) };

/** The pools beside each other: quality on test, cost, choices; validation in a second tab. */
export function overview(source: Source): string {
  const { plan } = source;
  const test = table("test", `Test metrics of each pool against ${plan.baseline}`, source, [
    pool(source),
    ...source.summary.metrics.map((metric) => metricColumn(metric, "test", true)),
    rank,
    ...chosen(source),
    ...improvement(source),
    ...gains(source),
    ...cost(source),
    epochs,
    failures(source),
  ]);
  const valid = table("valid", "Validation metrics of each pool at its best epoch", source, [
    pool(source),
    ...source.summary.metrics.map((metric) => metricColumn(metric, "valid", false)),
    ...chosen(source),
    epochs,
  ]);
  return `${tabs("overview-tabs", "Part of the data", [
    { label: "Test", html: test },
    { label: "Validation", html: valid },
  ])}
<p class="key"><span class="better">▲ better</span> and <span class="worse">▼ worse</span>: differs from ${escape(plan.baseline)} in a paired t-test over seeds, Holm-corrected p below 0.05. No mark: no difference shown. ± is half the 95 % interval of the mean. <span class="js">Headings sort.</span></p>`;
}

function table(id: string, caption: string, source: Source, columns: readonly Column[]): string {
  const head = columns.map(
    ({ label, title }, k) =>
      `<th scope="col"${title === undefined ? "" : ` title="${escape(title)}"`} data-column="${k}">${escape(label)}</th>`,
  );
  const body = source.rows.map((row) => {
    const cells = columns.map(({ cell }, k) => {
      const { key, html } = cell(row);
      const tag = k === 0 ? 'th scope="row"' : "td";
      return `<${tag} data-key="${key === null ? "" : escape(String(key))}">${html}</${k === 0 ? "th" : "td"}>`;
    });
    return `<tr${row.label === source.plan.baseline ? ' class="baseline"' : ""}>${cells.join("")}</tr>`;
  });
  return `<div class="scroll wide" tabindex="0" role="region" aria-label="${escape(caption)}"><table class="sortable" id="overview-${id}"><caption class="sr">${escape(caption)}</caption><thead><tr>${head.join("")}</tr></thead><tbody>
${body.join("\n")}
</tbody></table></div>`;
}

const pool = ({ plan }: Source): Column => ({
  label: "Pool",
  cell: ({ label, pool: specifier }) => ({
    key: label,
    html: `${escape(label)}${label === plan.baseline ? ' <span class="tag">baseline</span>' : ""}${specifier.toLowerCase() === label.toLowerCase() ? "" : `<small><code>${escape(specifier)}</code></small>`}`,
  }),
});

function metricColumn(metric: string, part: "test" | "valid", compare: boolean): Column {
  return {
    label: format.metricLabel(metric),
    title: format.lowerIsBetter(metric) ? "lower is better" : "higher is better",
    cell: (row) => {
      const found = row[part][metric];
      if (found === undefined) return none;
      return {
        key: found.mean,
        html: `<span class="value">${format.metric(found.mean)}</span>${interval(found)}${compare ? against(row.versusBaseline[metric]) : ""}`,
      };
    },
  };
}

const interval = ({ mean, high }: MetricSummary): string =>
  high === null ? "" : ` <span class="faint">± ${format.spread(high - mean)}</span>`;

function against(comparison: Comparison | undefined): string {
  if (comparison === undefined || comparison.verdict === "baseline") return "<small></small>";
  const { verdict, relative, pHolm } = comparison;
  const mark =
    verdict === "better"
      ? '<span class="better">▲ better</span> '
      : verdict === "worse"
        ? '<span class="worse">▼ worse</span> '
        : "";
  const parts = [
    ...(relative === null ? [] : [format.percent(relative)]),
    pHolm === null ? "not tested" : `p ${format.pValue(pHolm)}`,
  ];
  return `<small>${mark}${parts.join(", ")}</small>`;
}

const rank: Column = {
  label: "Rank",
  title: "mean rank over the metrics, 1 is best",
  cell: (row) => number(row.rank, (value) => value.toFixed(1)),
};

const chosen = ({ rows }: Source): readonly Column[] =>
  rows.some((row) => Object.keys(row.point).length > 0)
    ? [
        {
          label: "Chosen",
          title: "grid point with the best validation metric",
          cell: ({ point }) => ({ key: format.point(point), html: escape(format.point(point)) || none.html }),
        },
      ]
    : [];

function improvement({ rows }: Source): readonly Column[] {
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.relativeImprovement)))];
  return metrics.map((metric) => ({
    label: `RI ${format.metricLabel(metric)}`,
    title: "relative improvement: mean over tasks of the metric over that of the task learnt alone, minus 1",
    cell: (row) => number(row.relativeImprovement[metric], format.percent),
  }));
}

/** NE gain as MultiBalance prints it: what the method takes off the baseline's normalized entropy. */
function gains(source: Source): readonly Column[] {
  const base = baselineOf(source);
  return source.summary.metrics
    .filter((metric) => /^ne\b/.test(metric))
    .map((metric) => ({
      label: `${format.metricLabel(metric).replace("NE", "NE gain")}`,
      title: `NE of ${source.plan.baseline} minus NE; positive is better`,
      cell: (row) => {
        const mine = row.test[metric]?.mean;
        const other = base?.test[metric]?.mean;
        if (mine === undefined || other === undefined || row === base) return none;
        return number(neGain(mine, other), (value) => `${value > 0 ? "+" : ""}${format.metric(value)}`);
      },
    }));
}

function cost(source: Source): readonly Column[] {
  if (source.rows.every((row) => row.cost === null)) return [];
  const base = baselineOf(source);
  return [
    { label: "Samples/s", cell: (row) => number(row.cost?.samplesPerSecond, format.quantity) },
    {
      label: "QPS drop",
      title: `share of ${source.plan.baseline}'s training speed that is lost`,
      cell: (row) => {
        if (row === base || row.cost === null || base?.cost == null) return none;
        return number(qpsDrop(row.cost.samplesPerSecond, base.cost.samplesPerSecond), format.percent);
      },
    },
    { label: "s/epoch", cell: (row) => number(row.cost?.secondsPerEpoch, format.quantity) },
    {
      label: "Peak memory",
      title: "of the whole process, the largest of the trials",
      cell: (row) => number(row.cost?.peakRssMb, (value) => `${format.quantity(value)} MB`),
    },
  ];
}

const epochs: Column = {
  label: "Best epochs",
  title: "by seed",
  cell: ({ bestEpochs }) => {
    const known = bestEpochs.filter((epoch) => epoch !== null);
    if (known.length === 0) return none;
    const key = known.reduce((sum, epoch) => sum + epoch, 0) / known.length;
    return { key, html: bestEpochs.map((epoch) => epoch ?? "–").join(", ") };
  },
};

const failures = ({ plan }: Source): Column => ({
  label: "Failed",
  cell: (row) => ({
    key: row.failed,
    html:
      row.failed === 0
        ? '<span class="faint">0</span>'
        : `<b class="worse">${row.failed} of ${plan.seeds.length}</b>${finished(row) === 0 ? "<small>no result</small>" : ""}`,
  }),
});
