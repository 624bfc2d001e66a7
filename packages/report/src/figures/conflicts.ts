import type { Draw } from "../drawing/draw.js";
import { type Figure, panels } from "../drawing/figure.js";
import { metric as show } from "../drawing/format.js";
import { overSteps } from "../source/series.js";
import { learns, type Source } from "../source/sources.js";
import { extent, mean } from "../source/statistics.js";
import { frame } from "./frame.js";

/** Share of task pairs whose gradients point against each other, over the steps. Null without diagnostics. */
export function conflictsFigure(draw: Draw, source: Source): Figure | null {
  const all = source.rows.filter(learns).map((row) => ({
    row,
    points: overSteps(row.records, ({ conflictRate }) => conflictRate, mean),
  }));
  // A task alone has no other to be in conflict with.
  const shown = all.filter(({ row, points }) => points.length > 0 && row.tasks.length > 1);
  const xs = extent(shown.flatMap(({ points }) => points.map(([step]) => step)));
  const ys = extent(shown.flatMap(({ points }) => points.map(([, rate]) => rate)));
  if (xs === null || ys === null) return null;
  const base = shown.find(({ row }) => row.label === source.plan.baseline)?.points ?? [];
  const axes = {
    x: "step",
    xDomain: xs,
    yDomain: [0, Math.max(0.1, Math.min(1, ys[1] * 1.08))] as const,
    format: (value: number) => `${Math.round(value * 100)} %`,
    height: 160,
  };
  const average = (points: readonly (readonly [number, number])[]): string =>
    `${((mean(points.map(([, rate]) => rate)) ?? 0) * 100).toFixed(1)} %`;
  return {
    id: "conflicts",
    title: "Conflict rate",
    help: `Share of task pairs whose gradients have a negative cosine, over the training steps; grey: ${source.plan.baseline}. Mean over seeds and neighbouring steps.`,
    svg: panels(
      shown.map(({ row, points }) => ({
        title: row.label,
        note: `${average(points)} on average`,
        svg: frame(draw, `Conflict rate of ${row.label}: ${average(points)} on average`, axes, [
          draw.plot.line((row.label === source.plan.baseline ? [] : base) as never, {
            stroke: "var(--strong)",
            strokeWidth: 1.2,
          }),
          draw.plot.line(points as never, { stroke: "var(--accent)", strokeWidth: 1.7 }),
        ]),
      })),
    ),
    alt: `On average: ${shown.map(({ row, points }) => `${row.label} ${average(points)}`).join(", ")}. From the first to the last steps: ${shown.map(({ row, points }) => `${row.label} ${show(points[0]?.[1] ?? 0)} to ${show(points.at(-1)?.[1] ?? 0)}`).join(", ")}.`,
    data: {
      columns: ["pool", "step", "conflict rate"],
      rows: shown.flatMap(({ row, points }) => points.map(([step, rate]) => [row.label, step, rate])),
    },
  };
}
