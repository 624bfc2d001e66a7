import type * as Plot from "@observablehq/plot";
import { escape } from "./html.js";

export type PlotModule = typeof Plot;

/** Draws with Observable Plot into text, without a browser. */
export interface Draw {
  readonly plot: PlotModule;
  /** One SVG element, described by `alt`. Colours come from the page's variables, so that it follows the theme. */
  svg(alt: string, options: Plot.PlotOptions, className?: string): string;
}

/** Plot and jsdom are large: they are loaded when a report is made, never with the command line. */
export async function loadDraw(): Promise<Draw> {
  const [plot, { JSDOM }] = await Promise.all([import("@observablehq/plot"), import("jsdom")]);
  const { document } = new JSDOM("").window;
  return {
    plot,
    svg(alt, options, className = "p") {
      const element = plot.plot({ ...options, className: "p", document: document as never }) as unknown as {
        readonly outerHTML: string;
      };
      return clean(element.outerHTML, alt).replace('class="p"', `class="${className}"`);
    },
  };
}

/** Half a device pixel at the sizes that are drawn: more digits are only weight. */
const digits = (numbers: string): string =>
  numbers.replaceAll(/-?\d+\.\d+(e-?\d+)?/g, (text) => String(Number(Number(text).toFixed(1)) + 0));

/** Leaves out Plot's own style sheet (the page has it once) and needless digits; puts the description on the drawing. */
function clean(svg: string, alt: string): string {
  return svg
    .replaceAll(/<style>[\s\S]*?<\/style>/g, "")
    .replaceAll(
      /\b(d|transform|x|y|x1|x2|y1|y2|cx|cy|width|height|points)="([^"]*)"/g,
      (_, name: string, value: string) => `${name}="${digits(value)}"`,
    )
    .replaceAll(/ xmlns(:xlink)?="[^"]*"/g, "")
    .replaceAll(/ aria-(label|description)="[^"]*"/g, "")
    .replace('font-size="10"', 'font-size="11"')
    .replace("<svg ", `<svg role="img" aria-label="${escape(alt)}" `);
}
