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
 * `symmetric`: S = D^-½ A D^-½, a zero row where the degree is 0. `self-loops`: P = (D + I)⁻¹ (A + I). In float64. A holds the
 * edges' weights, D its row sums: with weights too S keeps its norm of 1 at most, and a node mixes kinds of edges by them.
 *
 * @see He et al. 2020, eq. 8; Wang et al. 2019, the authors' code (`adj_type norm`).
 */
export function graphMatrix(graph: Graph, normalisation: "symmetric" | "self-loops"): GraphMatrix {
  return normalisation === "symmetric" ? symmetric(graph) : selfLoops(graph);
}

/** Row sums of A. */
function degreesOf({ offsets, weights }: Graph): Float64Array {
  return Float64Array.from({ length: offsets.length - 1 }, (_, n) => {
    const [from, to] = [offsets[n] as number, offsets[n + 1] as number];
    return weights === undefined ? to - from : weights.subarray(from, to).reduce((sum, weight) => sum + weight, 0);
  });
}

function symmetric(graph: Graph): GraphMatrix {
  const { offsets, neighbours, weights } = graph;
  const degrees = degreesOf(graph);
  const values = new Float64Array(neighbours.length);
  for (let n = 0; n + 1 < offsets.length; n++) {
    for (let e = offsets[n] as number; e < (offsets[n + 1] as number); e++) {
      const product = (degrees[n] as number) * (degrees[neighbours[e] as number] as number);
      values[e] = (weights?.[e] ?? 1) / Math.sqrt(product);
    }
  }
  return { offsets, indices: neighbours, values, back: values };
}

function selfLoops(graph: Graph): GraphMatrix {
  const { offsets, neighbours, weights } = graph;
  const degrees = degreesOf(graph);
  const nodes = offsets.length - 1;
  const looped = offsets.map((start, n) => start + n);
  const indices = new Int32Array(neighbours.length + nodes);
  const values = new Float64Array(indices.length);
  const back = new Float64Array(indices.length);
  for (let n = 0; n < nodes; n++) {
    let at = looped[n] as number;
    const put = (other: number, weight: number): void => {
      indices[at] = other;
      values[at] = weight / ((degrees[n] as number) + 1);
      back[at] = weight / ((degrees[other] as number) + 1);
      at++;
    };
    let own = false;
    for (let e = offsets[n] as number; e < (offsets[n + 1] as number); e++) {
      const other = neighbours[e] as number;
      if (!own && other > n) put(n, 1);
      own ||= other > n;
      put(other, weights?.[e] ?? 1);
    }
    if (!own) put(n, 1);
  }
  return { offsets: looped, indices, values, back };
}
