import { metricParts, neGain, qpsDrop } from "@gradpool/metrics";
import type { Comparison, MetricSummary } from "@gradpool/bench";
import { tabs } from "../drawing/figure.js";
import * as format from "../drawing/format.js";
import { markup, type Html, joined, type Part } from "../drawing/html.js";
import { baseOf, finished, type Row, type Source } from "../source/sources.js";

/** A cell: what it sorts by, and what it shows. */
interface Cell {
  readonly key: number | string | null;
  readonly html: Part;
}

interface Column {
  readonly label: string;
  readonly title?: string;
  readonly cell: (row: Row) => Cell;
}

const none: Cell = { key: null, html: markup`<span class="faint">–</span>` };
const number = (value: number | null | undefined, show: (value: number) => string): Cell =>
  value === null || value === undefined || !Number.isFinite(value) ? none : { key: value, html: show(value) };

/** The pools beside each other: quality on test, cost, choices; validation in a second tab. */
export function overview(source: Source): Html {
  const { plan } = source;
  const [first, ...others] = [...new Set([source.primary, ...source.summary.metrics])].filter((metric) =>
    source.summary.metrics.includes(metric),
  );
  const column = (metric: string | undefined, part: "test" | "valid"): readonly Column[] =>
    metric === undefined ? [] : [metricColumn(source, metric, part)];
  // What a reader decides by comes first; the table may be wider than the screen.
  const test = table("test", `Test metrics of each pool against ${plan.baseline}`, source, [
    pool(source),
    ...column(first, "test"),
    rank,
    ...seconds(source),
    ...chosen(source),
    ...others.flatMap((metric) => column(metric, "test")),
    ...improvement(source),
    ...gains(source),
    ...cost(source),
    epochs,
    failures(source),
  ]);
  const valid = table("valid", "Validation metrics of each pool at its best epoch", source, [
    pool(source),
    ...column(first, "valid"),
    ...chosen(source),
    ...others.flatMap((metric) => column(metric, "valid")),
    epochs,
  ]);
  const apart = source.rows.some((row) => Object.keys(row.test).length > Object.keys(row.shared.test).length);
  const own = source.rows.some(({ base, label }) => base !== plan.baseline && base !== label);
  const tested = source.rows.some((row) => Object.keys(row.test).length > 0);
  const parts = tabs("overview-tabs", "Part of the data", [
    ...(tested || plan.name !== "runs" ? [{ label: "Test", html: test }] : []),
    { label: "Validation", html: valid },
  ]);
  if (source.rows.length < 2) return parts;
  return markup`${parts}<p class="key"><span class="better">▲ better</span> and <span class="worse">▼ worse</span>: differs from ${plan.baseline}${own ? ", or from its own baseline where it is a variant of another," : ""} in a paired t-test over seeds, Holm-corrected p below 0.05. No mark: no difference shown. ± is half the 95 % interval of the mean. ${apart ? "Of other tasks: the value stands for other tasks than the baseline’s and is not compared with it. " : ""}<span class="js">Headings sort.</span></p>`;
}

function table(id: string, caption: string, source: Source, columns: readonly Column[]): Html {
  const head = columns.map(
    ({ label, title }, k) =>
      markup`<th scope="col" ${title === undefined ? "" : markup` title="${title}"`} data-column="${k}">${label}</th>`,
  );
  const body = source.rows.map((row) => {
    const cells = columns.map(({ cell }, k) => {
      const { key, html: content } = cell(row);
      return k === 0
        ? markup`<th scope="row" data-key="${key ?? ""}">${content}</th>`
        : markup`<td data-key="${key ?? ""}">${content}</td>`;
    });
    return markup`<tr${row.label === source.plan.baseline ? markup` class="baseline"` : ""}>${cells}</tr>`;
  });
  return markup`<div class="scroll wide" tabindex="0" role="region" aria-label="${caption}"><table class="sortable" id="overview-${id}"><caption class="sr">${caption}</caption><thead><tr>${head}</tr></thead><tbody>${joined(body, "\n")}</tbody></table></div>`;
}

const pool = ({ plan, rows }: Source): Column => ({
  label: plan.name === "runs" ? "Run" : "Pool",
  cell: ({ label, pool: specifier }) => ({
    key: label,
    html: markup`${label}${label === plan.baseline && rows.length > 1 ? markup` <span class="tag">baseline</span>` : ""}${specifier.toLowerCase() === label.toLowerCase() ? "" : markup`<small><code>${specifier}</code></small>`}`,
  }),
});

