import type { Objective, Panel } from "../model/landscape.js";
import { heightColour, themeColour } from "./colours.js";

/** Where data lies on a canvas. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly range: readonly [number, number, number, number];
}

export const toScreen = ({ left, top, width, height, range }: Frame, x: number, y: number): [number, number] => [
  left + (width * (x - range[0])) / (range[1] - range[0]),
  top + height - (height * (y - range[2])) / (range[3] - range[2]),
];

export const toData = ({ left, top, width, height, range }: Frame, px: number, py: number): [number, number] => [
  range[0] + ((px - left) / width) * (range[1] - range[0]),
  range[2] + ((top + height - py) / height) * (range[3] - range[2]),
];

/** A canvas as large as its box on the screen, in device pixels; draws in CSS pixels. */
export function prepare(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const scale = Math.min(2, window.devicePixelRatio || 1);
  const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}

/** The sum of the tasks' losses over a panel, as bands of equal share of the points: a picture to draw trajectories on. */
export function heights(objective: Objective, panel: Panel, at: readonly number[], cells = 120): HTMLCanvasElement {
  const values = new Float64Array(cells * cells);
  const [left, right, bottom, top] = panel.range;
  const point = [...at];
  for (let r = 0; r < cells; r++) {
    for (let c = 0; c < cells; c++) {
      point[panel.x] = left + ((c + 0.5) * (right - left)) / cells;
      point[panel.y] = top - ((r + 0.5) * (top - bottom)) / cells;
      values[r * cells + c] = objective(point).losses.reduce((sum, loss) => sum + loss, 0);
    }
  }
  const sorted = Float64Array.from(values).sort();
  const bands = 14;
  const cuts = Array.from(
    { length: bands - 1 },
    (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / bands)] as number,
  );
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [cells, cells];
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const image = context.createImageData(cells, cells);
  values.forEach((value, k) => {
    const band = cuts.filter((cut) => value >= cut).length;
    image.data.set([...heightColour(band / (bands - 1)), 255], 4 * k);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Frame, ticks at round numbers, and titles of the axes. */
export function axes(context: CanvasRenderingContext2D, frame: Frame, xTitle: string, yTitle: string): void {
  const { left, top, width, height, range } = frame;
  context.strokeStyle = themeColour("line");
  context.lineWidth = 1;
  context.setLineDash([]);
  context.strokeRect(left, top, width, height);
  context.fillStyle = themeColour("muted");
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  for (const x of ticks(range[0], range[1]))
    context.fillText(label(x), toScreen(frame, x, range[2])[0], top + height + 14);
  context.textAlign = "right";
  for (const y of ticks(range[2], range[3])) context.fillText(label(y), left - 5, toScreen(frame, range[0], y)[1] + 4);
  context.textAlign = "center";
  context.fillText(xTitle, left + width / 2, top + height + 28);
  context.textAlign = "left";
  context.fillText(yTitle, left, top - 6);
}

const label = (x: number): string => String(Number(x.toPrecision(4))).replace("-", "−");

function ticks(low: number, high: number): number[] {
  const raw = (high - low) / 5;
  if (!(raw > 0) || !Number.isFinite(raw)) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) as number) * power;
  const found: number[] = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) found.push(k * step);
  return found;
}

/** Lines through points, up to the `end`-th. */
export function polyline(
  context: CanvasRenderingContext2D,
  frame: Frame,
  end: number,
  at: (k: number) => readonly [number, number],
): void {
  context.beginPath();
  for (let k = 0; k <= end; k++) {
    const [x, y] = at(k);
    const [px, py] = toScreen(frame, x, y);
    if (k === 0) context.moveTo(px, py);
    else context.lineTo(px, py);
  }
  context.stroke();
}

/** An arrow from a point of the screen. */
export function arrow(
  context: CanvasRenderingContext2D,
  from: readonly [number, number],
  to: readonly [number, number],
): void {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  if (length < 1) return;
  const head = Math.min(9, length);
  const [ux, uy] = [dx / length, dy / length];
  context.setLineDash([]);
  context.beginPath();
  context.moveTo(from[0], from[1]);
  context.lineTo(to[0], to[1]);
  context.moveTo(to[0] - head * (ux + 0.5 * uy), to[1] - head * (uy - 0.5 * ux));
  context.lineTo(to[0], to[1]);
  context.lineTo(to[0] - head * (ux - 0.5 * uy), to[1] - head * (uy + 0.5 * ux));
  context.stroke();
}
