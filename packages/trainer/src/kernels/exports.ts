import { wasmBase64 } from "../generated/kernels.js";
import { type Memory, webAssembly } from "./webassembly.js";

type Pointer = number;

/** The exports of assembly/index.ts; pointers are byte addresses. */
export interface WasmExports {
  heap(): Pointer;
  scatterNext(...values: number[]): number;
  scatterShard(...values: number[]): number;
  claim(...values: number[]): number;
  claimAll(positions: Pointer, count: number): number;
  gramTerms(...values: number[]): void;
  addGram(...values: number[]): void;
  addUp(terms: Pointer, count: number): number;
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
  addPooled(...values: number[]): void;
  scatter(...values: number[]): number;
  scatterPooled(...values: number[]): number;
  scatterWide(...values: number[]): number;
  tally(slots: Pointer, count: number, counts: Pointer): number;
  gram(...values: number[]): void;
  rowNorms(...values: number[]): void;
  expand(...values: number[]): void;
  configure(...values: number[]): void;
  correct(stepSize: number, root: number): void;
  applyApart(...values: number[]): void;
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
  scorePairs(...values: number[]): void;
}

let bytes: Uint8Array | undefined;
let compiled: object | undefined;
let compiledShared: object | undefined;

function binary(): Uint8Array {
  bytes ??= Uint8Array.from(atob(wasmBase64), (char) => char.charCodeAt(0));
  return bytes;
}

/** The kernels on a memory of their own, or, by {@link sharedModule}, on a shared one. */
export function instantiate(memory: Memory, module?: object): WasmExports {
  const made = module ?? (compiled ??= new webAssembly.Module(binary()));
  const imports = { env: { memory, abort: () => undefined } };
  return new webAssembly.Instance(made, imports).exports as unknown as WasmExports;
}

/** The same kernels for shared memories: the same code, of which one bit of the memory's description differs. */
export function sharedModule(): object {
  compiledShared ??= new webAssembly.Module(withSharedMemory(binary()));
  return compiledShared;
}

/** The name `memory` and what follows it in a module that imports nothing else: kind memory, and its limits' flags "has a maximum". */
const imported = [6, ...new TextEncoder().encode("memory"), 2, 1];

function withSharedMemory(module: Uint8Array): Uint8Array {
  const at = module.findIndex((_, k) => imported.every((byte, j) => module[k + j] === byte));
  const flags = at + imported.length - 1;
  const copy = module.slice();
  copy[flags] = 3;
  return copy;
}
