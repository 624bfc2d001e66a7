import type { Markish, TextOptions } from "@observablehq/plot";
import type { PlotModule } from "../drawing/draw.js";

/** One word at one place, with a halo of the background so that it can stand on lines. */
export function label(
  plot: PlotModule,
  words: string,
  x: number,
  y: number,
  options: Partial<TextOptions> = {},
): Markish {
  return plot.text([words], {
    x: [x],
    y: [y],
    stroke: "var(--bg)",
    strokeWidth: 3.5,
    fill: "var(--ink)",
    ...options,
  } as TextOptions);
}
