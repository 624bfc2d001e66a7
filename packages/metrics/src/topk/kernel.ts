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
  norms(vectors: number, count: number, dim: number, bias: number, extra: number, out: number): number;
  packUsers(
    vectors: number,
    count: number,
    dim: number,
    extra: number,
    pairs: number,
    lengths: number,
    out: number,
  ): void;
  packItems(
    vectors: number,
    count: number,
    dim: number,
    bias: number,
    pairs: number,
    lengths: number,
    order: number,
    panels: number,
    ordered: number,
  ): void;
  setBounds(error: number, width: number, most: number): void;
  setFilter(
    k: number,
    room: number,
    order: number,
    items: number,
    lifts: number,
    lows: number,
    lowCounts: number,
    candidates: number,
    counts: number,
    starts: number,
    ends: number,
    excluded: number,
  ): void;
  sift(vectors: number, users: number, pairs: number, panels: number, ordered: number, from: number, to: number): void;
  settle(
    user: number,
    vector: number,
    vectors: number,
    bias: number,
    dim: number,
    scores: number,
    list: number,
    tied: number,
  ): number;
}

/** Memories that are laid out apart: a job filtered, and what of it is scored in full. */
const kernels = new Map<"full" | "filter", RankKernel | null>();

/** The compiled kernel, with a memory for each use, per thread; null where the engine has no WebAssembly SIMD. */
export function rankKernel(use: "full" | "filter" = "full"): RankKernel | null {
  let kernel = kernels.get(use);
  if (kernel === undefined) {
    kernel = load();
    kernels.set(use, kernel);
  }
  return kernel;
}

function load(): RankKernel | null {
  const { WebAssembly: wasm } = globalThis as { WebAssembly?: WebAssemblyApi };
  const bytes = Uint8Array.from(atob(wasmBase64), (char) => char.charCodeAt(0));
  if (!wasm?.validate(bytes)) return null;
  return new wasm.Instance(new wasm.Module(bytes)).exports as RankKernel;
}
