import type { Draw } from "../drawing/draw.js";
import type { Html } from "../drawing/html.js";
import { type Figure, panels } from "../drawing/figure.js";
import { meanCosines } from "../source/series.js";
import { learns, type Source } from "../source/sources.js";

const cell = 44;

interface Cell {
  readonly a: string;
  readonly b: string;
  readonly cosine: number | null;
}

const text = (value: number | null): string =>
  value === null ? "–" : value.toFixed(2).replace("-", "−").replace("−0.00", "0.00");

/** Mean cosine between the tasks' gradients, one map per pool. Null without diagnostics of two tasks or more. */
export function cosinesFigure(draw: Draw, source: Source): Figure | null {
  const shown = source.rows.filter(learns).flatMap((row) => {
    const matrix = row.tasks.length < 2 ? null : meanCosines(row.records, row.tasks.length);
    return matrix === null ? [] : [{ row, cells: cellsOf(row.tasks, matrix) }];
  });
  if (shown.length === 0) return null;
  const pairs = (cells: readonly Cell[], tasks: readonly string[]): readonly Cell[] =>
    cells.filter(({ a, b }) => tasks.indexOf(a) < tasks.indexOf(b));
  const inWords = (label: string, cells: readonly Cell[], tasks: readonly string[]): string =>
    `${label}: ${pairs(cells, tasks)
      .map(({ a, b, cosine }) => `${a} and ${b} ${text(cosine)}`)
      .join(", ")}.`;
  return {
    id: "cosines",
    title: "Mean cosine between tasks",
    help: "Over all logged steps and seeds. Blue: the gradients agree; orange, with a minus: they conflict; the deeper, the stronger.",
    svg: panels(
      shown.map(({ row, cells }) => ({
        title: row.label,
        svg: heatMap(draw, `Mean cosines of ${inWords(row.label, cells, row.tasks)}`, row.tasks, cells),
      })),
      `panels ${Math.max(...shown.map(({ row }) => row.tasks.length)) > 4 ? "" : "small"}`.trim(),
    ),
    alt: shown.map(({ row, cells }) => inWords(row.label, cells, row.tasks)).join(" "),
    data: {
      columns: ["pool", "task", "other task", "mean cosine"],
      rows: shown.flatMap(({ row, cells }) => cells.map(({ a, b, cosine }) => [row.label, a, b, cosine])),
    },
  };
}

const cellsOf = (tasks: readonly string[], matrix: readonly (readonly (number | null)[])[]): readonly Cell[] =>
  tasks.flatMap((a, i) => tasks.map((b, j): Cell => ({ a, b, cosine: matrix[i]?.[j] ?? null })));

function heatMap(draw: Draw, alt: string, tasks: readonly string[], cells: readonly Cell[]): Html {
  const { plot } = draw;
  const margin = 10 + 6.4 * Math.min(9, Math.max(...tasks.map((task) => task.length)));
  const size = cell * tasks.length;
  const short = (task: string): string => (task.length > 9 ? `${task.slice(0, 8)}…` : task);
  const fill = ({ a, b, cosine }: Cell): string =>
    a === b || cosine === null ? "var(--sunk)" : cosine < 0 ? "var(--neg)" : "var(--pos)";
  // Never so deep that the number on it loses its contrast.
  const opacity = ({ a, b, cosine }: Cell): number => (a === b || cosine === null ? 1 : 0.04 + 0.46 * Math.abs(cosine));
  return draw.svg(
    alt,
    {
      width: size + margin + 4,
      height: size + 26,
      marginLeft: margin,
      marginTop: 22,
      marginRight: 4,
      marginBottom: 4,
      x: { domain: [...tasks], axis: "top", tickSize: 0, tickFormat: short, label: null, padding: 0.05 },
      y: { domain: [...tasks], tickSize: 0, tickFormat: short, label: null, padding: 0.05 },
      marks: [
        plot.cell(cells, { x: "b", y: "a", fill, fillOpacity: opacity, rx: 3 }),
        plot.text(
          cells.filter(({ a, b }) => a !== b),
          {
            x: "b",
            y: "a",
            text: ({ cosine }: Cell) => text(cosine),
            fill: "var(--ink)",
          },
        ),
      ],
    },
    "p map",
  );
}
