import type { Draw } from "../drawing/draw.js";
import { type Figure, type FigureData, panels } from "../drawing/figure.js";
import { list, lowerIsBetter, metric as show, metricLabel } from "../drawing/format.js";
import { slug } from "../drawing/html.js";
import type { Row, Source } from "../source/sources.js";
import { cutMark } from "./cut.js";
import { forest } from "./forest.js";

/** Each pool's mean with its interval and its seeds, one panel per metric of a family. Null if no trial finished. */
export function qualityFigure(draw: Draw, source: Source, family: string, metrics: readonly string[]): Figure | null {
  const made = metrics.flatMap((metric) => {
    const rows = source.rows.filter((row) => row.shared.test[metric] !== undefined);
    return rows.length === 0
      ? []
      : [{ title: metricLabel(metric), note: direction(metric), svg: forest(draw, source, metric, rows) }];
  });
  if (made.length === 0) return null;
  const apart = source.rows.filter((row) =>
    metrics.some((metric) => metric in row.test && !(metric in row.shared.test)),
  );
  const left =
    apart.length === 0 ? "" : ` Measured on other tasks, so left out there: ${list(apart.map(({ label }) => label))}.`;
  return {
    id: `quality-${slug(family)}`,
    title: `Test ${family}`,
    help: `Dot: mean over seeds; bar: its 95 % interval; small rings: single seeds; line: ${source.plan.baseline}. A filled dot with ▲ or ▼ was told apart from it by the test. ${cutMark}.${left}`,
    svg: panels(made),
    alt: metrics.map((metric) => inWords(source, metric)).join(" "),
    data: qualityData(source.rows, metrics),
  };
}

export const direction = (metric: string): string => (lowerIsBetter(metric) ? "lower is better" : "higher is better");

function inWords({ rows }: Source, metric: string): string {
  const parts = rows
    .filter((row) => row.shared.test[metric] !== undefined)
    .sort((a, b) => (b.shared.test[metric]?.mean ?? 0) - (a.shared.test[metric]?.mean ?? 0))
    .map((row) => `${row.label} ${show(row.shared.test[metric]?.mean ?? 0)}`);
  return `${metricLabel(metric)}, highest first: ${parts.join(", ")}.`;
}

/** Means, intervals, tests and the single seeds. */
export function qualityData(rows: readonly Row[], metrics: readonly string[]): FigureData {
  return {
    columns: ["pool", "metric", "mean", "sd", "low", "high", "relative to baseline", "p (Holm)", "verdict", "by seed"],
    rows: rows.flatMap((row) =>
      metrics.flatMap((metric) => {
        const found = row.test[metric];
        if (found === undefined) return [];
        const { mean, sd, low, high, values } = found;
        const { relative = null, pHolm = null, verdict = null } = row.versusBaseline[metric] ?? {};
        const seeds = values.map((value) => (value === null ? "failed" : String(value))).join(" ");
        return [[row.label, metric, mean, sd, low, high, relative, pHolm, verdict, seeds]];
      }),
    ),
  };
}
