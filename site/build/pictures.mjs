/** A method's picture: two arrows, one a task's, and what the method makes of them; computed by its own package. */
import { importSource } from "../../tooling/typescript.mjs";

/** Two for most methods; those that must see more are shown more. */
const everyone = [
  { name: "target", gradient: [1, 0.35], loss: 0.7 },
  { name: "auxiliary", gradient: [-1.9, 1.25], loss: 0.4 },
  { name: "third", gradient: [0.4, 1.2], loss: 0.5 },
  { name: "fourth", gradient: [0.9, -0.6], loss: 0.6 },
  { name: "fifth", gradient: [0.7, 0.8], loss: 0.3 },
];
const scale = 58;
const centre = [140, 150];

/** The combined gradient of the picture's two tasks after a few steps on the same gradients, or why there is none. */
async function answerOf(method, tasks) {
  const core = await importSource("packages/core/src/index.ts");
  const pool = method.create();
  const set = core.taskSet(tasks.length, 0);
  const losses = tasks.map(({ loss }) => loss);
  const gradients = core.taskGradients({
    parameters: [{ name: "shared", values: tasks.map(({ gradient }) => Float64Array.from(gradient)) }],
  });
  const [target] = tasks;
  const dot = ([a, b]) => a * target.gradient[0] + b * target.gradient[1];
  const validation = { norm: Math.hypot(...target.gradient), dots: tasks.map(({ gradient }) => dot(gradient)) };
  try {
    let state = core.startPool(pool, set);
    let value;
    for (let step = 1; step <= 3; step++) {
      const result = core.askPool(
        pool,
        gradients,
        core.poolContext({ tasks: set, seed: 1, step, losses, second: gradients, third: gradients, validation }),
        state,
      );
      state = result.state;
      value = Array.from(result.combined.value("shared"));
    }
    return { value };
  } catch (error) {
    return { error: error.message };
  }
}

const arrow = ([x, y], name, label, width) => {
  const [dx, dy] = [x * scale, -y * scale];
  const length = Math.hypot(dx, dy);
  const [tx, ty] = [centre[0] + dx, centre[1] + dy];
  if (length < 2) return `<circle class="${name}" cx="${centre[0]}" cy="${centre[1]}" r="5"/>`;
  const [ux, uy] = [dx / length, dy / length];
  const wing = (side) =>
    `${(tx - 10 * (ux + side * 0.5 * uy)).toFixed(1)} ${(ty - 10 * (uy - side * 0.5 * ux)).toFixed(1)}`;
  const anchor = dx < 0 ? "end" : "start";
  return `<g class="${name}"><path stroke-width="${width}" d="M${centre[0]} ${centre[1]}L${tx.toFixed(1)} ${ty.toFixed(1)}M${wing(1)}L${tx.toFixed(1)} ${ty.toFixed(1)}L${wing(-1)}"/><text x="${(tx + (dx < 0 ? -6 : 6)).toFixed(1)}" y="${(ty + 4).toFixed(1)}" text-anchor="${anchor}">${label}</text></g>`;
};

const show = (numbers) => `(${numbers.map((x) => String(Number(x.toPrecision(3)))).join(", ")})`;

/** The picture as a figure, with its numbers in words. */
export async function pictureOf(method) {
  const tasks = everyone.slice(0, Math.max(2, method.minTasks ?? 2));
  const { value, error } = await answerOf(method, tasks);
  if (error !== undefined) return { name: method.name, words: error };
  const length = Math.hypot(...value);
  const most = Math.max(...tasks.map(({ gradient }) => Math.hypot(...gradient)));
  const drawn = length > 1.4 * most ? value.map((x) => (x * 1.4 * most) / length) : value;
  const shortened = drawn === value ? "" : ", drawn shorter than it is";
  const words = `Task gradients ${tasks.map(({ name, gradient }) => `${name} ${show(gradient)}`).join(" and ")}, some of which conflict; ${method.name} combines them into ${show(value)}${shortened}.`;
  const given = tasks.map(({ name, gradient }, k) => arrow(gradient, `a${k}`, name, 2.5)).join("");
  const svg = `<svg class="arrows" viewBox="-60 -10 350 210" role="img" aria-label="${words}">${given}${arrow(drawn, "combined", "combined", 4)}</svg>`;
  return { name: method.name, words, svg };
}
