import type { GraphKernels, LayerKernels, PlaneKernels } from "./graph.js";
import type { WasmExports } from "./exports.js";

const at = (view: { readonly byteOffset: number } | null): number => (view === null ? 0 : view.byteOffset);

/** Bytes of a node in a plane. */
const line = 64;

/** Sparse products and dense layers on a WebAssembly memory. */
export function wasmGraph(wasm: WasmExports): GraphKernels & PlaneKernels & LayerKernels {
  return {
    propagate: ({ offsets, indices, values }, nodes, count, x, dim, base, scale, out) =>
      wasm.propagate(at(offsets), at(indices), at(values), at(nodes), count, at(x), dim, at(base), scale, at(out)),
    spread: ({ offsets, indices, values }, nodes, count, g, dim, out) =>
      wasm.spread(at(offsets), at(indices), at(values), at(nodes), count, at(g), dim, at(out)),
    reach: ({ offsets, indices }, nodes, count, g, dim, hits) =>
      wasm.reach(at(offsets), at(indices), at(nodes), count, at(g), dim, at(hits)),
    spreadWide: ({ offsets, indices, values }, nodes, count, g, dim, out, { places, sums }) =>
      wasm.spreadWide(...[offsets, indices, values, nodes].map(at), count, at(g), dim, at(out), at(places), at(sums)),
    toPlanes: (x, only, count, dim, nodes, out) => wasm.toPlanes(at(x), at(only), count, dim, line * nodes, at(out)),
    propagatePlanes({ offsets, indices, values }, only, count, x, dim, nodes, base, scale, out, flat) {
      const matrix = [at(offsets), at(indices), at(values)];
      const plane = line * nodes;
      const added = [at(base), flat.base ? 0 : plane];
      wasm.propagatePlanes(
        ...matrix,
        at(only),
        count,
        at(x),
        plane,
        dim,
        ...added,
        scale,
        at(out),
        flat.out ? 0 : plane,
      );
    },
    spreadPlanes({ offsets, indices, values }, only, count, g, dim, nodes, out, wide) {
      const matrix = [at(offsets), at(indices), at(values)];
      const into = [at(out), line * nodes, at(wide?.places ?? null), at(wide?.sums ?? null)];
      wasm.spreadPlanes(...matrix, at(only), count, at(g), dim, ...into, 0, 4 * dim);
    },
    addScaled: (x, nodes, times, count, dim, scale, out) =>
      wasm.addScaled(at(x), at(nodes), at(times), count, dim, scale, at(out)),
    dropEdges: ({ offsets, indices, values }, count, { first, second, threshold, scale }, out) =>
      wasm.dropEdges(at(offsets), at(indices), at(values), count, first, second, threshold, scale, at(out)),
    product: (x, count, inner, m, columns, bias, add, out) =>
      wasm.product(at(x), count, inner, at(m), columns, at(bias), Number(add), at(out)),
    outer: (y, count, m, x, n, totals) => wasm.outer(at(y), count, m, 0, m, at(x), n, at(totals)),
    columnSums: (y, count, m, totals) => wasm.columnSums(at(y), count, m, at(totals)),
    add: (a, b, length, out) => wasm.add(at(a), at(b), length, at(out)),
    scale: (x, length, by) => wasm.scale(at(x), length, by),
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
