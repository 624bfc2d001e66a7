import type { FloatArray } from "@gradpool/core";
import type { Tensor, TensorOps } from "@gradpool/models";
import type { GradientPart } from "../gradients/part.js";
import type { Arena } from "../tables/arena.js";
import { type Scratch, scratch } from "../tables/scratch.js";

/** Name of the representation where parameters are named: in pools' states, diagnostics and errors. */
export const representationName = "representation";

/** The heads' gradients of Φ on the host, next to each other where the Gram kernel reads them. */
export interface RepresentationMemory {
  /** Copies the present tasks' gradients in. Answers with a task whose gradient is not finite, or −1. */
  load(gradients: readonly (Tensor | null)[]): number;
  part(): GradientPart;
}

export function representationMemory(arena: Arena, tasks: number): RepresentationMemory {
  const rows: Scratch[] = Array.from({ length: tasks }, () => scratch(arena));
  const cells = arena.allocate(8 * tasks * tasks);
  const positions = arena.allocate(4 * tasks);
  let size = 0;
  let here: boolean[] = [];
  let known: "norms" | "gram" | null = null;

  function compute(detail: "norms" | "gram"): Float64Array {
    if (known !== "gram" && known !== detail) {
      const fallback = rows[Math.max(0, here.indexOf(true))] as Scratch;
      here.forEach((present, t) => (positions.i32[t] = present ? 0 : -1));
      const sources = rows.map((row, t) => (here[t] === true ? row : fallback).region.f32);
      cells.f64.fill(0, 0, tasks * tasks);
      arena.kernels.gram(positions.i32, 1, tasks, sources, size, detail === "norms", null, false, cells.f64);
      known = detail;
    }
    return cells.f64.slice(0, tasks * tasks);
  }

  return {
    load(gradients) {
      known = null;
      here = gradients.map((gradient) => gradient !== null);
      gradients.forEach((gradient, t) => {
        if (gradient === null) return;
        size = gradient.size;
        (rows[t] as Scratch).need(4 * size).f32.set(gradient.dataSync() as Float32Array);
      });
      const norms = compute("gram");
      return here.findIndex((present, t) => present && !Number.isFinite(norms[t * tasks + t]));
    },
    part: () => ({
      tasks,
      parameters: [{ name: representationName, kind: "dense", size, width: 1 }],
      gram: (_granularity, detail) => compute(detail),
      values: () =>
        here.map((present, t): FloatArray => {
          return present ? (rows[t] as Scratch).region.f32.subarray(0, size) : new Float32Array(size);
        }),
    }),
  };
}

/** Σ wᵢ gᵢ on the device, of the tasks with a weight. */
export function weightedSum(
  tf: TensorOps,
  gradients: readonly (Tensor | null)[],
  weights: ArrayLike<number>,
  like: Tensor,
): Tensor {
  const terms: Tensor[] = [];
  gradients.forEach((gradient, t) => {
    const weight = weights[t] as number;
    if (gradient !== null && weight !== 0) terms.push(weight === 1 ? gradient : tf.mul(gradient, weight));
  });
  if (terms.length === 0) return tf.zerosLike(like);
  return terms.length === 1 ? (terms[0] as Tensor) : tf.addN(terms);
}
