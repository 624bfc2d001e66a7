import type { Lag, OptimizedRows } from "../contract.js";
import { type Constants, updateRow } from "./update.js";

/** Replays the steps that a row has not done, until one changes no weight; what is left of the decay in closed form. */
export function catchUp(
  constants: Constants,
  rows: OptimizedRows,
  lag: Lag,
  ids: Int32Array | null,
  count: number,
  buffer: Float32Array,
): void {
  const { weights, first, second, dim } = rows;
  const { last, until, stepSizes, roots } = lag;
  const { kind, decay, keep, momentum, beta1c, beta2 } = constants;
  buffer.fill(0, 0, dim);
  const copy = new Float32Array(dim);
  for (let k = 0; k < count; k++) {
    const id = ids === null ? k : (ids[k] as number);
    const from = last[id] as number;
    if (from >= until) continue;
    last[id] = until;
    const at = id * dim;
    let s = from + 1;
    while (s <= until) {
      constants.stepSize = stepSizes[s] as number;
      constants.root = roots[s] as number;
      for (let c = 0; c < dim; c++) copy[c] = keep * (weights[at + c] as number);
      updateRow(constants, rows, at, buffer, 0, 1);
      s++;
      if (decay === 0 && s > 10 && copy.every((x, c) => Object.is(x, weights[at + c]))) break;
    }
    const left = until - s + 1;
    if (left <= 0) continue;
    if (kind === "adam") {
      scaleRow(first, at, dim, Math.pow(1 - beta1c, left));
      scaleRow(second, at, dim, Math.pow(beta2, left));
    } else if (kind === "sgd" && momentum !== 0) scaleRow(first, at, dim, Math.pow(momentum, left));
    if (keep !== 1) scaleRow(weights, at, dim, Math.pow(keep, left));
  }
}

function scaleRow(row: Float32Array | null, at: number, dim: number, factor: number): void {
  if (row === null) return;
  const rounded = Math.fround(factor);
  for (let c = 0; c < dim; c++) row[at + c] = (row[at + c] as number) * rounded;
}
