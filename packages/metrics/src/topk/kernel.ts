import { wasmBase64 } from "../generated/kernels.js";

/** The exports of assembly/index.ts; addresses are bytes in `memory`. */
export interface RankKernel {
  readonly memory: WebAssembly.Memory;
  setState(
    k: number,
    heapScores: number,
    heapItems: number,
    sizes: number,
    thresholds: number,
    cursors: number,
    ends: number,
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
  if (typeof WebAssembly === "undefined") return null;
  const bytes = Uint8Array.from(atob(wasmBase64), (char) => char.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return null;
  const abort = (): never => {
    throw new Error("the ranking kernel aborted");
  };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { abort } });
  return instance.exports as unknown as RankKernel;
}
