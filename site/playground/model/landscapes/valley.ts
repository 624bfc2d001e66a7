import { abs, add, affine, atLeast, type Dual, log, multiply, square, tanh, variables } from "../dual.js";
import type { Landscape } from "../landscape.js";

/** log(max(|½(∓x₁ + shift) ∓ tanh(−x₂) + more|, 5·10⁻⁶)) + 6: the curved half. */
const curve = (x: Dual, y: Dual, shift: number, sign: 1 | -1, more: number): Dual =>
  affine(log(atLeast(abs(add(affine(x, -0.5, 0.5 * shift + more), affine(tanh(affine(y, -1)), sign))), 5e-6)), 1, 6);

/** ((−x₁ ± 7)² + 0.1 (−x₂ − 8)²) / 10 − 20: the bowl. */
const bowl = (x: Dual, y: Dual, shift: number): Dual =>
  affine(add(square(affine(x, -1, shift)), affine(square(affine(y, -1, -8)), 0.1)), 0.1, -20);

/**
 * Two tasks whose gradients conflict and differ in size in a curved valley: L₁ = c₁f₁ + c₂h₁, L₂ = c₁f₂ + c₂h₂ with
 * c₁ = max(tanh(x₂/2), 0), c₂ = max(tanh(−x₂/2), 0).
 *
 * Source: the toy problem of Liu et al. 2021, "Conflict-Averse Gradient Descent for Multi-task Learning", NeurIPS, as in its public
 * code; that of Nash-MTL (Navon et al. 2022) adds the scale of L₁.
 */
export const valley: Landscape = {
  name: "valley",
  title: "Two tasks in a valley",
  about:
    "The picture of the PCGrad, CAGrad and Nash-MTL papers. Where the valley bends, the gradients of the two tasks point apart and one drowns the other; plain sums get stuck on its wall.",
  tasks: ["task 1", "task 2"],
  panels: [{ title: "x₁, x₂", x: 0, y: 1, range: [-10, 10, -10, 10] }],
  starts: [
    [-8.5, 7.5],
    [0, 0.5],
    [9, 9],
    [-7.5, -0.5],
    [9, -1],
  ],
  learningRate: 0.05,
  sliders: [{ name: "scale", label: "scale of task 1", min: 0.05, max: 5, step: 0.05, default: 1 }],
  create: ({ scale = 1 }) => {
    return (point) => {
      const [x, y] = variables(point[0] as number, point[1] as number);
      const upper = atLeast(tanh(affine(y, 0.5)), 0);
      const lower = atLeast(tanh(affine(y, -0.5)), 0);
      const first = add(multiply(curve(x, y, -7, -1, 0), upper), multiply(bowl(x, y, 7), lower));
      const second = add(multiply(curve(x, y, 3, 1, 2), upper), multiply(bowl(x, y, -7), lower));
      const both = [affine(first, scale), second];
      return { losses: both.map(({ value }) => value), gradients: both.map(({ dx, dy }) => [dx, dy]) };
    };
  },
};
