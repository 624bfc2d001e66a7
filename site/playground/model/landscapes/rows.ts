import type { Landscape } from "../landscape.js";
import { quadratic } from "./quadratics.js";

/**
 * An embedding table of two rows. On row A (a popular item) the tasks want opposite things and the auxiliary is loud; on row B (a rare
 * one) they agree. A pool that weighs the whole model must treat both alike; one that weighs rows (PMTRec's granularity) need not.
 */
export const embeddingRows: Landscape = {
  name: "rows",
  title: "Two embedding rows",
  about:
    "A table of two rows, each drawn as a plane. The tasks fight over row A and agree on row B. With granularity=row a pool decides for each row by itself: turn it on in a method's options and watch row B.",
  tasks: ["buy", "view"],
  panels: [
    { title: "row A: in conflict", x: 0, y: 1, range: [-3, 3, -3, 3] },
    { title: "row B: in agreement", x: 2, y: 3, range: [-3, 3, -3, 3] },
  ],
  width: 2,
  starts: [
    [0.2, 2.4, -2, 2],
    [0, -2.4, 2.5, -2],
  ],
  learningRate: 0.05,
  sliders: [
    { name: "loud", label: "how loud view is on row A", min: 0.1, max: 50, step: 0.1, default: 10 },
    { name: "agree", label: "distance of the minima on row B", min: 0, max: 3, step: 0.1, default: 0.5 },
  ],
  create: ({ loud = 10, agree = 0.5 }) => {
    const rows = [
      [quadratic([-1.5, 0], 0, 2, 1), quadratic([1.5, 0], Math.PI / 2, 2, loud)],
      [quadratic([-agree / 2, 0], 0, 2, 1), quadratic([agree / 2, 0], Math.PI / 2, 2, 1)],
    ] as const;
    return (point) => {
      const [a, b, c, d] = point as readonly [number, number, number, number];
      const both = [0, 1].map((task) => [rows[0][task as 0 | 1](a, b), rows[1][task as 0 | 1](c, d)] as const);
      return {
        losses: both.map(([one, other]) => one.loss + other.loss),
        gradients: both.map(([one, other]) => [...one.gradient, ...other.gradient]),
      };
    };
  },
};
