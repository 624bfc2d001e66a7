import type { GraphKernels, LayerKernels } from "./graph.js";
import type { WasmExports } from "./exports.js";

const at = (view: { readonly byteOffset: number } | null): number => (view === null ? 0 : view.byteOffset);

/** Sparse products and dense layers on a WebAssembly memory. */
export function wasmGraph(wasm: WasmExports): GraphKernels & LayerKernels {
  return {
    propagate: ({ offsets, indices, values }, nodes, count, x, dim, base, scale, out) =>
      wasm.propagate(at(offsets), at(indices), at(values), at(nodes), count, at(x), dim, at(base), scale, at(out)),
    spread: ({ offsets, indices, values }, nodes, count, g, dim, out) =>
      wasm.spread(at(offsets), at(indices), at(values), at(nodes), count, at(g), dim, at(out)),
    reach: ({ offsets, indices }, nodes, count, g, dim, hits) =>
      wasm.reach(at(offsets), at(indices), at(nodes), count, at(g), dim, at(hits)),
    spreadWide: ({ offsets, indices, values }, nodes, count, g, dim, out, { places, sums }) =>
      wasm.spreadWide(...[offsets, indices, values, nodes].map(at), count, at(g), dim, at(out), at(places), at(sums)),
    dropEdges: ({ offsets, indices, values }, count, { first, second, threshold, scale }, out) =>
      wasm.dropEdges(at(offsets), at(indices), at(values), count, first, second, threshold, scale, at(out)),
    product: (x, count, inner, m, columns, bias, add, out) =>
      wasm.product(at(x), count, inner, at(m), columns, at(bias), Number(add), at(out)),
    outer: (y, count, m, x, n, totals) => wasm.outer(at(y), count, m, at(x), n, at(totals)),
    columnSums: (y, count, m, totals) => wasm.columnSums(at(y), count, m, at(totals)),
    add: (a, b, length, out) => wasm.add(at(a), at(b), length, at(out)),
    multiply: (a, b, length, add, out) => wasm.multiply(at(a), at(b), length, Number(add), at(out)),
    leaky: (act, g, slope, length, out) => wasm.leaky(at(act), at(g), slope, length, at(out)),
    unit: (x, count, dim, out, inverse) => wasm.unit(at(x), count, dim, at(out), at(inverse)),
    unitBack: (g, unit, inverse, count, dim, out) => wasm.unitBack(at(g), at(unit), at(inverse), count, dim, at(out)),
    columns: (x, xWidth, from, count, dim, add, out, outWidth, to) =>
      wasm.columns(at(x), xWidth, from, count, dim, Number(add), at(out), outWidth, to),
    drop: (x, nodes, count, dim, { first, second, threshold, scale }, out) =>
      wasm.drop(at(x), at(nodes), count, dim, first, second, threshold, scale, at(out)),
  };
}
