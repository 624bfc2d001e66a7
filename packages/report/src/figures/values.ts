import type { Markish } from "@observablehq/plot";
import type { Draw } from "../drawing/draw.js";
import type { Html } from "../drawing/html.js";
import { metric as show } from "../drawing/format.js";
import { cuts } from "./cut.js";
import { airy, panelHeight, panelWidth, spread } from "./frame.js";
import { taskStyle } from "./tasks.js";

export interface Line {
  readonly name: string;
  readonly points: readonly {
    readonly x: string;
    readonly y: number | null;
    readonly low?: number | null;
    readonly high?: number | null;
    readonly marked?: boolean;
  }[];
}

export interface Values {
  /** What is varied. */
  readonly x: string;
  readonly domain: readonly string[];
  readonly lines: readonly Line[];
  readonly yDomain: readonly [number, number];
  /** Where a horizontal line stands. */
  readonly rule?: number;
}

/** A metric over the values of an option, evenly spaced: grids are geometric, linear or words. */
export function values(draw: Draw, alt: string, { x, domain, lines, yDomain, rule }: Values): Html {
  const { plot } = draw;
  const named = lines.filter(({ name, points }) => name !== "" && points.some(({ y }) => y !== null));
  const longest = Math.max(0, ...named.map(({ name }) => name.length));
  const axis = airy(yDomain);
  const ends = named.map(({ points }) => points.findLast(({ y }) => y !== null)?.y as number);
  const at = spread(ends, { x, xDomain: [0, 1], yDomain: axis });
  const marks: Markish[] = lines.flatMap(({ points }, k): Markish[] => {
    const style = lines.length === 1 ? { stroke: "var(--accent)" } : taskStyle(k);
    const known = points.filter(({ y }) => y !== null);
    return [
      plot.ruleX(
        known.filter(({ low, high }) => low != null && high != null),
        {
          x: "x",
          y1: ({ low }) => Math.max(axis[0], low as number),
          y2: ({ high }) => Math.min(axis[1], high as number),
          stroke: style.stroke,
          strokeOpacity: 0.45,
          strokeWidth: 2,
        },
      ),
      ...cuts(
        plot,
        known.flatMap(({ x: at, low, high }) => (low == null || high == null ? [] : [{ ...style, at, low, high }])),
        axis,
        "y",
        ({ at: where }) => where,
      ),
      plot.line(known, { x: "x", y: "y", strokeWidth: 1.7, ...style }),
      plot.dot(known, {
        x: "x",
        y: "y",
        r: ({ marked }: { readonly marked?: boolean }) => (marked === true ? 5 : 3),
        fill: ({ marked }: { readonly marked?: boolean }) => (marked === true ? style.stroke : "var(--bg)"),
        stroke: style.stroke,
        strokeWidth: 1.6,
      }),
    ];
  });
  named.forEach(({ name }, k) => {
    const stroke = taskStyle(lines.findIndex((line) => line.name === name)).stroke;
    marks.push(
      plot.text([name], {
        frameAnchor: "right",
        x: [domain.at(-1)],
        y: [at[k]],
        dx: 10,
        textAnchor: "start",
        fill: stroke,
      } as never),
    );
  });
  return draw.svg(alt, {
    width: panelWidth,
    height: panelHeight,
    marginLeft: 50,
    marginTop: 12,
    marginBottom: 34,
    marginRight: 16 + 6.5 * longest,
    x: { type: "point", domain: [...domain], label: null },
    y: { domain: [...axis], label: null },
    r: { type: "identity" },
    marks: [
      plot.gridY({ ticks: 4, stroke: "var(--line)", strokeOpacity: 1 } as never),
      plot.axisY({ ticks: 4, tickSize: 0, tickFormat: (value: number) => show(value) }),
      plot.axisX({
        tickSize: 0,
        tickPadding: 6,
        label: x,
        labelAnchor: "right",
        labelArrow: "none",
        labelOffset: 30,
        tickRotate: domain.length > 7 ? -30 : 0,
      }),
      ...(rule === undefined ? [] : [plot.ruleY([rule], { stroke: "var(--strong)", strokeDasharray: "3 3" })]),
      ...marks,
    ],
  });
}
