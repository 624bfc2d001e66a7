import type { WideRows } from "./wide-rows.js";

/** A sparse matrix over nodes in compressed rows: row r has `values[e]` in the columns `indices[e]`, offsets[r] ≤ e < offsets[r + 1]. */
export interface Rows {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** Two numbers that decide, with a place, whether it is dropped; `threshold` of 2³² places are. */
export interface Chance {
  readonly first: number;
  readonly second: number;
  readonly threshold: number;
  /** What the places that stay are multiplied by. */
  readonly scale: number;
}

/** Sparse products. Same bits in both implementations, as with all kernels. */
export interface GraphKernels {
  /**
   * out = scale (S x + base): each coordinate's sum in the order of the row's edges, the base last. `nodes` null: all `count` rows;
   * else row k of `out` is that of node nodes[k]. `x` and `base` have a row for each node.
   */
  propagate(
    matrix: Rows,
    nodes: Int32Array | null,
    count: number,
    x: Float32Array,
    dim: number,
    base: Float32Array | null,
    scale: number,
    out: Float32Array,
  ): void;
  /** out += Sᵀ g, where row k of `g` is that of node nodes[k], and all other rows are zero. Costs these nodes' edges only. */
  spread(matrix: Rows, nodes: Int32Array, count: number, g: Float32Array, dim: number, out: Float32Array): void;
  /** Counts by node what `spread` would add to it: hits[node]++. Returns the largest count. */
  reach(matrix: Rows, nodes: Int32Array, count: number, g: Float32Array, dim: number, hits: Int32Array): number;
  /** As `spread`, but the nodes that have a place in `wide` are added up there. */
  spreadWide(
    matrix: Rows,
    nodes: Int32Array,
    count: number,
    g: Float32Array,
    dim: number,
    out: Float32Array,
    wide: WideRows,
  ): void;
  /** out[n] += scale × times[k] × x[n] for each n = nodes[k], the factor in float32. */
  addScaled(
    x: Float32Array,
    nodes: Int32Array,
    times: Float32Array,
    count: number,
    dim: number,
    scale: number,
    out: Float32Array,
  ): void;
  /** The matrix' values with some of its edges dropped, each in both directions or in none. */
  dropEdges(matrix: Rows, count: number, chance: Chance, out: Float32Array): void;
}

/**
 * The same products on blocks that stand in planes: the first 16 columns of all nodes, one node after the other, then the next 16.
 * `nodes` is how many there are, `dim` a multiple of 16. Same bits as the others.
 */
export interface PlaneKernels {
  /** x, rows of `dim`, into planes: of all nodes in turn, or (`only` not null) added to those of these nodes. */
  toPlanes(
    x: Float32Array,
    only: Int32Array | null,
    count: number,
    dim: number,
    nodes: number,
    out: Float32Array,
  ): void;
  /** As `propagate` of x in planes; `base` and `out` are in planes, too, or (flat) in rows of `dim`. */
  propagatePlanes(
    matrix: Rows,
    only: Int32Array | null,
    count: number,
    x: Float32Array,
    dim: number,
    nodes: number,
    base: Float32Array | null,
    scale: number,
    out: Float32Array,
    flat: { readonly base: boolean; readonly out: boolean },
  ): void;
  /** As `spread`, or with `wide` as `spreadWide` (its sums are in rows), into planes. */
  spreadPlanes(
    matrix: Rows,
    only: Int32Array,
    count: number,
    g: Float32Array,
    dim: number,
    nodes: number,
    out: Float32Array,
    wide: WideRows | null,
  ): void;
}

/** Dense layers over blocks of rows, row-major. */
export interface LayerKernels {
  /** out = x m (+ bias to each row, or + out if `add`): x [count, inner], m [inner, columns]. */
  product(
    x: Float32Array,
    count: number,
    inner: number,
    m: Float32Array,
    columns: number,
    bias: Float32Array | null,
    add: boolean,
    out: Float32Array,
  ): void;
  /** totals += yᵀ x: y [count, m], x [count, n]. No more than 32 products in a float32 sum. */
  outer(y: Float32Array, count: number, m: number, x: Float32Array, n: number, totals: Float64Array): void;
  /** totals += the sum of y's rows. No more than 32 in a float32 sum. */
  columnSums(y: Float32Array, count: number, m: number, totals: Float64Array): void;
  add(a: Float32Array, b: Float32Array, length: number, out: Float32Array): void;
  /** x times a number, in place. */
  scale(x: Float32Array, length: number, by: number): void;
  /** out = a b, coordinate by coordinate; += if `add`. */
  multiply(a: Float32Array, b: Float32Array, length: number, add: boolean, out: Float32Array): void;
  /** out = g where act > 0, slope × g elsewhere: leaky ReLU (g = act), or its derivative times g. */
  leaky(act: Float32Array, g: Float32Array, slope: number, length: number, out: Float32Array): void;
  /** out = x / max(‖x‖, 1e-12), row by row; `inverse`: one over that length. */
  unit(x: Float32Array, count: number, dim: number, out: Float32Array, inverse: Float32Array): void;
  /** Back through `unit`. */
  unitBack(
    g: Float32Array,
    unit: Float32Array,
    inverse: Float32Array,
    count: number,
    dim: number,
    out: Float32Array,
  ): void;
  /** `dim` columns of x, from `from` on, into the columns of `out` from `to` on; += if `add`. */
  columns(
    x: Float32Array,
    xWidth: number,
    from: number,
    count: number,
    dim: number,
    add: boolean,
    out: Float32Array,
    outWidth: number,
    to: number,
  ): void;
  /** Inverted dropout. Row k belongs to node nodes[k] (null: k), which decides what is dropped. */
  drop(x: Float32Array, nodes: Int32Array | null, count: number, dim: number, chance: Chance, out: Float32Array): void;
}
