import type { Markish } from "@observablehq/plot";
import type { Draw, PlotModule } from "../drawing/draw.js";
import { forTicks } from "../drawing/format.js";
import { type Html, joined, markup } from "../drawing/html.js";
import { extent } from "../source/statistics.js";
import { airy, type Domain } from "./frame.js";
import { label as text } from "./text.js";
import { lineEnd, type Placed, placeLabels } from "./labels.js";

export interface ScatterPoint {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly baseline: boolean;
  /** Drawn without its name: there would be too many. */
  readonly unnamed?: boolean;
}

export interface Scatter {
  readonly x: string;
  readonly y: string;
  /** Whether more is better along the axis. */
  readonly xUp: boolean;
  readonly yUp: boolean;
  readonly points: readonly ScatterPoint[];
  /** The points that the dashed line goes through. Default: those that no other is better than. */
  readonly front?: readonly ScatterPoint[];
  readonly format: { readonly x: (value: number) => string; readonly y: (value: number) => string };
}

/** Points that no other point is at least as good as in both directions, and better in one. */
export function paretoFront({ points, xUp, yUp }: Pick<Scatter, "points" | "xUp" | "yUp">): readonly ScatterPoint[] {
  const [sx, sy] = [xUp ? 1 : -1, yUp ? 1 : -1];
  return points.filter(
    (mine) =>
      !points.some(
        (other) =>
          sx * other.x >= sx * mine.x &&
          sy * other.y >= sy * mine.y &&
          (sx * other.x > sx * mine.x || sy * other.y > sy * mine.y),
      ),
  );
}

const size = { width: 420, height: 320, left: 56, right: 18, top: 28, bottom: 40 };

const inner = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom };

/** Two qualities against each other: names beside the points, the Pareto front drawn through the best trade-offs. */
export function scatter(draw: Draw, alt: string, held: Scatter): Html {
  const { points } = held;
  const domains: Domains = {
    x: airy(widen(extent(points.map(({ x }) => x)) ?? [0, 1])),
    y: airy(widen(extent(points.map(({ y }) => y)) ?? [0, 1])),
  };
  const front = [...(held.front ?? paretoFront(held))].sort((a, b) => a.x - b.x);
  const named = placed(held, front, domains);
  const drawing = draw.svg(alt, {
    width: size.width,
    height: size.height,
    marginLeft: size.left,
    marginRight: size.right,
    marginTop: size.top,
    marginBottom: size.bottom,
    x: { domain: [...domains.x], label: null },
    y: { domain: [...domains.y], label: null },
    marks: [
      ...axes(draw.plot, held, domains),
      ...dots(draw.plot, held, front),
      ...names(draw.plot, named, front, domains),
    ],
  });
  const numbered = named.flatMap(({ point, place }) =>
    place.number === undefined ? [] : `${place.number} ${point.label}`,
  );
  return numbered.length === 0
    ? drawing
    : joined([drawing, markup`<p class="note">Where there is no room for names: ${numbered.join(" · ")}.</p>`]);
}

function axes(plot: PlotModule, held: Scatter, { x, y }: Domains): readonly Markish[] {
  return [
    plot.gridX({ ticks: 5, stroke: "var(--line)", strokeOpacity: 1 } as never),
    plot.gridY({ ticks: 5, stroke: "var(--line)", strokeOpacity: 1 } as never),
    plot.axisX({
      ticks: 5,
      tickSize: 0,
      tickPadding: 6,
      tickFormat: forTicks(held.format.x, x, 5),
      label: held.x,
      labelAnchor: "right",
      labelArrow: "none",
      labelOffset: 36,
    }),
    plot.axisY({
      ticks: 5,
      tickSize: 0,
      tickFormat: forTicks(held.format.y, y, 5),
      label: held.y,
      labelArrow: "none",
      labelOffset: 52,
    }),
  ];
}

function dots(plot: PlotModule, { points, xUp }: Scatter, front: readonly ScatterPoint[]): readonly Markish[] {
  const best = new Set(front.map(({ label }) => label));
  return [
    plot.line(front.length > 1 ? front : [], {
      x: "x",
      y: "y",
      // Around what the front's points are at least as good as.
      curve: xUp ? "step-before" : "step-after",
      stroke: "var(--accent)",
      strokeWidth: 1.3,
      strokeDasharray: "4 3",
    }),
    plot.dot(points, {
      x: "x",
      y: "y",
      r: 4.5,
      symbol: ({ baseline }: ScatterPoint) => (baseline ? "square" : "circle"),
      fill: ({ label }: ScatterPoint) => (best.has(label) ? "var(--accent)" : "var(--bg)"),
      stroke: ({ label }: ScatterPoint) => (best.has(label) ? "var(--accent)" : "var(--muted)"),
      strokeWidth: 1.6,
    }),
  ];
}

interface Domains {
  readonly x: Domain;
  readonly y: Domain;
}

interface Named {
  readonly point: ScatterPoint;
  readonly place: Placed;
}

/** Where the points' names stand; those of the front, and the baseline's, come first. */
function placed({ points }: Scatter, front: readonly ScatterPoint[], { x, y }: Domains): readonly Named[] {
  const best = new Set(front.map(({ label }) => label));
  const places = placeLabels(
    points.map((point) => ({
      text: point.unnamed === true ? "" : point.label,
      first: best.has(point.label) || point.baseline,
      x: (inner.width * (point.x - x[0])) / (x[1] - x[0]),
      y: (inner.height * (y[1] - point.y)) / (y[1] - y[0]),
    })),
    inner,
  );
  return points.flatMap((point, k) => (point.unnamed === true ? [] : { point, place: places[k] as Placed }));
}

/** The points' names, and lines to those that stand apart from their points. */
function names(
  plot: PlotModule,
  named: readonly Named[],
  front: readonly ScatterPoint[],
  { x, y }: Domains,
): readonly Markish[] {
  const best = new Set(front.map(({ label }) => label));
  const lines = named
    .filter(({ place }) => place.far)
    .map(({ point, place }) => {
      const [right, down] = lineEnd(place);
      const [across, up] = [((x[1] - x[0]) * right) / inner.width, ((y[1] - y[0]) * -down) / inner.height];
      return [point.x, point.y, point.x + across, point.y + up] as const;
    });
  return [
    plot.link(lines, { x1: "0", y1: "1", x2: "2", y2: "3", stroke: "var(--muted)", strokeWidth: 0.7 }),
    ...named.map(({ point, place: { dx, dy, anchor, text: words } }) =>
      text(plot, words, point.x, point.y, {
        dx,
        dy,
        textAnchor: anchor,
        fontWeight: best.has(point.label) ? 640 : 420,
        fill: best.has(point.label) ? "var(--ink)" : "var(--muted)",
      }),
    ),
  ];
}

/** Room at the sides for names. */
const widen = ([low, high]: Domain): Domain => {
  const air = 0.09 * (high - low) || Math.abs(high) * 0.05 || 0.5;
  return [low - air, high + air];
};
