import type { GraphKernels } from "../graph.js";
import { chanceOf } from "./chance.js";

/* The twin of assembly/graph.ts: the same float operations in the same order. */

const f = Math.fround;

export const graphKernels: GraphKernels = {
  propagate({ offsets, indices, values }, nodes, count, x, dim, base, scale, out) {
    const s = f(scale);
    const sums = new Float32Array(dim);
    for (let k = 0; k < count; k++) {
      const node = nodes === null ? k : (nodes[k] as number);
      sums.fill(0);
      for (let e = offsets[node] as number; e < (offsets[node + 1] as number); e++) {
        const from = (indices[e] as number) * dim;
        const value = values[e] as number;
        for (let c = 0; c < dim; c++) sums[c] = (sums[c] as number) + f(value * (x[from + c] as number));
      }
      for (let c = 0; c < dim; c++) {
        const sum = base === null ? (sums[c] as number) : f((sums[c] as number) + (base[node * dim + c] as number));
        out[k * dim + c] = s * sum;
      }
    }
  },
  spread({ offsets, indices, values }, nodes, count, g, dim, out) {
    for (let k = 0; k < count; k++) {
      if (g.subarray(k * dim, (k + 1) * dim).every((x) => x === 0)) continue;
      const node = nodes[k] as number;
      for (let e = offsets[node] as number; e < (offsets[node + 1] as number); e++) {
        const to = (indices[e] as number) * dim;
        const value = values[e] as number;
        for (let c = 0; c < dim; c++) out[to + c] = (out[to + c] as number) + f(value * (g[k * dim + c] as number));
      }
    }
  },
  dropEdges({ offsets, indices, values }, count, chance, out) {
    const scale = f(chance.scale);
    for (let node = 0; node < count; node++) {
      for (let e = offsets[node] as number; e < (offsets[node + 1] as number); e++) {
        const other = indices[e] as number;
        const kept = chanceOf(Math.min(node, other), Math.max(node, other), chance) >= chance.threshold;
        out[e] = kept ? (values[e] as number) * scale : 0;
      }
    }
  },
};
