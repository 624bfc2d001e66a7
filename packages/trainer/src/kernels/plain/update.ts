import type { Hyperparameters, OptimizedRows } from "../contract.js";

/* The twin of assembly/optimizer.ts: float32 operations through Math.fround, in the same order. */

/** The optimiser's constants in float32, with 1 − β₁ and 1 − β₂, and Adam's correction of the step. */
export interface Constants {
  kind: Hyperparameters["kind"];
  decay: number;
  keep: number;
  rate: number;
  beta1c: number;
  beta2: number;
  beta2c: number;
  epsilon: number;
  momentum: number;
  stepSize: number;
  root: number;
}

const f = Math.fround;
const none = new Float32Array(0);

/** One step of the optimiser on the row at `at`, with `scale` times the gradient at `from`, and the state at `held`. */
export function updateRow(
  constants: Constants,
  rows: OptimizedRows,
  at: number,
  g: Float32Array,
  from: number,
  scale: number,
  held: number = at,
): void {
  const { kind, decay, keep, rate, beta1c, beta2, beta2c, epsilon, momentum, stepSize, root } = constants;
  const { weights: w, dim } = rows;
  const first = rows.first ?? none;
  const second = rows.second ?? none;
  for (let c = 0; c < dim; c++) {
    const p = at + c;
    const weight = w[p] as number;
    let x = f(f(scale * (g[from + c] as number)) + f(decay * weight));
    let move: number;
    if (kind === "adam") {
      const m = first[held + c] as number;
      const m1 = f(m + f(beta1c * f(x - m)));
      first[held + c] = m1;
      const v1 = f(f(beta2 * (second[held + c] as number)) + f(beta2c * f(x * x)));
      second[held + c] = v1;
      move = f(f(stepSize * m1) / f(f(f(Math.sqrt(v1)) * root) + epsilon));
    } else if (kind === "adagrad") {
      const sum = f((first[p] as number) + f(x * x));
      first[p] = sum;
      move = f(f(rate * x) / f(f(Math.sqrt(sum)) + epsilon));
    } else {
      if (momentum !== 0) {
        x = f(f(momentum * (first[p] as number)) + x);
        first[p] = x;
      }
      move = f(rate * x);
    }
    w[p] = f(f(keep * weight) - move);
  }
}
