import type { Hyperparameters, Kernels } from "./contract.js";
import type { WasmExports } from "./exports.js";
import { wasmGraph } from "./wasm-graph.js";
import type { Memory } from "./webassembly.js";

type Pointer = number;
type View = { readonly byteOffset: number };
/** Addresses of several views, in the table of pointers. */
export type List = (views: readonly View[]) => Pointer;

/** Tasks that fit the table of pointers in front of a memory's first region. */
export const mostTasks = 256;

export const at = (view: View | null): Pointer => (view === null ? 0 : view.byteOffset);

/** Writes addresses to `pointers`, a table of {@link mostTasks} of them in a memory. */
export function pointerList(memory: Memory, pointers: Pointer): List {
  return (views) => {
    const cells = new Uint32Array(memory.buffer, pointers, views.length);
    for (let k = 0; k < views.length; k++) cells[k] = (views[k] as View).byteOffset;
    return pointers;
  };
}

export function wasmKernels(wasm: WasmExports, list: List): Kernels {
  return {
    kind: "wasm",
    ...slotKernels(wasm),
    ...rowKernels(wasm, list),
    ...optimizerKernels(wasm, list),
    ...wasmGraph(wasm),
  };
}

function slotKernels(wasm: WasmExports): Pick<Kernels, "locate" | "rehash" | "sortSlots"> {
  return {
    locate: (ids, count, rows, { cells, shift, slotIds, used }, slots) =>
      wasm.locate(at(ids), count, rows, at(cells), shift, at(slotIds), used, at(slots)),
    rehash: ({ cells, shift, slotIds, used }) => wasm.rehash(at(cells), shift, at(slotIds), used),
    sortSlots: (slotIds, used, rows, order, temp, histogram) =>
      wasm.sortSlots(at(slotIds), used, rows, at(order), at(temp), at(histogram)),
  };
}

type RowKernels = Pick<
  Kernels,
  | "gather"
  | "gatherPooled"
  | "addPooled"
  | "scatter"
  | "scatterPooled"
  | "scatterWide"
  | "tally"
  | "gram"
  | "rowNorms"
  | "expand"
  | "combine"
  | "finite"
>;

/** A task's column of the positions: where it begins, and the bytes from one slot to the next. */
const column = (positions: Int32Array, tasks: number, task: number): readonly [Pointer, number] => [
  at(positions) + 4 * task,
  4 * tasks,
];

function rowKernels(wasm: WasmExports, list: List): RowKernels {
  return {
    gather: (table, ids, count, dim, out) => wasm.gather(at(table), at(ids), count, dim, at(out)),
    gatherPooled: (table, ids, { offsets, mean }, count, dim, out) =>
      wasm.gatherPooled(at(table), at(ids), at(offsets), count, dim, Number(mean), at(out)),
    addPooled: (table, ids, { offsets, weights = null }, count, dim, out) =>
      wasm.addPooled(at(table), at(ids), at(offsets), at(weights), count, dim, at(out)),
    scatter({ gradient, slots, count, dim, scale }, { positions, tasks, task, sum, used }) {
      const [from, stride] = column(positions, tasks, task);
      return wasm.scatter(at(gradient), at(slots), count, dim, from, stride, at(sum), used, scale);
    },
    scatterPooled({ gradient, slots, count, dim, scale }, { offsets, mean, weights = null }, into) {
      const { positions, tasks, task, sum, used } = into;
      const [from, stride] = column(positions, tasks, task);
      const each = Number(mean);
      return wasm.scatterPooled(
        at(gradient),
        at(slots),
        at(offsets),
        at(weights),
        count,
        dim,
        each,
        from,
        stride,
        at(sum),
        used,
        scale,
      );
    },
    scatterWide(
      { gradient, slots, count, dim, scale },
      pooling,
      { positions, tasks, task, sum, used },
      { places, sums },
    ) {
      const [from, stride] = column(positions, tasks, task);
      return wasm.scatterWide(
        at(gradient),
        at(slots),
        at(pooling?.offsets ?? null),
        at(pooling?.weights ?? null),
        count,
        dim,
        Number(pooling?.mean ?? false),
        from,
        stride,
        at(sum),
        used,
        scale,
        at(places),
        at(sums),
      );
    },
    tally: (slots, count, counts) => wasm.tally(at(slots), count, at(counts)),
    gram({ positions, tasks, sums, used, dim }, { normsOnly, ranks }, out) {
      const perRow = Number(ranks !== null);
      wasm.gram(at(positions), used, tasks, list(sums), dim, Number(normsOnly), at(ranks), perRow, at(out));
    },
    rowNorms: ({ positions, tasks, sums, used, dim }, ranks, out) =>
      wasm.rowNorms(at(positions), used, tasks, list(sums), dim, at(ranks), at(out)),
    expand({ positions, tasks, sums, used, dim }, task, order, out) {
      const [from, stride] = column(positions, tasks, task);
      wasm.expand(from, stride, used, at(sums[task] as Float32Array), dim, at(order), at(out));
    },
    combine: ({ positions, tasks, sums, used, dim }, { weights, perRow }, order, places, out) =>
      wasm.combineRows(
        at(positions),
        used,
        at(order),
        tasks,
        list(sums),
        at(weights),
        Number(perRow),
        dim,
        at(places),
        at(out),
      ),
    finite: (x, length) => wasm.finite(at(x), length) !== 0,
  };
}

type OptimizerKernels = Pick<
  Kernels,
  "configure" | "correct" | "applyApart" | "applyTasks" | "applyValues" | "catchUp"
>;

const kinds = { sgd: 0, adam: 1, adagrad: 2 } as const;

/** What the kernel `configure` takes. */
export const configuration = (h: Hyperparameters): readonly number[] => [
  kinds[h.kind],
  h.decay,
  h.keep,
  h.rate,
  1 - h.beta1,
  h.beta2,
  1 - h.beta2,
  h.epsilon,
  h.momentum,
];

function optimizerKernels(wasm: WasmExports, list: List): OptimizerKernels {
  return {
    configure: (constants) => wasm.configure(...configuration(constants)),
    correct: (stepSize, root) => wasm.correct(stepSize, root),
    applyTasks: (
      rows,
      { slotIds, used, order },
      { positions, tasks, sums },
      { weights, perRow },
      buffer,
      bound = Infinity,
    ) =>
      wasm.applyTasks(
        at(rows.weights),
        at(rows.first),
        at(rows.second),
        at(slotIds),
        used,
        at(order),
        at(positions),
        tasks,
        list(sums),
        at(weights),
        Number(perRow),
        rows.dim,
        at(buffer),
        bound,
      ),
    applyApart: (rows, { slotIds, used, order }, { positions, tasks, sums }, weights, { sizes, roots, last }) =>
      wasm.applyApart(
        at(rows.weights),
        at(rows.first),
        at(rows.second),
        at(rows.counts),
        at(slotIds),
        used,
        at(order),
        at(positions),
        tasks,
        list(sums),
        at(weights),
        at(sizes),
        at(roots),
        last,
        rows.dim,
      ),
    applyValues: ({ weights, first, second, dim }, { slotIds, used, order }, values, scale = 1, bound = Infinity) =>
      wasm.applyValues(at(weights), at(first), at(second), at(slotIds), used, at(order), at(values), dim, scale, bound),
    catchUp: ({ weights, first, second, dim }, { last, until, stepSizes, roots }, ids, count, buffer) =>
      wasm.catchUp(
        at(weights),
        at(first),
        at(second),
        at(last),
        at(ids),
        count,
        until,
        at(stepSizes),
        at(roots),
        dim,
        at(buffer),
      ),
  };
}
