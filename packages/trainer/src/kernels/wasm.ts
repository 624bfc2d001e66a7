import { wasmBase64 } from "../generated/kernels.js";
import type { Kernels } from "./contract.js";
import { type Memory, webAssembly } from "./webassembly.js";

type Pointer = number;
type View = { readonly byteOffset: number };

/** The exports of assembly/index.ts; pointers are byte addresses. */
export interface WasmExports {
  heap(): Pointer;
  locate(
    ids: Pointer,
    count: number,
    rows: number,
    hash: Pointer,
    shift: number,
    slotIds: Pointer,
    used: number,
    slots: Pointer,
  ): number;
  rehash(hash: Pointer, shift: number, slotIds: Pointer, used: number): void;
  sortSlots(slotIds: Pointer, used: number, rows: number, order: Pointer, temp: Pointer, histogram: Pointer): void;
  bpr(...values: number[]): number;
  bce(...values: number[]): number;
  mse(...values: number[]): number;
  alignUniform(...values: number[]): number;
  gather(...values: number[]): void;
  gatherPooled(...values: number[]): void;
  scatter(...values: number[]): number;
  scatterPooled(...values: number[]): number;
  gram(...values: number[]): void;
  rowNorms(...values: number[]): void;
  expand(...values: number[]): void;
  configure(...values: number[]): void;
  correct(stepSize: number, root: number): void;
  applyTasks(...values: number[]): void;
  applyValues(...values: number[]): void;
  catchUp(...values: number[]): void;
}

/** Tasks that fit the table of pointers in front of a memory's first region. */
export const mostTasks = 256;

let compiled: object | undefined;

/** The kernels on a memory of their own. */
export function instantiate(memory: Memory): WasmExports {
  if (compiled === undefined) {
    const text = atob(wasmBase64);
    compiled = new webAssembly.Module(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  }
  const imports = { env: { memory, abort: () => undefined } };
  return new webAssembly.Instance(compiled, imports).exports as unknown as WasmExports;
}

const at = (view: View | null): Pointer => (view === null ? 0 : view.byteOffset);

/** `pointers`: address of a table of {@link mostTasks} pointers. */
export function wasmKernels(wasm: WasmExports, memory: Memory, pointers: Pointer): Kernels {
  const list = (views: readonly View[]): Pointer => {
    const cells = new Uint32Array(memory.buffer, pointers, views.length);
    for (let k = 0; k < views.length; k++) cells[k] = (views[k] as View).byteOffset;
    return pointers;
  };
  return {
    kind: "wasm",
    locate: (ids, count, rows, hash, shift, slotIds, used, slots) =>
      wasm.locate(at(ids), count, rows, at(hash), shift, at(slotIds), used, at(slots)),
    rehash: (hash, shift, slotIds, used) => wasm.rehash(at(hash), shift, at(slotIds), used),
    sortSlots: (slotIds, used, rows, order, temp, histogram) =>
      wasm.sortSlots(at(slotIds), used, rows, at(order), at(temp), at(histogram)),
    gather: (table, ids, count, dim, out) => wasm.gather(at(table), at(ids), count, dim, at(out)),
    gatherPooled: (table, ids, offsets, count, dim, mean, out) =>
      wasm.gatherPooled(at(table), at(ids), at(offsets), count, dim, Number(mean), at(out)),
    scatter: (gradient, slots, count, dim, positions, tasks, task, accumulator, used, scale) =>
      wasm.scatter(
        at(gradient),
        at(slots),
        count,
        dim,
        at(positions) + 4 * task,
        4 * tasks,
        at(accumulator),
        used,
        scale,
      ),
    scatterPooled: (gradient, slots, offsets, count, dim, mean, positions, tasks, task, accumulator, used, scale) =>
      wasm.scatterPooled(
        at(gradient),
        at(slots),
        at(offsets),
        count,
        dim,
        Number(mean),
        at(positions) + 4 * task,
        4 * tasks,
        at(accumulator),
        used,
        scale,
      ),
    gram: (positions, used, tasks, accumulators, dim, normsOnly, ranks, perRow, out) =>
      wasm.gram(
        at(positions),
        used,
        tasks,
        list(accumulators),
        dim,
        Number(normsOnly),
        at(ranks),
        Number(perRow),
        at(out),
      ),
    rowNorms: (positions, used, tasks, accumulators, dim, ranks, out) =>
      wasm.rowNorms(at(positions), used, tasks, list(accumulators), dim, at(ranks), at(out)),
    expand: (positions, tasks, task, used, accumulator, dim, order, out) =>
      wasm.expand(at(positions) + 4 * task, 4 * tasks, used, at(accumulator), dim, at(order), at(out)),
    configure: (h) =>
      wasm.configure(
        { sgd: 0, adam: 1, adagrad: 2 }[h.kind],
        h.decay,
        h.keep,
        h.rate,
        1 - h.beta1,
        h.beta2,
        1 - h.beta2,
        h.epsilon,
        h.momentum,
      ),
    correct: (stepSize, root) => wasm.correct(stepSize, root),
    applyTasks: (
      table,
      first,
      second,
      slotIds,
      used,
      order,
      positions,
      tasks,
      accumulators,
      weights,
      perRow,
      dim,
      buffer,
    ) =>
      wasm.applyTasks(
        at(table),
        at(first),
        at(second),
        at(slotIds),
        used,
        at(order),
        at(positions),
        tasks,
        list(accumulators),
        at(weights),
        Number(perRow),
        dim,
        at(buffer),
      ),
    applyValues: (table, first, second, slotIds, used, order, values, dim) =>
      wasm.applyValues(at(table), at(first), at(second), at(slotIds), used, at(order), at(values), dim),
    catchUp: (table, first, second, last, ids, count, until, stepSizes, roots, dim, buffer) =>
      wasm.catchUp(
        at(table),
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
