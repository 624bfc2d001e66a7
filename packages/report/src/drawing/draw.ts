import type * as Plot from "@observablehq/plot";
import { type Html, markup, trusted } from "./html.js";

export type PlotModule = typeof Plot;

/** Draws with Observable Plot into HTML, without a browser. */
export interface Draw {
  readonly plot: PlotModule;
  /** One SVG element, described by `alt`. Colours come from the page's variables, so that it follows the theme. */
  svg(alt: string, options: Plot.PlotOptions, className?: string): Html;
}

/** The little of the DOM that is used: the package has no browser's global types. */
interface DrawnElement {
  readonly outerHTML: string;
  querySelectorAll(selector: string): Iterable<DrawnElement>;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
}

/** Plot and jsdom are large: they are loaded when a report is made, never with the command line. */
export async function loadDraw(): Promise<Draw> {
  const [plot, { JSDOM }] = await Promise.all([import("@observablehq/plot"), import("jsdom")]);
  const { document } = new JSDOM("").window;
  return {
    plot,
    svg(alt, options, className = "p") {
      const element = plot.plot({ ...options, className: "p", document: document as never }) as unknown as DrawnElement;
      clean(element);
      element.setAttribute("class", className);
      // The serialiser leaves < and > in attributes as they are; the page's own template does not.
      return markup`<svg role="img" aria-label="${alt}"${trusted(element.outerHTML.slice("<svg".length))}`;
    },
  };
}

const measured = "d transform x y x1 x2 y1 y2 cx cy width height points".split(" ");
const needless = "xmlns xmlns:xlink aria-label aria-description".split(" ");

/** Half a device pixel at the sizes that are drawn: more digits are only weight. */
const digits = (numbers: string): string =>
  numbers.replaceAll(/-?\d+\.\d+(e-?\d+)?/g, (text) => String(Number(Number(text).toFixed(1)) + 0));

/**
 * Leaves out Plot's own style sheet (the page has it once) and needless digits. On the elements, never on their text: a label may
 * hold anything, and only the DOM knows where it ends.
 */
function clean(svg: DrawnElement): void {
  for (const sheet of svg.querySelectorAll("style")) sheet.remove();
  for (const element of [svg, ...svg.querySelectorAll("*")]) {
    for (const name of needless) element.removeAttribute(name);
    for (const name of measured) {
      const value = element.getAttribute(name);
      if (value !== null) element.setAttribute(name, digits(value));
    }
  }
  svg.setAttribute("font-size", "11");
}
