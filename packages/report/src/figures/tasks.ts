import { given } from "@gradpool/core";
import type { Markish } from "@observablehq/plot";
import type { Draw } from "../drawing/draw.js";
import { markup, type Html } from "../drawing/html.js";
import { extent } from "../source/statistics.js";
import { airy, type Axes, frame, spread, wantsLog, wantsSymlog } from "./frame.js";

const dashes = ["none", "7 3", "2 2.5", "8 3 2 3", "4 2", "1 3", "10 2 2 2 2 2", "12 4"];

/** Colour and dash of task number `t`, the same in every figure; the dash alone tells tasks apart too. */
export const taskStyle = (t: number): { readonly stroke: string; readonly strokeDasharray: string } => ({
  stroke: `var(--t${t % 8})`,
  strokeDasharray: dashes[t % 8] as string,
});

/** Names, colours and dashes of the tasks. */
export function legend(tasks: readonly string[]): Html {
  const items = tasks.map((task, t) => {
    const { stroke, strokeDasharray } = taskStyle(t);
    return markup`<li><svg width="34" height="8" aria-hidden="true"><path d="M0 4H34" stroke="${stroke}" stroke-width="2.2" stroke-dasharray="${strokeDasharray}"></path></svg>${task}</li>`;
  });
  return markup`<ul class="legend" aria-label="Tasks">${items}</ul>`;
}

/** One task's values over epochs or steps. */
export interface TaskLine {
  readonly task: string;
  /** Its place among the plan's tasks: decides colour and dash. */
  readonly index: number;
  readonly points: readonly (readonly [number, number])[];
}

export interface TaskAxes {
  readonly x: string;
  readonly xDomain: readonly [number, number];
  readonly yDomain: readonly [number, number];
  readonly log: boolean;
  readonly linearTo?: number;
}

/** Axes that hold all lines of all panels, so that panels can be compared. */
export function sharedAxes(
  x: string,
  panels: readonly (readonly TaskLine[])[],
  zero: boolean = false,
): TaskAxes | null {
  const points = panels.flat().flatMap((line) => line.points);
  const xs = extent(points.map(([at]) => at));
  const ys = extent(points.map(([, value]) => value));
  if (xs === null || ys === null) return null;
  const log = !zero && wantsLog(ys);
  const low = zero ? Math.min(0, ys[0]) : ys[0];
  const linearTo = zero ? wantsSymlog(points.map(([, value]) => value)) : undefined;
  const domain = airy([low, ys[1]], log);
  const yDomain: readonly [number, number] = zero && low === 0 ? [0, domain[1]] : domain;
  return { x, xDomain: xs, yDomain, log, ...given({ linearTo }) };
}

/** A panel with one line per task, each named at its end. */
export function taskPanel(draw: Draw, alt: string, shared: TaskAxes, lines: readonly TaskLine[]): Html {
  const { plot } = draw;
  const longest = Math.max(...lines.map(({ task }) => Math.min(task.length, 11)));
  const axes: Axes = { ...shared, right: 12 + 6.3 * longest };
  const ends = lines.map(({ points }) => (points.at(-1) as readonly [number, number])[1]);
  const at = spread(ends, axes);
  const marks: Markish[] = lines.map(({ points, index }) =>
    plot.line(points as never, { ...taskStyle(index), strokeWidth: 1.6, strokeLinejoin: "round" }),
  );
  lines.forEach(({ task, index }, k) => {
    marks.push(
      plot.text([task.length > 11 ? `${task.slice(0, 10)}…` : task], {
        x: [shared.xDomain[1]],
        y: [at[k] as number],
        dx: 6,
        textAnchor: "start",
        fill: taskStyle(index).stroke,
        fontWeight: 600,
      } as never),
    );
  });
  return frame(draw, alt, axes, marks);
}
