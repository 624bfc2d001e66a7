import type { Draw } from "../drawing/draw.js";
import { type Html, joined, markup } from "../drawing/html.js";
import { extent } from "../source/statistics.js";
import { airy, type Domain } from "./frame.js";
import { label as text } from "./text.js";
import { type Placed, placeLabels } from "./labels.js";

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

/** Two qualities against each other: names beside the points, the Pareto front drawn through the best trade-offs. */
export function scatter(draw: Draw, alt: string, held: Scatter): Html {
  const { plot } = draw;
  const { points } = held;
  const xDomain = airy(widen(extent(points.map(({ x }) => x)) ?? [0, 1]));
  const yDomain = airy(widen(extent(points.map(({ y }) => y)) ?? [0, 1]));
  const front = [...(held.front ?? paretoFront(held))].sort((a, b) => a.x - b.x);
  const best = new Set(front.map(({ label }) => label));
  const toPixel = (value: number, [low, high]: Domain, length: number): number =>
    ((value - low) / (high - low)) * length;
  const inner = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom };
  const places = placeLabels(
    points.map(({ label, x, y, unnamed, baseline }) => ({
      text: unnamed === true ? "" : label,
      first: best.has(label) || baseline,
      x: toPixel(x, xDomain, inner.width),
      y: inner.height - toPixel(y, yDomain, inner.height),
    })),
    inner,
  );
  const drawing = draw.svg(alt, {
    width: size.width,
    height: size.height,
    marginLeft: size.left,
    marginRight: size.right,
    marginTop: size.top,
    marginBottom: size.bottom,
    x: { domain: [...xDomain], label: null },
    y: { domain: [...yDomain], label: null },
    marks: [
      plot.gridX({ ticks: 5, stroke: "var(--line)", strokeOpacity: 1 } as never),
      plot.gridY({ ticks: 5, stroke: "var(--line)", strokeOpacity: 1 } as never),
      plot.axisX({
        ticks: 5,
        tickSize: 0,
        tickPadding: 6,
        tickFormat: held.format.x,
        label: held.x,
        labelAnchor: "right",
        labelArrow: "none",
        labelOffset: 36,
      }),
      plot.axisY({
        ticks: 5,
        tickSize: 0,
        tickFormat: held.format.y,
        label: held.y,
        labelArrow: "none",
        labelOffset: 52,
      }),
      plot.line(front.length > 1 ? front : [], {
        x: "x",
        y: "y",
        // Around what the front's points are at least as good as.
        curve: held.xUp ? "step-before" : "step-after",
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
      ...points.flatMap((point, k) => {
        if (point.unnamed === true) return [];
        const { dx, dy, anchor, text: words } = places[k] as Placed;
        return text(plot, words, point.x, point.y, {
          dx,
          dy,
          textAnchor: anchor,
          fontWeight: best.has(point.label) ? 640 : 420,
          fill: best.has(point.label) ? "var(--ink)" : "var(--muted)",
        });
      }),
    ],
  });
  const numbered = places.flatMap(({ number }, k) =>
    number === undefined ? [] : `${number} ${(points[k] as ScatterPoint).label}`,
  );
  return numbered.length === 0
    ? drawing
    : joined([drawing, markup`<p class="note">Where names would cover each other: ${numbered.join(" · ")}.</p>`]);
}

/** Room at the sides for names. */
const widen = ([low, high]: Domain): Domain => {
  const air = 0.09 * (high - low) || Math.abs(high) * 0.05 || 0.5;
  return [low - air, high + air];
};
