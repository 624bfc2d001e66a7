import type { DiagnosticPoint } from "@gradpool/bench";
import type { Markish } from "@observablehq/plot";
import type { Draw } from "../drawing/draw.js";
import { type Figure, panels } from "../drawing/figure.js";
import { list } from "../drawing/format.js";
import { type Html, markup } from "../drawing/html.js";
import { overSteps } from "../source/series.js";
import type { Row, Source } from "../source/sources.js";
import { mean } from "../source/statistics.js";
import { type Axes, frame, panelHeight, spread } from "./frame.js";

/** One expert's share of what a reader mixes, over the steps. */
interface Band {
  readonly expert: string;
  /** Step, and what lies below and above its band; shares of one step add up to 1. */
  readonly points: readonly (readonly [step: number, low: number, high: number])[];
}

/** One gate: a task's, or one that all share. */
interface Reader {
  readonly name: string;
  readonly bands: readonly Band[];
}

/**
 * How each task's gate mixes experts over the steps: which task uses which expert, and whether tasks part company. Null for models
 * without gates, and without diagnostics.
 */
export function gatesFigure(draw: Draw, source: Source): Figure | null {
  const shown = source.rows.flatMap((row) => {
    const readers = readersOf(row);
    return readers.length === 0 ? [] : [{ row, readers }];
  });
  if (shown.length === 0) return null;
  const { tasks } = source.plan.base;
  return {
    id: "gates",
    title: "Which task uses which expert",
    help: "The shares that a gate gives to experts, over the training steps, from top to bottom; they add up to all. In colour: experts of one task; grey: of several. The shares at the end stand beside their bands. Mean over seeds, rows and neighbouring steps.",
    svg: markup`${legend(
      tasks,
      shown.flatMap(({ readers }) => readers),
    )}${shown.map(
      ({ row, readers }) =>
        markup`<div class="group"><h4>${row.label}</h4>${panels(
          readers.map((reader) => ({
            title: reader.name,
            svg: panel(draw, `${row.label}, ${words(reader)}`, reader, tasks),
          })),
          "panels three",
        )}</div>`,
    )}`,
    alt: shown.map(({ row, readers }) => `${row.label}: ${readers.map(words).join("; ")}.`).join(" "),
    data: {
      columns: ["pool", "reader", "expert", "step", "share"],
      rows: shown.flatMap(({ row, readers }) =>
        readers.flatMap(({ name, bands }) =>
          bands.flatMap(({ expert, points }) =>
            points.map(([step, low, high]) => [row.label, name, expert, step, high - low]),
          ),
        ),
      ),
    },
  };
}

function readersOf({ records }: Row): readonly Reader[] {
  const experts = new Map<string, readonly string[]>();
  for (const { diagnostics } of records) {
    for (const { gates = [] } of diagnostics ?? []) {
      for (const { reader, weights } of gates) if (!experts.has(reader)) experts.set(reader, Object.keys(weights));
    }
  }
  return [...experts].map(([name, names]) => ({ name, bands: stacked(records, name, names) }));
}

/** Bands on top of each other, the last expert's at the bottom: the first stands where one begins to read. */
function stacked(records: Row["records"], reader: string, experts: readonly string[]): readonly Band[] {
  const below = new Map<number, number>();
  const share = (expert: string) => (point: DiagnosticPoint) =>
    point.gates?.find((gate) => gate.reader === reader)?.weights[expert];
  return experts
    .toReversed()
    .map((expert): Band => {
      const points = overSteps(records, share(expert), mean).map(([step, value]) => {
        const low = below.get(step) ?? 0;
        below.set(step, low + value);
        return [step, low, low + value] as const;
      });
      return { expert, points };
    })
    .toReversed();
}

const endOf = ({ points }: Band): number => {
  const [, low = 0, high = 0] = points.at(-1) ?? [];
  return high - low;
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const words = ({ name, bands }: Reader): string =>
  `${name} at the end: ${list(bands.map((band) => `${band.expert} ${percent(endOf(band))}`))}`;

/** The task whose expert it is, by its place; −1: it is not of one task. AITM's gates call what is their own so. */
const ownerOf = (reader: string, expert: string, tasks: readonly string[]): number =>
  expert === "own" ? tasks.indexOf(reader) : tasks.findIndex((task) => expert.startsWith(`${task}.`));

const colour = (owner: number): string => (owner < 0 ? "var(--strong)" : `var(--t${owner % 8})`);

/** Names that are longer than a panel has room for end in dots. */
const most = 12;
const cut = (name: string): string => (name.length > most ? `${name.slice(0, most - 1)}…` : name);

function panel(draw: Draw, alt: string, { name, bands }: Reader, tasks: readonly string[]): Html {
  const { plot } = draw;
  const owners = bands.map(({ expert }) => ownerOf(name, expert, tasks));
  const labels = bands.map((band) => `${cut(band.expert)} ${percent(endOf(band))}`);
  const steps = bands[0]?.points.map(([step]) => step) ?? [];
  const [first = 0, last = 0] = [steps[0], steps.at(-1)];
  const axes: Axes = {
    x: "step",
    xDomain: [first, Math.max(last, first + 1)],
    yDomain: [0, 1],
    format: percent,
    right: 12 + 6.3 * Math.max(...labels.map(({ length }) => length)),
    height: Math.max(panelHeight, 50 + 13 * bands.length),
  };
  const at = spread(
    bands.map(({ points }) => {
      const [, low = 0, high = 0] = points.at(-1) ?? [];
      return (low + high) / 2;
    }),
    axes,
  );
  const marks: Markish[] = bands.map(({ points }, k) =>
    plot.areaY(
      ofWidth(points) as never,
      {
        x: "0",
        y1: "1",
        y2: "2",
        fill: colour(owners[k] as number),
        // Neighbours of one colour are told apart by how full it is, and by the line between them.
        fillOpacity: fullness[owners.slice(0, k).filter((owner) => owner === owners[k]).length % fullness.length],
        stroke: "var(--surface)",
        strokeWidth: 1,
      } as never,
    ),
  );
  labels.forEach((label, k) => {
    marks.push(
      plot.text([label], {
        x: [axes.xDomain[1]],
        y: [at[k] as number],
        dx: 6,
        textAnchor: "start",
        fill: "var(--ink)",
      } as never),
    );
  });
  return frame(draw, alt, axes, marks);
}

const fullness = [0.85, 0.55, 0.7];

/** A band of a single point would be no band. */
function ofWidth(points: Band["points"]): Band["points"] {
  const [only] = points;
  return points.length === 1 && only !== undefined ? [only, [only[0] + 1, only[1], only[2]]] : points;
}

function legend(tasks: readonly string[], readers: readonly Reader[]): Html {
  const owners = new Set(readers.flatMap(({ name, bands }) => bands.map(({ expert }) => ownerOf(name, expert, tasks))));
  const items = [...owners]
    .sort((a, b) => (a < 0 ? tasks.length : a) - (b < 0 ? tasks.length : b))
    .map(
      (owner) =>
        markup`<li><svg width="16" height="12" aria-hidden="true"><rect width="16" height="12" rx="2" fill="${colour(owner)}"></rect></svg>${owner < 0 ? "of several tasks" : `of ${tasks[owner] as string}`}</li>`,
    );
  return markup`<ul class="legend" aria-label="Experts">${items}</ul>`;
}
