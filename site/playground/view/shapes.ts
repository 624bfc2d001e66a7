import { digits, element } from "./dom.js";

const space = "http://www.w3.org/2000/svg";

function shape(name: string, attributes: Readonly<Record<string, string | number>>, text?: string): SVGElement {
  const made = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Cosines as a grid: orange where tasks conflict, blue where they agree. The table beside it holds the numbers. */
export function cosineGrid(names: readonly string[], cosines: readonly (readonly (number | null)[])[]): SVGElement {
  const cell = Math.max(12, Math.min(44, 360 / names.length));
  const size = cell * names.length;
  const grid = shape("svg", { viewBox: `0 0 ${size} ${size}`, width: size, height: size, role: "img", class: "grid" });
  grid.setAttribute("aria-label", "Cosines between the tasks' gradients; the table beside it holds the numbers");
  cosines.forEach((row, i) =>
    row.forEach((c, j) => {
      const place = { x: j * cell, y: i * cell, width: cell - 1, height: cell - 1 };
      const fill = c === null ? "var(--sunk)" : c < 0 ? "var(--neg)" : "var(--pos)";
      const square = shape("rect", { ...place, fill, "fill-opacity": c === null ? 1 : Math.abs(c) });
      square.append(shape("title", {}, `${names[i]}, ${names[j]}: ${digits(c)}`));
      grid.append(shape("rect", { ...place, fill: "var(--sunk)" }), square);
    }),
  );
  return grid;
}

/** Weights as numbers, each with a bar of its share of the largest. */
export function weightBars(weights: readonly number[]): HTMLElement {
  const most = weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0);
  return element(
    "span",
    { className: "bars" },
    ...weights.map((weight, k) => {
      const share = most > 0 ? (Math.abs(weight) / most) * 100 : 0;
      const bar = element("span", {
        className: weight < 0 ? "bar-of negative" : "bar-of",
        attributes: { "aria-hidden": "true" },
      });
      bar.style.width = `${share.toFixed(1)}%`;
      return element("span", { title: `task ${k + 1}` }, digits(weight), bar);
    }),
  );
}
