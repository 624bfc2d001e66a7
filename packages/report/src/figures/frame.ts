import type { Markish, PlotOptions } from "@observablehq/plot";
import type { Draw } from "../drawing/draw.js";
import type { Html } from "../drawing/html.js";
import { forTicks, quantity } from "../drawing/format.js";
import { median } from "../source/statistics.js";

/** Panels are drawn at the width of a phone, so that their text is never scaled down there. */
export const panelWidth = 330;
export const panelHeight = 190;

export type Domain = readonly [number, number];

export interface Axes {
  readonly x: string;
  readonly y?: string;
  readonly xDomain: Domain;
  readonly yDomain: Domain;
  readonly log?: boolean;
  /** Sizes up to this are drawn nearly in proportion, larger ones by their logarithm; zero and either sign have a place. */
  readonly linearTo?: number;
  /** Room for labels at the ends of lines. */
  readonly right?: number;
  readonly height?: number;
  readonly format?: (value: number) => string;
}

const marginLeft = 44;
const marginTop = 12;
const marginBottom = 31;

/** A panel with light grid lines, few ticks and no box: the lines are what is to be seen. */
export function frame(draw: Draw, alt: string, axes: Axes, marks: readonly Markish[]): Html {
  const { plot } = draw;
  const { log = false, linearTo, height = panelHeight, right = 14, format = quantity } = axes;
  const ticks = log ? logTicks(axes.yDomain) : linearTo === undefined ? 4 : symlogTicks(axes.yDomain, linearTo);
  const bent = log || linearTo !== undefined;
  const tickFormat = bent ? format : forTicks(format, axes.yDomain, 4);
  const options: PlotOptions = {
    width: panelWidth,
    height,
    marginLeft,
    marginTop,
    marginBottom,
    marginRight: right,
    x: { domain: [...axes.xDomain], label: null },
    y: {
      domain: [...axes.yDomain],
      ...(linearTo === undefined
        ? { type: log ? ("log" as const) : ("linear" as const) }
        : { type: "symlog" as const, constant: linearTo }),
      label: null,
    },
    marks: [
      plot.gridY({ ticks, stroke: "var(--line)", strokeOpacity: 1 } as never),
      plot.axisY({ ticks, tickSize: 0, tickFormat, label: axes.y ?? null }),
      plot.axisX({
        // Numbers of four digits and more would touch.
        ticks: epochTicks(axes) ?? (axes.xDomain[1] < 1000 ? 4 : 3),
        tickSize: 0,
        tickPadding: 6,
        tickFormat: (value: number) => quantity(value),
        label: axes.x,
        labelAnchor: "right",
        labelArrow: "none",
        labelOffset: 28,
      }),
      ...marks,
    ],
  };
  return draw.svg(alt, options);
}

/** Every epoch of a few: there is none between two. */
function epochTicks({ x, xDomain: [from, to] }: Axes): number[] | undefined {
  if (x !== "epoch" || to - from > 4) return undefined;
  return Array.from({ length: Math.floor(to) - Math.ceil(from) + 1 }, (_, k) => Math.ceil(from) + k);
}

/** Powers of ten, or 1-2-5 steps where there are few of them. */
function logTicks([low, high]: Domain): number[] {
  const steps = Math.log10(high / low) > 2.2 ? [1] : [1, 2, 5];
  const out: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of steps) out.push(step * 10 ** power);
  }
  const inside = out.filter((value) => value >= low && value <= high);
  const every = Math.ceil(inside.length / 5);
  return inside.filter((_, k) => k % every === 0);
}

/** Zero, and powers of ten from about the linear part's end on, of either sign. */
function symlogTicks([low, high]: Domain, linearTo: number): number[] {
  const first = Math.ceil(Math.log10(linearTo));
  const last = Math.floor(Math.log10(Math.max(-low, high)));
  const powers = Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => 10 ** (first + k));
  const every = Math.max(1, Math.ceil(powers.length / 4));
  const shown = powers.filter((_, k) => (powers.length - 1 - k) % every === 0);
  return [...shown.map((power) => -power), 0, ...shown].filter((tick) => tick >= low && tick <= high);
}

/** A domain with a little air; one around a single value where all are equal. */
export function airy([low, high]: Domain, log: boolean = false): Domain {
  if (log) return [low / 1.15, high * 1.15];
  const air = high > low ? 0.06 * (high - low) : Math.abs(high) * 0.05 || 0.5;
  return [low - air, high + air];
}

/** Values that span more than a factor of thirty are read off a logarithmic axis. */
export const wantsLog = ([low, high]: Domain): boolean => low > 0 && high / low > 30;

/** Where one value dwarfs most of the others, which a linear axis would press flat: the size up to which an axis should stay linear. */
export function wantsSymlog(values: readonly number[]): number | undefined {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  const middle = median(sizes);
  return middle !== null && Math.max(...sizes) > 8 * middle ? middle / 3 : undefined;
}

/** Where labels at the ends of lines stand so that none covers another: values, in the axis' own unit. */
export function spread(values: readonly number[], axes: Axes, gap: number = 12): readonly number[] {
  const { yDomain, log = false, linearTo, height = panelHeight } = axes;
  const span = height - marginTop - marginBottom;
  const scale = (value: number): number => {
    if (linearTo !== undefined) return Math.sign(value) * Math.log1p(Math.abs(value) / linearTo);
    return log ? Math.log(value) : value;
  };
  const back = (value: number): number => {
    if (linearTo !== undefined) return Math.sign(value) * linearTo * Math.expm1(Math.abs(value));
    return log ? Math.exp(value) : value;
  };
  const [low, high] = [scale(yDomain[0]), scale(yDomain[1])];
  const toPixel = (value: number): number => ((scale(value) - low) / (high - low)) * span;
  const order = values.map((value, k) => ({ k, at: toPixel(value) })).sort((a, b) => a.at - b.at);
  order.forEach((label, k) => {
    const below = order[k - 1];
    if (below !== undefined) label.at = Math.max(label.at, below.at + gap);
  });
  // Back down from the top, if the stack grew out of the panel.
  const over = (order.at(-1)?.at ?? 0) - span;
  if (over > 0) {
    let limit = span;
    for (const label of [...order].reverse()) {
      label.at = Math.min(label.at, limit);
      limit = label.at - gap;
    }
  }
  const out = values.map(() => 0);
  for (const { k, at } of order) {
    out[k] = back(low + (at / span) * (high - low));
  }
  return out;
}
