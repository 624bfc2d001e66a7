import type { Graph } from "./graph.js";

/**
 * A graph's matrix in compressed rows: row n has `values[e]` in the columns `indices[e]`, offsets[n] ≤ e < offsets[n + 1]. Where
 * there is an edge there is one back, so the transpose has the same places, with the values `back`.
 */
export interface GraphMatrix {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
  /** Of the transpose; the same array where the matrix is symmetric. */
  readonly back: Float64Array;
}

/**
 * `symmetric`: S = D^-½ A D^-½, a zero row where the degree is 0. `self-loops`: P = (D + I)⁻¹ (A + I). In float64.
 *
 * @see He et al. 2020, eq. 8; Wang et al. 2019, the authors' code (`adj_type norm`).
 */
export function graphMatrix(graph: Graph, normalisation: "symmetric" | "self-loops"): GraphMatrix {
  return normalisation === "symmetric" ? symmetric(graph) : selfLoops(graph);
}

const degreeOf = (offsets: Int32Array, node: number): number =>
  (offsets[node + 1] as number) - (offsets[node] as number);

function symmetric({ offsets, neighbours }: Graph): GraphMatrix {
  const values = new Float64Array(neighbours.length);
  for (let n = 0; n + 1 < offsets.length; n++) {
    for (let e = offsets[n] as number; e < (offsets[n + 1] as number); e++) {
      values[e] = 1 / Math.sqrt(degreeOf(offsets, n) * degreeOf(offsets, neighbours[e] as number));
    }
  }
  return { offsets, indices: neighbours, values, back: values };
}

function selfLoops({ offsets, neighbours }: Graph): GraphMatrix {
  const nodes = offsets.length - 1;
  const looped = offsets.map((start, n) => start + n);
  const indices = new Int32Array(neighbours.length + nodes);
  const values = new Float64Array(indices.length);
  const back = new Float64Array(indices.length);
  for (let n = 0; n < nodes; n++) {
    let at = looped[n] as number;
    const put = (other: number): void => {
      indices[at] = other;
      values[at] = 1 / (degreeOf(offsets, n) + 1);
      back[at] = 1 / (degreeOf(offsets, other) + 1);
      at++;
    };
    let own = false;
    for (const other of neighbours.subarray(offsets[n], offsets[n + 1])) {
      if (!own && other > n) put(n);
      own ||= other > n;
      put(other);
    }
    if (!own) put(n);
  }
  return { offsets: looped, indices, values, back };
}
