import type { Draw } from "../drawing/draw.js";
import { type Figure, panels } from "../drawing/figure.js";
import { list, metric as show, metricLabel } from "../drawing/format.js";
import { type Html, slug } from "../drawing/html.js";
import { type CurvePoint, curve } from "../source/series.js";
import { learns, type Row, type Source } from "../source/sources.js";
import { extent } from "../source/statistics.js";
import { airy, frame } from "./frame.js";

/** Validation metric by epoch, one panel per pool with the baseline behind it. Null if nothing was evaluated. */
export function learningFigure(draw: Draw, source: Source, metric: string): Figure | null {
  const all = source.rows
    .filter(learns)
    .map((row) => ({ row, points: curve(row.records, (entry) => entry.metrics[metric]) }));
  const shown = all.filter(({ points }) => points.length > 0);
  // Values of other tasks than the baseline's lie elsewhere, and would press all others flat: they have axes of their own.
  const familyOf = (row: Row): string => (isApart(row, metric) ? row.tasks.join() : "");
  const heightsOf = (family: string) =>
    extent(
      shown.flatMap(({ row, points }) =>
        familyOf(row) === family ? points.flatMap(({ low, high }) => [low, high]) : [],
      ),
    );
  const xs = extent(shown.flatMap(({ points }) => points.map(({ epoch }) => epoch)));
  if (xs === null) return null;
  const base = all.find(({ row }) => row.label === source.plan.baseline)?.points ?? [];
  const xDomain = xs[0] === xs[1] ? ([0, xs[1] + 1] as const) : xs;
  const axesOf = (row: Row) => ({ x: "epoch", xDomain, yDomain: airy(heightsOf(familyOf(row)) ?? [0, 1]) });
  const apart = shown.some(({ row }) => isApart(row, metric));
  const missing = all.filter(({ points }) => points.length === 0).map(({ row }) => row.label);
  return {
    id: `learning-${slug(metric)}`,
    title: `Validation ${metricLabel(metric)} by epoch`,
    help: `Line: mean over seeds, dashed where only some of them trained on; band: lowest to highest seed; grey: ${source.plan.baseline}. ${apart ? "Panels of the same tasks" : "All panels"} have the same axes.${missing.length > 0 ? ` Without a result: ${list(missing)}.` : ""}`,
    svg: panels(
      shown.map(({ row, points }) => ({
        title: row.label,
        note: peak(row, metric),
        svg: panel(
          draw,
          axesOf(row),
          row,
          metric,
          points,
          row.label === source.plan.baseline || isApart(row, metric) ? [] : base,
        ),
      })),
    ),
    alt: shown.map(({ row, points }) => inWords(row.label, points)).join(" "),
    data: {
      columns: ["pool", "epoch", "mean", "lowest seed", "highest seed", "seeds"],
      rows: shown.flatMap(({ row, points }) =>
        points.map(({ epoch, mean, low, high, seeds }) => [row.label, epoch, mean, low, high, seeds]),
      ),
    },
  };
}

/** A curve of other tasks than the baseline's has none to be seen against. */
const isApart = (row: Row, metric: string): boolean => metric in row.valid && !(metric in row.shared.valid);

const peak = (row: Row, metric: string): string => {
  const value = row.valid[metric]?.mean;
  const epochs = row.bestEpochs.filter((epoch) => epoch !== null);
  return value === undefined ? "no best epoch" : `${show(value)} at best epoch ${epochs.join(", ")}`;
};

function inWords(label: string, points: readonly CurvePoint[]): string {
  const first = points[0] as CurvePoint;
  const last = points.at(-1) as CurvePoint;
  return `${label}: ${show(first.mean)} at epoch ${first.epoch}, ${show(last.mean)} at epoch ${last.epoch}.`;
}

function panel(
  draw: Draw,
  axes: Parameters<typeof frame>[2],
  row: Row,
  metric: string,
  points: readonly CurvePoint[],
  base: readonly CurvePoint[],
): Html {
  const { plot } = draw;
  const most = Math.max(...points.map(({ seeds }) => seeds));
  const full = points.filter(({ seeds }) => seeds === most);
  const rest = points.slice(Math.max(0, full.length - 1));
  const alt = `${metricLabel(metric)} of ${inWords(row.label, points)}`;
  return frame(draw, alt, axes, [
    plot.areaY(points, { x: "epoch", y1: "low", y2: "high", fill: "var(--accent)", fillOpacity: 0.18 }),
    plot.line(base, { x: "epoch", y: "mean", stroke: "var(--strong)", strokeWidth: 1.3 }),
    plot.line(full, { x: "epoch", y: "mean", stroke: "var(--accent)", strokeWidth: 2 }),
    plot.line(rest.length > 1 ? rest : [], {
      x: "epoch",
      y: "mean",
      stroke: "var(--accent)",
      strokeWidth: 1.5,
      strokeDasharray: "3 3",
    }),
    ...(full.length === 1 ? [plot.dot(full, { x: "epoch", y: "mean", fill: "var(--accent)", r: 3 })] : []),
  ]);
}
