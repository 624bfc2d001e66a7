import type { DiagnosticPoint } from "@gradpool/bench";
import type { Draw } from "../drawing/draw.js";
import { type Figure, panels } from "../drawing/figure.js";
import { list, quantity } from "../drawing/format.js";
import { markup, type Html } from "../drawing/html.js";
import { overSteps } from "../source/series.js";
import { learns, type Row, type Source } from "../source/sources.js";
import { isNumber, mean, median } from "../source/statistics.js";
import { legend, sharedAxes, type TaskAxes, type TaskLine, taskPanel } from "./tasks.js";

interface Quantity {
  readonly name: string;
  readonly none: string;
  readonly pick: (point: DiagnosticPoint, t: number) => number | null;
}

const norm = ({ norms }: DiagnosticPoint, t: number): number | null => norms[t] ?? null;
const weight = ({ weights }: DiagnosticPoint, t: number): number | null => weights[t] ?? null;

const quantities: readonly Quantity[] = [
  { name: "Gradient norm", none: "norms", pick: norm },
  { name: "Weight", none: "weights: the method decides per coordinate", pick: weight },
  {
    name: "Weighted norm",
    none: "weighted norms",
    pick: (point, t) => {
      const [n, w] = [norm(point, t), weight(point, t)];
      return isNumber(n) && isNumber(w) ? n * Math.abs(w) : null;
    },
  },
];

/**
 * What a pool does to the gradients: each task's norm, the weight it is given, and their product, over the steps
 * (MultiBalance, Figure 2 c–e). Null without diagnostics.
 */
export function gradientsFigure(draw: Draw, source: Source): Figure | null {
  const shown = source.rows.filter(learns).flatMap((row) => {
    const lines = quantities.map(({ pick }) => linesOf(source, row, pick));
    return lines.every((held) => held.length === 0) ? [] : [{ row, lines }];
  });
  if (shown.length === 0) return null;
  const axes = quantities.map((_, q) =>
    sharedAxes(
      "step",
      shown.map(({ lines }) => lines[q] ?? []),
      q === 1,
    ),
  );
  const logs = quantities.flatMap(({ name }, q) => (axes[q]?.log === true ? [`${name.toLowerCase()}s`] : []));
  const linearTo = axes[1]?.linearTo;
  const bent =
    linearTo === undefined
      ? ""
      : `; weights, of which some dwarf the others, are in proportion up to about ${quantity(linearTo)} and logarithmic above`;
  const inWords = (row: Row, lines: readonly (readonly TaskLine[])[]): string =>
    `${row.label}: ${quantities
      .map(({ name }, q) => words(name, lines[q] ?? []))
      .filter(Boolean)
      .join("; ")}.`;
  return {
    id: "gradients",
    title: "Gradient norms, weights and weighted norms",
    help: `Per task over the training steps: how large its gradient is, the weight the pool gives it, and what is left of the imbalance, at the level where the pool acts: sizes at different levels cannot be compared. Each point is the median over seeds and neighbouring steps. A column has one scale${logs.length === 0 ? "" : `, logarithmic for ${list(logs)}`}${bent}.`,
    svg: markup`${legend(source.plan.base.tasks)}${shown.map(
      ({ row, lines }) =>
        markup`<div class="group"><h4>${row.label}</h4>${panels(
          quantities.map((held, q) => ({
            title: held.name,
            svg: panel(draw, row, held, lines[q] ?? [], axes[q] ?? null),
          })),
          "panels three",
        )}</div>`,
    )}`,
    alt: shown.map(({ row, lines }) => inWords(row, lines)).join(" "),
    data: {
      columns: ["pool", "task", "quantity", "step", "value"],
      rows: shown.flatMap(({ row, lines }) =>
        quantities.flatMap(({ name }, q) =>
          (lines[q] ?? []).flatMap(({ task, points }) =>
            points.map(([step, value]) => [row.label, task, name.toLowerCase(), step, value]),
          ),
        ),
      ),
    },
  };
}

function panel(
  draw: Draw,
  row: Row,
  { name, none }: Quantity,
  lines: readonly TaskLine[],
  axes: TaskAxes | null,
): Html {
  if (axes === null || lines.length === 0) return markup`<p class="note">No ${none}.</p>`;
  return taskPanel(draw, `${row.label}, ${words(name, lines)}`, axes, lines);
}

const words = (name: string, lines: readonly TaskLine[]): string =>
  lines.length === 0
    ? ""
    : `${name.toLowerCase()}, mean over the run: ${list(lines.map(({ task, points }) => `${task} ${quantity(mean(points.map(([, value]) => value)) ?? 0)}`))}`;

const linesOf = ({ plan }: Source, row: Row, pick: Quantity["pick"]): readonly TaskLine[] =>
  row.tasks.flatMap((task, t) => {
    const points = overSteps(row.records, (point) => pick(point, t), median);
    return points.length === 0 ? [] : [{ task, index: Math.max(0, plan.base.tasks.indexOf(task)), points }];
  });
