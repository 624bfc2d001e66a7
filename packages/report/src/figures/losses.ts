import type { Draw } from "../drawing/draw.js";
import { type Figure, panels } from "../drawing/figure.js";
import { quantity } from "../drawing/format.js";
import { markup } from "../drawing/html.js";
import { curve } from "../source/series.js";
import { learns, type Row, type Source } from "../source/sources.js";
import { legend, sharedAxes, type TaskLine, taskPanel } from "./tasks.js";

/** Training loss of each task by epoch, one panel per pool. Null if no epoch ended. */
export function lossesFigure(draw: Draw, source: Source): Figure | null {
  const shown = source.rows
    .filter(learns)
    .map((row) => ({ row, lines: linesOf(source, row) }))
    .filter(({ lines }) => lines.length > 0);
  const axes = sharedAxes(
    "epoch",
    shown.map(({ lines }) => lines),
  );
  if (axes === null) return null;
  const inWords = (row: Row, lines: readonly TaskLine[]): string =>
    `${row.label}: ${lines.map(({ task, points }) => `${task} from ${quantity(points[0]?.[1] ?? 0)} to ${quantity(points.at(-1)?.[1] ?? 0)}`).join(", ")}.`;
  return {
    id: "losses",
    title: "Training loss of each task",
    help: "Mean over seeds of the epoch's mean loss. Losses of different kinds have different scales: compare one task between panels.",
    svg: markup`${legend(source.plan.base.tasks)}${panels(
      shown.map(({ row, lines }) => ({
        title: row.label,
        svg: taskPanel(draw, `Training losses of ${inWords(row, lines)}`, axes, lines),
      })),
    )}`,
    alt: shown.map(({ row, lines }) => inWords(row, lines)).join(" "),
    data: {
      columns: ["pool", "task", "epoch", "loss"],
      rows: shown.flatMap(({ row, lines }) =>
        lines.flatMap(({ task, points }) => points.map(([epoch, value]) => [row.label, task, epoch, value])),
      ),
    },
  };
}

const linesOf = ({ plan }: Source, row: Row): readonly TaskLine[] =>
  row.tasks.flatMap((task, t) => {
    const points = curve(row.records, ({ losses }) => losses[t]).map(({ epoch, mean }) => [epoch, mean] as const);
    return points.length === 0 ? [] : [{ task, index: Math.max(0, plan.base.tasks.indexOf(task)), points }];
  });
