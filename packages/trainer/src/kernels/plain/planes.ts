import type { PlaneKernels } from "../graph.js";
import { graphKernels } from "./graph.js";

/* The twin of assembly/planes.ts: the products of graph.ts, between turning blocks to rows and back. */

const columns = 16;

/** Where column c of a node is. */
const cell = (node: number, c: number, nodes: number): number =>
  (Math.floor(c / columns) * nodes + node) * columns + (c % columns);

function rowsOf(x: Float32Array, dim: number, nodes: number): Float32Array {
  const out = new Float32Array(nodes * dim);
  for (let n = 0; n < nodes; n++) for (let c = 0; c < dim; c++) out[n * dim + c] = x[cell(n, c, nodes)] as number;
  return out;
}

export const planeKernels: PlaneKernels = {
  toPlanes(x, only, count, dim, nodes, out) {
    for (let k = 0; k < count; k++) {
      for (let c = 0; c < dim; c++) {
        const to = cell(only === null ? k : (only[k] as number), c, nodes);
        const value = x[k * dim + c] as number;
        out[to] = only === null ? value : (out[to] as number) + value;
      }
    }
  },
  propagatePlanes(matrix, only, count, x, dim, nodes, base, scale, out, flat) {
    const rows = rowsOf(x, dim, nodes);
    const made = flat.out ? out : new Float32Array(count * dim);
    const under = base === null || flat.base ? base : rowsOf(base, dim, nodes);
    graphKernels.propagate(matrix, only, count, rows, dim, under, scale, made);
    if (!flat.out) planeKernels.toPlanes(made, null, count, dim, nodes, out);
  },
  spreadPlanes(matrix, only, count, g, dim, nodes, out, wide) {
    const rows = rowsOf(out, dim, nodes);
    if (wide === null) graphKernels.spread(matrix, only, count, g, dim, rows);
    else graphKernels.spreadWide(matrix, only, count, g, dim, rows, wide);
    planeKernels.toPlanes(rows, null, nodes, dim, nodes, out);
  },
};
