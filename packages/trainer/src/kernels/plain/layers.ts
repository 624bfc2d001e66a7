import type { LayerKernels } from "../graph.js";
import { addUp } from "./add-up.js";
import { chanceOf } from "./chance.js";

/* The twin of assembly/layers.ts: the same float operations in the same order. */

const f = Math.fround;
const nothing = 9e11;

/** ⟨a, b⟩ as `lanes.sum4` adds it up: four sums, one for every fourth coordinate, (0 + 2) + (1 + 3). */
function dot(a: Float32Array, i: number, b: Float32Array, j: number, dim: number): number {
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (let c = 0; c < dim; c++) {
    sums[c & 3] = f((sums[c & 3] as number) + f((a[i + c] as number) * (b[j + c] as number)));
  }
  return f(f(sums[0] + sums[2]) + f(sums[1] + sums[3]));
}

export const layerKernels: LayerKernels = {
  product(x, count, inner, m, columns, bias, add, out) {
    for (let r = 0; r < count; r++) {
      for (let c = 0; c < columns; c++) {
        const at = r * columns + c;
        let sum = add ? (out[at] as number) : bias === null ? 0 : (bias[c] as number);
        for (let k = 0; k < inner; k++) sum = f(sum + f((x[r * inner + k] as number) * (m[k * columns + c] as number)));
        out[at] = sum;
      }
    }
  },
  outer(y, count, m, x, n, totals) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const term = (r: number): number => f((y[r * m + i] as number) * (x[r * n + j] as number));
        totals[i * n + j] = addUp(totals[i * n + j] as number, count, term);
      }
    }
  },
  columnSums(y, count, m, totals) {
    for (let i = 0; i < m; i++) totals[i] = addUp(totals[i] as number, count, (r) => y[r * m + i] as number);
  },
  add(a, b, length, out) {
    for (let k = 0; k < length; k++) out[k] = (a[k] as number) + (b[k] as number);
  },
  scale(x, length, by) {
    const s = f(by);
    for (let k = 0; k < length; k++) x[k] = s * (x[k] as number);
  },
  multiply(a, b, length, add, out) {
    for (let k = 0; k < length; k++) {
      const x = f((a[k] as number) * (b[k] as number));
      out[k] = add ? (out[k] as number) + x : x;
    }
  },
  leaky(act, g, slope, length, out) {
    const s = f(slope);
    for (let k = 0; k < length; k++) out[k] = (act[k] as number) > 0 ? (g[k] as number) : s * (g[k] as number);
  },
  unit(x, count, dim, out, inverse) {
    for (let r = 0; r < count; r++) {
      const one = f(1 / Math.max(Math.sqrt(dot(x, r * dim, x, r * dim, dim)), 1e-12));
      inverse[r] = one;
      for (let c = r * dim; c < (r + 1) * dim; c++) out[c] = one * (x[c] as number);
    }
  },
  unitBack(g, unit, inverse, count, dim, out) {
    for (let r = 0; r < count; r++) {
      const one = inverse[r] as number;
      if (one > nothing) {
        out.fill(0, r * dim, (r + 1) * dim);
        continue;
      }
      const along = dot(g, r * dim, unit, r * dim, dim);
      for (let c = r * dim; c < (r + 1) * dim; c++) {
        out[c] = one * f((g[c] as number) - f(along * (unit[c] as number)));
      }
    }
  },
  columns(x, xWidth, from, count, dim, add, out, outWidth, to) {
    for (let r = 0; r < count; r++) {
      for (let c = 0; c < dim; c++) {
        const value = x[r * xWidth + from + c] as number;
        const at = r * outWidth + to + c;
        out[at] = add ? (out[at] as number) + value : value;
      }
    }
  },
  drop(x, nodes, count, dim, chance, out) {
    const scale = f(chance.scale);
    for (let k = 0; k < count; k++) {
      const node = nodes === null ? k : (nodes[k] as number);
      for (let c = 0; c < dim; c++) {
        const kept = chanceOf(node, c, chance) >= chance.threshold;
        out[k * dim + c] = kept ? (x[k * dim + c] as number) * scale : 0;
      }
    }
  },
};
