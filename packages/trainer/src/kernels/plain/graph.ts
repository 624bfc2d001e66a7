import type { GraphKernels, Rows } from "../graph.js";
import { addUp } from "./add-up.js";
import { chanceOf } from "./chance.js";

/* The twin of assembly/graph.ts: the same float operations in the same order. */

const f = Math.fround;

export const graphKernels: GraphKernels = {
  propagate({ offsets, indices, values }, nodes, count, x, dim, base, scale, out) {
    const s = f(scale);
    for (let k = 0; k < count; k++) {
      const node = nodes === null ? k : (nodes[k] as number);
      const first = offsets[node] as number;
      const degree = (offsets[node + 1] as number) - first;
      for (let c = 0; c < dim; c++) {
        const term = (e: number): number =>
          f((values[first + e] as number) * (x[(indices[first + e] as number) * dim + c] as number));
        const total = f(addUp(0, degree, term));
        out[k * dim + c] = s * (base === null ? total : f(total + (base[node * dim + c] as number)));
      }
    }
  },
  spread(matrix, nodes, count, g, dim, out) {
    spreading(matrix, nodes, count, g, dim, (e, row) =>
      addRow(out, (matrix.indices[e] as number) * dim, matrix, e, row),
    );
  },
  reach(matrix, nodes, count, g, dim, hits) {
    let most = 0;
    spreading(matrix, nodes, count, g, dim, (e) => {
      const node = matrix.indices[e] as number;
      hits[node] = (hits[node] as number) + 1;
      most = Math.max(most, hits[node] as number);
    });
    return most;
  },
  spreadWide(matrix, nodes, count, g, dim, out, { places, sums }) {
    spreading(matrix, nodes, count, g, dim, (e, row) => {
      const node = matrix.indices[e] as number;
      const place = places[node] as number;
      addRow(place < 0 ? out : sums, (place < 0 ? node : place) * dim, matrix, e, row);
    });
  },
  addScaled(x, nodes, times, count, dim, scale, out) {
    for (let k = 0; k < count; k++) {
      const by = f(f(scale) * (times[k] as number));
      const from = (nodes[k] as number) * dim;
      for (let c = from; c < from + dim; c++) out[c] = (out[c] as number) + f(by * (x[c] as number));
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

/** Each edge of the nodes whose rows of `g` are not zeros, with that row. */
function spreading(
  { offsets }: Rows,
  nodes: Int32Array,
  count: number,
  g: Float32Array,
  dim: number,
  take: (edge: number, row: Float32Array) => void,
): void {
  for (let k = 0; k < count; k++) {
    const row = g.subarray(k * dim, (k + 1) * dim);
    if (row.every((x) => x === 0)) continue;
    const node = nodes[k] as number;
    for (let e = offsets[node] as number; e < (offsets[node + 1] as number); e++) take(e, row);
  }
}

/** to[at …] += the edge's value × row; the product in float32. */
function addRow(to: Float32Array | Float64Array, at: number, { values }: Rows, edge: number, row: Float32Array): void {
  const value = values[edge] as number;
  for (let c = 0; c < row.length; c++) to[at + c] = (to[at + c] as number) + f(value * (row[c] as number));
}
