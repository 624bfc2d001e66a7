import type { FloatArray } from "@gradpool/core";
import type { Block, GraphOps, Matrix } from "@gradpool/models";
import type { Arena } from "../memory/arena.js";
import type { Adjacency } from "./adjacency.js";
import { arenaBlock, f32 } from "./block.js";
import { productOps } from "./products.js";

const size = ({ rows, width }: Block): number => rows * width;

/**
 * The encoders' arithmetic as kernels on an arena's memory. Every operation shapes its result, then takes its views. `widest`:
 * numbers of the largest weight that is multiplied with.
 */
export function graphOps(arena: Arena, graph: Adjacency, widest: number): GraphOps {
  const { nodes } = graph;
  return {
    nodes,
    block: () => arenaBlock(arena, nodes),
    ...productOps(arena, graph),
    ...rowOps(arena),
    ...layerOps(arena),
    ...matrixOps(arena, widest),
  };
}

type RowOps = Pick<GraphOps, "gather" | "scale" | "paste" | "cut" | "drop">;

function rowOps({ kernels }: Arena): RowOps {
  return {
    gather(x, only, out) {
      out.shape(only.count, x.width);
      kernels.gather(f32(x), only.ids, only.count, x.width, f32(out));
    },
    scale(x, by) {
      kernels.scale(f32(x), size(x), by);
    },
    paste: (x, out, to) => kernels.columns(f32(x), x.width, 0, x.rows, x.width, false, f32(out), out.width, to),
    cut: (x, from, out) => kernels.columns(f32(x), x.width, from, out.rows, out.width, false, f32(out), out.width, 0),
    drop: (x, only, chance) => kernels.drop(f32(x), only?.ids ?? null, x.rows, x.width, chance, f32(x)),
  };
}

function layerOps({ kernels }: Arena): Pick<GraphOps, "add" | "multiply" | "leaky" | "unit" | "unitBack"> {
  const like = (x: Block, out: Block): Block => out.shape(x.rows, x.width);
  return {
    add(a, b, out) {
      like(a, out);
      kernels.add(f32(a), f32(b), size(a), f32(out));
    },
    multiply(a, b, out, adds = false) {
      like(a, out);
      kernels.multiply(f32(a), f32(b), size(a), adds, f32(out));
    },
    leaky(act, g, slope, out) {
      like(g, out);
      kernels.leaky(f32(act), f32(g), slope, size(g), f32(out));
    },
    unit(x, out, inverse) {
      like(x, out);
      inverse.shape(x.rows, 1);
      kernels.unit(f32(x), x.rows, x.width, f32(out), f32(inverse));
    },
    unitBack(g, unit, inverse, out) {
      like(g, out);
      kernels.unitBack(f32(g), f32(unit), f32(inverse), g.rows, g.width, f32(out));
    },
  };
}

function matrixOps(arena: Arena, widest: number): Pick<GraphOps, "product" | "outer" | "columnSums"> {
  const { kernels } = arena;
  // All of it at once: weights are handed in as views, which would be gone if memory grew here.
  const turning = arena.allocate(4 * widest);
  const totals = arena.allocate(8 * widest);

  /** out += sums that are made in float64. */
  function inFloat64(out: FloatArray, add: (sums: Float64Array) => void): void {
    const sums = totals.f64.fill(0, 0, out.length);
    add(sums);
    for (let k = 0; k < out.length; k++) out[k] = (out[k] as number) + (sums[k] as number);
  }

  /** The matrix row-major as it is multiplied with, inner × columns. */
  function upright({ values, transposed }: Matrix, inner: number, columns: number): Float32Array {
    if (!transposed) return values as Float32Array;
    const out = turning.f32;
    for (let k = 0; k < inner; k++)
      for (let c = 0; c < columns; c++) out[k * columns + c] = values[c * inner + k] as number;
    return out;
  }

  return {
    product(x, m, out, start) {
      const bias = start === undefined || start === "add" ? null : (start as Float32Array);
      const turned = upright(m, x.width, out.width);
      kernels.product(f32(x), x.rows, x.width, turned, out.width, bias, start === "add", f32(out));
    },
    outer: (y, x, out) => inFloat64(out, (sums) => kernels.outer(f32(y), y.rows, y.width, f32(x), x.width, sums)),
    columnSums: (y, out) => inFloat64(out, (sums) => kernels.columnSums(f32(y), y.rows, y.width, sums)),
  };
}
