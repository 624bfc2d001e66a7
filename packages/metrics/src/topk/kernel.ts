import { wasmBase64 } from "../generated/kernels.js";

/** As much of the WebAssembly API as is used here: neither the ES library nor Node's types declare it. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** The exports of assembly/index.ts; addresses are bytes in `memory`. */
export interface RankKernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  setState(
    k: number,
    heapScores: number,
    heapItems: number,
    sizes: number,
    thresholds: number,
    cursors: number,
    ends: number,
    tied: number,
    excluded: number,
  ): void;
  rank(
    vectors: number,
    users: number,
    count: number,
    dim: number,
    panels: number,
    panelCount: number,
    first: number,
    limit: number,
  ): number;
  finish(count: number): void;
  nanUser(): number;
  nanItem(): number;
}

let kernel: RankKernel | null | undefined;

/** The compiled kernel, one per thread; null where the engine has no WebAssembly SIMD. */
export function rankKernel(): RankKernel | null {
  if (kernel === undefined) kernel = load();
  return kernel;
}

function load(): RankKernel | null {
  const { WebAssembly: wasm } = globalThis as { WebAssembly?: WebAssemblyApi };
  const bytes = Uint8Array.from(atob(wasmBase64), (char) => char.charCodeAt(0));
  if (!wasm?.validate(bytes)) return null;
  return new wasm.Instance(new wasm.Module(bytes)).exports as RankKernel;
}