function metricColumn(source: Source, metric: string, part: "test" | "valid"): Column {
  return {
    label: format.metricLabel(metric),
    title: format.lowerIsBetter(metric) ? "lower is better" : "higher is better",
    cell: (row) => {
      const found = row[part][metric];
      if (found === undefined) return undefinedCell(source, row, metric, part);
      const note = noteOn(source, row, metric, part);
      return {
        key: found.mean,
        html: markup`<span class="value">${format.metric(found.mean)}</span>${interval(found)}${note}${part === "test" ? against(row.versusBaseline[metric]) : ""}`,
      };
    },
  };
}

/** No value: a dash where nothing finished, the word and its reason where the metric has none on this data. */
function undefinedCell({ summary }: Source, { label }: Row, metric: string, part: "test" | "valid"): Cell {
  const [head, task] = metricParts(metric);
  const why = summary.undefined.find(
    (one) => one.label === label && one.part === part && one.metric === head && one.task === task,
  );
  return why === undefined
    ? none
    : {
        key: null,
        html: markup`<span class="warn" title="${why.reason}">undefined</span><small>${why.reason}</small>`,
      };
}

/** Whose mean it is, where that is not what the column says. */
function noteOn({ plan, summary }: Source, row: Row, metric: string, part: "test" | "valid"): Part {
  const found = row[part][metric];
  if (found === undefined || metricParts(metric)[1] !== undefined) return "";
  const without = summary.undefined.filter(
    (one) => one.label === row.label && one.part === part && one.metric === metric && one.task !== undefined,
  );
  const left = without.flatMap(({ task }) => task ?? []);
  if (left.length > 0) return markup`<small class="warn">without ${format.list(left)}</small>`;
  if (metric in row.shared[part] || plan.base.tasks.length < 2) return "";
  return markup`<small>of ${format.list(found.tasks)}</small>`;
}

const interval = ({ mean, high }: MetricSummary): Part =>
  high === null ? "" : markup` <span class="faint">± ${format.spread(high - mean)}</span>`;

function against(comparison: Comparison | undefined): Html {
  if (comparison === undefined || comparison.verdict === "baseline") return markup`<small></small>`;
  const { verdict, relative, pHolm } = comparison;
  if (verdict === "not comparable") return markup`<small>other tasks: not compared</small>`;
  const mark =
    verdict === "better"
      ? markup`<span class="better">▲ better</span> `
      : verdict === "worse"
        ? markup`<span class="worse">▼ worse</span> `
        : "";
  const parts = [
    ...(relative === null ? [] : [format.percent(relative)]),
    pHolm === null ? "not tested" : `p ${format.pValue(pHolm)}`,
  ];
  return markup`<small>${mark}${parts.join(", ")}</small>`;
}

const rank: Column = {
  label: "Rank",
  title: "mean rank over the metrics that have a value, 1 is best",
  cell: (row) => number(row.rank, (value) => value.toFixed(1)),
};

const chosen = ({ rows }: Source): readonly Column[] =>
  rows.some((row) => Object.keys(row.point).length > 0)
    ? [
        {
          label: "Chosen",
          title: "grid point with the best validation metric",
          cell: ({ point }) => ({ key: format.point(point), html: format.point(point) || none.html }),
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
  return source.summary.metrics
    .filter((metric) => /^ne\b/.test(metric))
    .map((metric) => ({
      label: `${format.metricLabel(metric).replace("NE", "NE gain")}`,
      title: `NE of ${source.plan.baseline} (of the row's own baseline, where it has one) minus NE; positive is better`,
      cell: (row) => {
        const base = baseOf(source, row);
        const mine = row.test[metric]?.mean ?? null;
        const other = base?.test[metric]?.mean ?? null;
        if (mine === null || other === null || row === base) return none;
        return number(neGain(mine, other), (value) => `${value > 0 ? "+" : ""}${format.metric(value)}`);
      },
    }));
}

const seconds = ({ rows }: Source): readonly Column[] =>
  rows.every((row) => row.cost === null)
    ? []
    : [{ label: "s/epoch", cell: (row) => number(row.cost?.secondsPerEpoch, format.quantity) }];

function cost(source: Source): readonly Column[] {
  if (source.rows.every((row) => row.cost === null)) return [];
  return [
    { label: "Samples/s", cell: (row) => number(row.cost?.samplesPerSecond, format.quantity) },
    {
      label: "QPS drop",
      title: `share of ${source.plan.baseline}'s training speed that is lost`,
      cell: (row) => {
        const base = baseOf(source, row);
        if (row === base || row.cost === null || base?.cost == null) return none;
        return number(qpsDrop(row.cost.samplesPerSecond, base.cost.samplesPerSecond), format.percent);
      },
    },
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
        ? markup`<span class="faint">0</span>`
        : markup`<b class="worse">${row.failed} of ${plan.seeds.length}</b>${finished(row) === 0 ? markup`<small>no result</small>` : ""}`,
  }),
});
