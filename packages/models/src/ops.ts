import type { EmbeddingOps } from "./contract/embedding.js";
import { alignUniform } from "./align-uniform.js";

/** log(1 + e^x) without overflow. */
export const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

/** 1 / (1 + e^−x) without overflow. */
export const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};

function dot(a: Float32Array, i: number, b: Float32Array, j: number, dim: number): number {
  let sum = 0;
  for (let c = 0; c < dim; c++) sum += (a[i + c] as number) * (b[j + c] as number);
  return sum;
}

function bpr(
  left: Float32Array,
  positives: Float32Array,
  negatives: Float32Array,
  size: number,
  k: number,
  dim: number,
  dLeft: Float32Array,
  dPositives: Float32Array,
  dNegatives: Float32Array,
): number {
  const scale = 1 / (size * k);
  const sumL = new Float64Array(dim);
  let total = 0;
  for (let r = 0; r < size; r++) {
    const at = r * dim;
    const positive = dot(left, at, positives, at, dim);
    let pull = 0;
    sumL.fill(0);
    for (let m = 0; m < k; m++) {
      const nat = (r * k + m) * dim;
      const margin = positive - dot(left, at, negatives, nat, dim);
      total += softplus(-margin);
      const g = sigmoid(-margin) * scale;
      pull += g;
      for (let c = 0; c < dim; c++) {
        dNegatives[nat + c] = g * (left[at + c] as number);
        sumL[c] = (sumL[c] as number) + g * (negatives[nat + c] as number);
      }
    }
    for (let c = 0; c < dim; c++) {
      dLeft[at + c] = (sumL[c] as number) - pull * (positives[at + c] as number);
      dPositives[at + c] = -pull * (left[at + c] as number);
    }
  }
  return total * scale;
}

/** d loss / d ⟨left, right⟩ of one row spreads to both sides. */
function spread(
  g: number,
  left: Float32Array,
  right: Float32Array,
  at: number,
  dim: number,
  dLeft: Float32Array,
  dRight: Float32Array,
): void {
  for (let c = at; c < at + dim; c++) {
    dLeft[c] = g * (right[c] as number);
    dRight[c] = g * (left[c] as number);
  }
}

function bce(
  left: Float32Array,
  right: Float32Array,
  labels: Float32Array,
  mask: Uint8Array | null,
  size: number,
  dim: number,
  dLeft: Float32Array,
  dRight: Float32Array,
): number {
  let count = size;
  if (mask !== null) {
    count = 0;
    for (let r = 0; r < size; r++) if (mask[r] !== 0) count++;
  }
  let total = 0;
  for (let r = 0; r < size; r++) {
    const at = r * dim;
    if (mask !== null && mask[r] === 0) {
      dLeft.fill(0, at, at + dim);
      dRight.fill(0, at, at + dim);
      continue;
    }
    const logit = dot(left, at, right, at, dim);
    const label = labels[r] as number;
    total += softplus(logit) - label * logit;
    spread((sigmoid(logit) - label) / count, left, right, at, dim, dLeft, dRight);
  }
  return total / count;
}

function mse(
  left: Float32Array,
  right: Float32Array,
  targets: Float32Array,
  offset: number,
  size: number,
  dim: number,
  dLeft: Float32Array,
  dRight: Float32Array,
): number {
  let total = 0;
  for (let r = 0; r < size; r++) {
    const at = r * dim;
    const error = dot(left, at, right, at, dim) + offset - (targets[r] as number);
    total += error * error;
    spread((2 * error) / size, left, right, at, dim, dLeft, dRight);
  }
  return total / size;
}

/** The reference kernels: plain TypeScript, arithmetic in float64. The trainer's must agree with them. */
export const plainOps: EmbeddingOps = { bpr, bce, mse, alignUniform };
