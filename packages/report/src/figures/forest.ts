import type { Draw } from "../drawing/draw.js";
import type { Html } from "../drawing/html.js";
import { metric as show, metricLabel } from "../drawing/format.js";
import { baselineOf, type Row, type Source } from "../source/sources.js";
import { extent } from "../source/statistics.js";
import { cuts } from "./cut.js";
import { airy } from "./frame.js";
import { label as text } from "./text.js";

const width = 330;
const rowHeight = 34;

/** One row per pool: its mean on a metric, the interval, the seeds; the baseline as a line through all. */
export function forest(draw: Draw, source: Source, metric: string, rows: readonly Row[]): Html {
  const { plot } = draw;
  const base = baselineOf(source)?.shared.test[metric]?.mean;
  const marks = rows.map((row, k) => {
    const { mean, low, high, values } = row.shared.test[metric] as NonNullable<Row["test"][string]>;
    const verdict = row.versusBaseline[metric]?.verdict;
    const known = values.filter((value) => value !== null);
    return { k, row, mean, low: low ?? mean, high: high ?? mean, known, verdict, stroke: colour(verdict) };
  });
  const seeds = marks.flatMap(({ k, known }) => known.map((value) => ({ k, value })));
  // Intervals of two or three seeds can be wider than everything there is to see: they may run out of the panel.
  const core = extent(seeds.map(({ value }) => value)) ?? [0, 1];
  const span = core[1] - core[0] || Math.abs(core[0]) * 0.1 || 1;
  const full = extent(marks.flatMap(({ low, high }) => [low, high])) ?? core;
  const domain = airy([
    Math.min(core[0], Math.max(full[0], core[0] - 0.6 * span)),
    Math.max(core[1], Math.min(full[1], core[1] + 0.6 * span)),
  ]);
  const clamp = (value: number): number => Math.min(domain[1], Math.max(domain[0], value));
  const at = (k: number): number => k + 0.66;
  const alt = `${metricLabel(metric)}: ${rows.map((row) => `${row.label} ${show(row.shared.test[metric]?.mean ?? 0)}`).join(", ")}`;
  return draw.svg(alt, {
    width,
    height: rows.length * rowHeight + 30,
    marginLeft: 6,
    marginRight: 10,
    marginTop: 4,
    marginBottom: 26,
    x: { domain: [...domain], label: null },
    y: { domain: [0, rows.length], reverse: true, axis: null },
    marks: [
      plot.gridX({ ticks: 4, stroke: "var(--line)", strokeOpacity: 1 } as never),
      plot.axisX({ ticks: 4, tickSize: 0, tickPadding: 6, tickFormat: (value: number) => trim(value, domain) }),
      ...(base === undefined ? [] : [plot.ruleX([base], { stroke: "var(--strong)", strokeDasharray: "3 3" })]),
      plot.ruleY(marks, {
        x1: ({ low }) => clamp(low),
        x2: ({ high }) => clamp(high),
        y: ({ k }) => at(k),
        stroke: ({ verdict }) => colour(verdict),
        strokeWidth: 2,
        strokeOpacity: 0.55,
      }),
      ...cuts(plot, marks, domain, "x", ({ k }) => at(k)),
      plot.dot(seeds, { x: "value", y: ({ k }) => at(k), r: 2.2, stroke: "var(--muted)", fill: "var(--bg)" }),
      plot.dot(marks, {
        x: "mean",
        y: ({ k }) => at(k),
        r: 4.2,
        stroke: ({ verdict }) => colour(verdict),
        fill: ({ verdict }) => (verdict === "better" || verdict === "worse" ? colour(verdict) : "var(--bg)"),
        strokeWidth: 2,
      }),
      ...marks.map(({ k, row, verdict }) =>
        text(
          plot,
          `${row.label}${verdict === "better" ? " ▲" : verdict === "worse" ? " ▼" : ""}`,
          domain[0],
          at(k) - 0.4,
          {
            fill: colour(verdict),
            fontWeight: verdict === "better" || verdict === "worse" || verdict === "baseline" ? 650 : 450,
            textAnchor: "start",
          },
        ),
      ),
    ],
  });
}

const colour = (verdict: string | undefined): string =>
  verdict === "better" ? "var(--better)" : verdict === "worse" ? "var(--worse)" : "var(--ink)";

/** Ticks with just the digits that tell them apart. */
function trim(value: number, [low, high]: readonly [number, number]): string {
  const digits = Math.max(0, Math.ceil(-Math.log10(high - low)) + 1);
  return value.toFixed(Math.min(6, digits)).replace("-", "−");
}
