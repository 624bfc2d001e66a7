import type { Landscape } from "../landscape.js";

/** ½ (p − c)ᵀ A (p − c) with A = R(angle) diag(steep, 1) R(angle)ᵀ, and its gradient A (p − c). */
export function quadratic(centre: readonly [number, number], angle: number, steep: number, scale: number) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const a = scale * (steep * cos * cos + sin * sin);
  const b = scale * (steep - 1) * cos * sin;
  const c = scale * (steep * sin * sin + cos * cos);
  return (x: number, y: number): { loss: number; gradient: readonly [number, number] } => {
    const [dx, dy] = [x - centre[0], y - centre[1]];
    const gradient = [a * dx + b * dy, b * dx + c * dy] as const;
    return { loss: 0.5 * (gradient[0] * dx + gradient[1] * dy), gradient };
  };
}

/** Two convex quadratics: task 2 is turned against task 1 by an angle, and is `scale` times as large. */
export const quadratics: Landscape = {
  name: "quadratics",
  title: "Two quadratics",
  about:
    "Two convex losses, each with its own minimum. Move the scale to drown one task in the other, the angle and the steepness to make their gradients conflict on the way.",
  tasks: ["task 1", "task 2"],
  panels: [{ title: "x₁, x₂", x: 0, y: 1, range: [-4, 4, -4, 4] }],
  starts: [
    [-3, 3],
    [3, 3],
    [0.5, -3.5],
  ],
  learningRate: 0.05,
  sliders: [
    { name: "scale", label: "scale of task 2", min: 0.01, max: 20, step: 0.01, default: 1 },
    { name: "angle", label: "angle between them, in degrees", min: 0, max: 180, step: 1, default: 90 },
    { name: "steep", label: "steepness", min: 1, max: 30, step: 0.5, default: 8 },
    { name: "apart", label: "distance of their minima", min: 0, max: 6, step: 0.1, default: 3 },
  ],
  create: ({ scale = 1, angle = 90, steep = 8, apart = 3 }) => {
    const first = quadratic([-apart / 2, 0], 0, steep, 1);
    const second = quadratic([apart / 2, 0], (angle * Math.PI) / 180, steep, scale);
    return (point) => {
      const both = [first, second].map((task) => task(point[0] as number, point[1] as number));
      return { losses: both.map(({ loss }) => loss), gradients: both.map(({ gradient }) => gradient) };
    };
  },
};

/** Three quadratics around the origin, the third of which may be small. */
export const threeTasks: Landscape = {
  name: "three",
  title: "Three tasks",
  about:
    "Three minima at the corners of a triangle. What pleases two tasks may hurt the third: here methods differ that agree on two.",
  tasks: ["task 1", "task 2", "task 3"],
  panels: [{ title: "x₁, x₂", x: 0, y: 1, range: [-4, 4, -4, 4] }],
  starts: [
    [-3, -3],
    [3.2, 0.5],
    [0, 3.5],
  ],
  learningRate: 0.05,
  sliders: [
    { name: "scale", label: "scale of task 3", min: 0.01, max: 20, step: 0.01, default: 1 },
    { name: "steep", label: "steepness", min: 1, max: 30, step: 0.5, default: 6 },
  ],
  create: ({ scale = 1, steep = 6 }) => {
    const tasks = [0, 1, 2].map((k) => {
      const turn = Math.PI / 2 + (2 * Math.PI * k) / 3;
      return quadratic([2 * Math.cos(turn), 2 * Math.sin(turn)], turn, steep, k === 2 ? scale : 1);
    });
    return (point) => {
      const all = tasks.map((task) => task(point[0] as number, point[1] as number));
      return { losses: all.map(({ loss }) => loss), gradients: all.map(({ gradient }) => gradient) };
    };
  },
};
