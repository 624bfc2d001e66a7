import type { Landscape, Objective, Panel } from "../model/landscape.js";
import type { Trajectory } from "../model/trajectory.js";
import { strokeOf, themeColour } from "./colours.js";
import { arrow, axes, type Frame, heights, polyline, prepare, toData, toScreen } from "./plane.js";

export interface Shown {
  readonly landscape: Landscape;
  readonly objective: Objective;
  readonly front: readonly (readonly [number, number])[] | undefined;
  readonly start: readonly number[];
  readonly trajectories: readonly Trajectory[];
  readonly canvases: Readonly<Record<"plane" | "losses" | "front", HTMLCanvasElement>>;
}

export interface Picture {
  /** Everything up to a step, with the arrows of one trajectory (−1: none). */
  draw(step: number, arrows: number): void;
  /** After a change of size or theme. */
  redraw(step: number, arrows: number): void;
  /** The start that a click on the plane asks for. */
  pointAt(event: MouseEvent): readonly number[] | undefined;
}

/** The three pictures: the way over the landscape, losses over steps, and losses against each other with the front. */
export function picture(shown: Shown): Picture {
  const { landscape, objective, start, trajectories, canvases } = shown;
  const ground = () => landscape.panels.map((panel) => heights(objective, panel, start));
  let grounds = ground();
  const lossRange = rangeOf(trajectories.flatMap(({ losses }) => losses.flat()));
  const steps = trajectories.reduce((most, { points }) => Math.max(most, points.length - 1), 1);

  const draw = (step: number, arrows: number): void => {
    drawPlanes(step, arrows);
    drawLosses(step);
    if (shown.front !== undefined) drawFront(shown.front, step);
  };

  function drawPlanes(step: number, arrows: number): void {
    const context = prepare(canvases.plane);
    context.clearRect(0, 0, canvases.plane.clientWidth, canvases.plane.clientHeight);
    landscape.panels.forEach((panel, p) => {
      const frame = frameOf(panel, p);
      context.imageSmoothingEnabled = true;
      context.drawImage(grounds[p] as HTMLCanvasElement, frame.left, frame.top, frame.width, frame.height);
      axes(context, frame, panel.title, "");
      context.save();
      context.beginPath();
      context.rect(frame.left, frame.top, frame.width, frame.height);
      context.clip();
      trajectories.forEach(({ points }, k) => {
        stroke(context, k);
        const end = Math.min(step, points.length - 1);
        polyline(context, frame, end, (n) => [points[n]?.[panel.x] as number, points[n]?.[panel.y] as number]);
        dot(context, frame, points[end] as readonly number[], panel, strokeOf(k).colour);
      });
      dot(context, frame, start, panel, themeColour("ink"));
      const chosen = trajectories[arrows];
      if (chosen !== undefined) drawArrows(context, frame, panel, chosen, step);
      context.restore();
    });
  }

  function drawArrows(
    context: CanvasRenderingContext2D,
    frame: Frame,
    panel: Panel,
    trajectory: Trajectory,
    step: number,
  ): void {
    const at = Math.min(step, trajectory.combined.length - 1);
    const gradients = trajectory.gradients[at];
    if (gradients === undefined) return;
    const combined = trajectory.combined[at] as readonly number[];
    const point = trajectory.points[at] as readonly number[];
    const from = toScreen(frame, point[panel.x] as number, point[panel.y] as number);
    const all = [...gradients, combined].map((g) => [-(g[panel.x] as number), g[panel.y] as number] as const);
    const most = Math.max(...all.map(([x, y]) => Math.hypot(x, y)));
    if (!(most > 0)) return;
    const scale = (0.28 * frame.width) / most;
    all.forEach(([x, y], k) => {
      const isCombined = k === gradients.length;
      context.strokeStyle = isCombined ? themeColour("ink") : themeColour(`t${k % 8}`);
      context.lineWidth = isCombined ? 3 : 2;
      arrow(context, from, [from[0] + scale * x, from[1] + scale * y]);
      const name = isCombined ? "combined" : (landscape.tasks[k] as string);
      context.fillStyle = context.strokeStyle;
      context.font = "600 12px system-ui, sans-serif";
      context.textAlign = x < 0 ? "right" : "left";
      context.fillText(name, from[0] + scale * x + (x < 0 ? -4 : 4), from[1] + scale * y + 4);
    });
  }

  function drawLosses(step: number): void {
    const canvas = canvases.losses;
    const context = prepare(canvas);
    const { clientWidth: width, clientHeight: height } = canvas;
    context.clearRect(0, 0, width, height);
    const tasks = landscape.tasks.length;
    const each = width / tasks;
    landscape.tasks.forEach((task, t) => {
      const frame: Frame = {
        left: t * each + 48,
        top: 22,
        width: each - 60,
        height: height - 58,
        range: [0, steps, ...lossRange],
      };
      axes(context, frame, "step", `loss of ${task}`);
      trajectories.forEach(({ losses }, k) => {
        stroke(context, k);
        polyline(context, frame, Math.min(step, losses.length - 1), (n) => [n, losses[n]?.[t] as number]);
      });
    });
  }

  function drawFront(front: readonly (readonly [number, number])[], step: number): void {
    const canvas = canvases.front;
    const context = prepare(canvas);
    const { clientWidth: width, clientHeight: height } = canvas;
    context.clearRect(0, 0, width, height);
    const all = [...trajectories.flatMap(({ losses }) => losses), ...front];
    const x = rangeOf(all.map((losses) => losses[0] as number));
    const y = rangeOf(all.map((losses) => losses[1] as number));
    const frame: Frame = { left: 52, top: 22, width: width - 66, height: height - 58, range: [...x, ...y] };
    axes(context, frame, `loss of ${landscape.tasks[0]}`, `loss of ${landscape.tasks[1]}`);
    context.strokeStyle = themeColour("strong");
    context.lineWidth = 4;
    context.setLineDash([]);
    polyline(context, frame, front.length - 1, (n) => front[n] as readonly [number, number]);
    trajectories.forEach(({ losses }, k) => {
      stroke(context, k);
      const end = Math.min(step, losses.length - 1);
      polyline(context, frame, end, (n) => losses[n] as unknown as readonly [number, number]);
      const [px, py] = toScreen(frame, losses[end]?.[0] as number, losses[end]?.[1] as number);
      circle(context, px, py, strokeOf(k).colour);
    });
  }

  function frameOf({ range }: Panel, p: number): Frame {
    const { clientWidth: width, clientHeight: height } = canvases.plane;
    const each = width / landscape.panels.length;
    return { left: p * each + 34, top: 12, width: each - 44, height: height - 48, range };
  }

  return {
    draw,
    redraw(step, arrows) {
      grounds = ground();
      draw(step, arrows);
    },
    pointAt(event) {
      const box = canvases.plane.getBoundingClientRect();
      const each = box.width / landscape.panels.length;
      const [px, py] = [event.clientX - box.left, event.clientY - box.top];
      const p = Math.min(landscape.panels.length - 1, Math.max(0, Math.floor(px / each)));
      const panel = landscape.panels[p] as Panel;
      const [x, y] = toData(frameOf(panel, p), px, py);
      const [left, right, bottom, top] = panel.range;
      if (x < left || x > right || y < bottom || y > top) return undefined;
      return start.map((value, k) => (k === panel.x ? x : k === panel.y ? y : value));
    },
  };
}

function rangeOf(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low > high) return [0, 1];
  const room = (high - low || 1) * 0.04;
  return [low - room, high + room];
}

function stroke(context: CanvasRenderingContext2D, k: number): void {
  const { colour, dash } = strokeOf(k);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.setLineDash([...dash]);
}

function dot(
  context: CanvasRenderingContext2D,
  frame: Frame,
  point: readonly number[],
  { x, y }: Panel,
  colour: string,
): void {
  const [px, py] = toScreen(frame, point[x] as number, point[y] as number);
  circle(context, px, py, colour);
}

function circle(context: CanvasRenderingContext2D, px: number, py: number, colour: string): void {
  context.fillStyle = colour;
  context.setLineDash([]);
  context.beginPath();
  context.arc(px, py, 4, 0, 2 * Math.PI);
  context.fill();
}
