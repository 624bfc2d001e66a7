import { metricParts } from "@gradpool/metrics";
import type { Draw } from "../drawing/draw.js";
import { type Figure, panels } from "../drawing/figure.js";
import { list, lowerIsBetter, metric as show, metricFamily, metricLabel, quantity } from "../drawing/format.js";
import { type Source, testMean } from "../source/sources.js";
import { paretoFront, type Scatter, scatter, type ScatterPoint } from "./scatter.js";

/** Two tasks, or two metrics, against each other. Null if there is only one. */
export function tradeOffsFigure(draw: Draw, source: Source): Figure | null {
  const made = pairsOf(source).flatMap(([x, y]) => {
    const points = pointsOf(
      source,
      (row) => testMean(row, x),
      (row) => testMean(row, y),
    );
    if (points.length < 2) return [];
    const held: Scatter = {
      x: metricLabel(x),
      y: metricLabel(y),
      xUp: !lowerIsBetter(x),
      yUp: !lowerIsBetter(y),
      points,
      format: { x: show, y: show },
    };
    return [{ title: `${metricLabel(y)} against ${metricLabel(x)}`, svg: scatter(draw, inWords(held), held), held }];
  });
  if (made.length === 0) return null;
  const perTask = source.summary.metrics.some((metric) => metric.includes("/"));
  return {
    id: "trade-offs",
    title: perTask ? "One task against another" : "One metric against another",
    help: `Test means. Filled dots on the dashed line are Pareto-optimal: no pool is better in both. Square: ${source.plan.baseline}.`,
    svg: panels(made, "panels large"),
    alt: made.map(({ held }) => inWords(held)).join(" "),
    data: {
      columns: ["x metric", "y metric", "pool", "x", "y", "Pareto-optimal"],
      rows: made.flatMap(({ held }) => rowsOf(held)),
    },
  };
}

/** Quality against training speed. Null without costs. */
export function speedFigure(draw: Draw, source: Source): Figure | null {
  const { primary } = source;
  const points = pointsOf(
    source,
    (row) => (row.cost === null ? null : row.cost.samplesPerSecond / 1000),
    (row) => testMean(row, primary),
  );
  if (points.length < 2) return null;
  const held: Scatter = {
    x: "thousand samples per second",
    y: metricLabel(primary),
    xUp: true,
    yUp: !lowerIsBetter(primary),
    points,
    format: { x: quantity, y: show },
  };
  return {
    id: "speed",
    title: "Quality against speed",
    help: `Test ${metricLabel(primary)} and training speed (median over seeds). Filled dots on the dashed line: no pool is both better and faster. Square: ${source.plan.baseline}.`,
    svg: panels(
      [{ title: `${metricLabel(primary)} against speed`, svg: scatter(draw, inWords(held), held) }],
      "panels large",
    ),
    alt: inWords(held),
    data: { columns: ["x metric", "y metric", "pool", "x", "y", "Pareto-optimal"], rows: rowsOf(held) },
  };
}

function pointsOf(
  { rows, plan }: Source,
  x: (row: Source["rows"][number]) => number | null,
  y: (row: Source["rows"][number]) => number | null,
): readonly ScatterPoint[] {
  return rows.flatMap((row) => {
    const [at, up] = [x(row), y(row)];
    return at === null || up === null
      ? []
      : [{ label: row.label, x: at, y: up, baseline: row.label === plan.baseline }];
  });
}

/** The target's quality against every other task's where tasks are measured; else the first metric against other kinds. */
function pairsOf({ summary, primary, plan }: Source): readonly (readonly [string, string])[] {
  const [head] = metricParts(primary);
  const tasks = plan.base.tasks.map((task) => `${head}/${task}`).filter((metric) => summary.metrics.includes(metric));
  const [first, ...others] = tasks;
  if (first !== undefined && others.length > 0) return others.slice(0, 6).map((other) => [first, other] as const);
  const kinds = new Map(
    summary.metrics
      .filter((metric) => metricFamily(metric) !== metricFamily(primary))
      .map((metric) => [metricFamily(metric), metric]),
  );
  const rest = [...kinds.values()].slice(0, 3);
  const second = summary.metrics.find((metric) => metric !== primary);
  return (rest.length > 0 ? rest : second === undefined ? [] : [second]).map((other) => [primary, other] as const);
}

function inWords(held: Scatter): string {
  return `${held.y} against ${held.x}: Pareto-optimal ${paretoFront(held).length === 1 ? "is" : "are"} ${list(paretoFront(held).map(({ label, x, y }) => `${label} (${held.format.x(x)}, ${held.format.y(y)})`))}.`;
}

function rowsOf(held: Scatter): readonly (readonly (string | number)[])[] {
  const best = paretoFront(held);
  return held.points.map((point) => [
    held.x,
    held.y,
    point.label,
    point.x,
    point.y,
    best.includes(point) ? "yes" : "no",
  ]);
}
