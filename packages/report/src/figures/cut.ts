import type { Markish } from "@observablehq/plot";
import type { PlotModule } from "../drawing/draw.js";
import type { Domain } from "./frame.js";

/** What every figure that may cut an interval says below its title. */
export const cutMark = "An arrow at the end of a bar: it goes on beyond the panel, its ends are in the data";

export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly stroke: string;
}

/** The ends of intervals that lie outside of the domain, as arrows at its edge; `place` puts one on the other axis. */
export function cuts<T extends Interval>(
  plot: PlotModule,
  intervals: readonly T[],
  domain: Domain,
  along: "x" | "y",
  place: (interval: T) => number | string,
): readonly Markish[] {
  const ends = intervals.flatMap((held) => [
    ...(held.low < domain[0] ? [{ held, at: domain[0], sign: along === "x" ? "◀" : "↓" }] : []),
    ...(held.high > domain[1] ? [{ held, at: domain[1], sign: along === "x" ? "▶" : "↑" }] : []),
  ]);
  const across = along === "x" ? "y" : "x";
  return ends.map(({ held, at, sign }) =>
    plot.text([sign], {
      [along]: [at],
      [across]: [place(held)],
      fill: held.stroke,
      fontSize: 9,
      ariaHidden: "true",
    } as never),
  );
}
