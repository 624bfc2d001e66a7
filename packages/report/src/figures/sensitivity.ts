import type { GridCell } from "@gradpool/bench";
import type { Draw } from "../drawing/draw.js";
import { type Figure, type Panel, panels } from "../drawing/figure.js";
import { list, metric as show, metricLabel, point as words } from "../drawing/format.js";
import type { Source } from "../source/sources.js";
import { extent } from "../source/statistics.js";
import { type Line, values } from "./values.js";

type Value = number | string;

/** The mean validation metric over each contender's grid: what the chosen point was chosen on. Null without a grid. */
export function sensitivityFigure(draw: Draw, source: Source): Figure | null {
  const { grid } = source.summary;
  const known = extent(grid.map(({ mean }) => mean));
  const metric = grid[0]?.metric;
  if (known === null || metric === undefined) return null;
  const labels = [...new Set(grid.map(({ label }) => label))];
  const seeds = source.plan.tuningSeeds.length;
  return {
    id: "sensitivity",
    title: `Validation ${metricLabel(metric)} over the grid`,
    help: `Every value that was tried, mean over ${seeds === 1 ? "one seed" : `${seeds} seeds`}; the filled dot was chosen. Values stand side by side, whatever lies between them. All panels have the same vertical axis.`,
    svg: panels(
      labels.flatMap((label) =>
        panelsOf(
          draw,
          label,
          grid.filter((cell) => cell.label === label),
          known,
        ),
      ),
    ),
    alt: labels
      .map((label) =>
        inWords(
          label,
          grid.filter((cell) => cell.label === label),
        ),
      )
      .join(" "),
    data: {
      columns: ["pool", "point", "metric", "mean", "chosen"],
      rows: grid.map(({ label, point, mean, chosen }) => [label, words(point), metric, mean, chosen ? "chosen" : ""]),
    },
  };
}

function inWords(label: string, cells: readonly GridCell[]): string {
  const chosen = cells.find((cell) => cell.chosen);
  const span = extent(cells.map(({ mean }) => mean));
  if (span === null) return `${label}: no point finished.`;
  return `${label}: from ${show(span[0])} to ${show(span[1])}${chosen === undefined ? "" : `, chosen ${words(chosen.point)}`}.`;
}

/** The name with the most values goes along the axis, the next one makes the lines, the others make panels. */
function panelsOf(
  draw: Draw,
  label: string,
  cells: readonly GridCell[],
  yDomain: readonly [number, number],
): readonly Panel[] {
  const names = Object.keys(cells[0]?.point ?? {})
    .map((name) => ({ name, values: distinct(cells.map(({ point }) => point[name] as Value)) }))
    .filter(({ values: held }) => held.length > 1)
    .sort((a, b) => b.values.length - a.values.length);
  const [along, across, ...rest] = names;
  if (along === undefined) return [];
  const parts = [
    ...new Set(
      cells.map((cell) =>
        part(
          cell,
          rest.map(({ name }) => name),
        ),
      ),
    ),
  ];
  return parts.map((title) => {
    const mine = cells.filter(
      (cell) =>
        part(
          cell,
          rest.map(({ name }) => name),
        ) === title,
    );
    const lines = (across?.values ?? [null]).map((value): Line => {
      const held =
        value === null || across === undefined ? mine : mine.filter(({ point }) => point[across.name] === value);
      return {
        name: value === null || across === undefined ? "" : String(value),
        points: held.map(({ point, mean, chosen }) => ({ x: String(point[along.name]), y: mean, marked: chosen })),
      };
    });
    const failed = mine.filter(({ mean }) => mean === null);
    const notes = [
      ...(across === undefined ? [] : [`lines: ${across.name}`]),
      ...(failed.length === 0 ? [] : [`failed: ${list(failed.map(({ point }) => words(point)))}`]),
    ];
    return {
      title: title === "" ? label : `${label}, ${title}`,
      ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
      svg: values(draw, inWords(title === "" ? label : `${label}, ${title}`, mine), {
        x: along.name,
        domain: along.values.map(String),
        lines,
        yDomain,
      }),
    };
  });
}

const part = ({ point }: GridCell, names: readonly string[]): string =>
  words(Object.fromEntries(names.map((name) => [name, point[name] as Value])));

const distinct = (held: readonly Value[]): readonly Value[] =>
  [...new Set(held)].sort((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1,
  );
