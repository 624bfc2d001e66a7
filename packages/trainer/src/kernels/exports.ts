import { wasmBase64 } from "../generated/kernels.js";
import { type Memory, webAssembly } from "./webassembly.js";

type Pointer = number;

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
  scatterWide(...values: number[]): number;
  tally(slots: Pointer, count: number, counts: Pointer): number;
  gram(...values: number[]): void;
  rowNorms(...values: number[]): void;
  expand(...values: number[]): void;
  configure(...values: number[]): void;
  correct(stepSize: number, root: number): void;
  applyTasks(...values: number[]): void;
  applyValues(...values: number[]): void;
  catchUp(...values: number[]): void;
  combineRows(...values: number[]): void;
  finite(x: Pointer, length: number): number;
  propagate(...values: number[]): void;
  spread(...values: number[]): void;
  toPlanes(...values: number[]): void;
  propagatePlanes(...values: number[]): void;
  spreadPlanes(...values: number[]): void;
  addScaled(...values: number[]): void;
  reach(...values: number[]): number;
  spreadWide(...values: number[]): void;
  drop(...values: number[]): void;
  dropEdges(...values: number[]): void;
  product(...values: number[]): void;
  outer(...values: number[]): void;
  columnSums(...values: number[]): void;
  add(...values: number[]): void;
  scale(...values: number[]): void;
  multiply(...values: number[]): void;
  leaky(...values: number[]): void;
  unit(...values: number[]): void;
  unitBack(...values: number[]): void;
  columns(...values: number[]): void;
}

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
