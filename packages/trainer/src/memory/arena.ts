import type { Kernels } from "../kernels/contract.js";
import type { WasmExports } from "../kernels/exports.js";
import type { Team } from "../threads/team.js";

/**
 * A stretch of memory. Its views are made afresh when the memory has grown (which detaches the old ones): take them from the
 * region each time, do not keep them.
 */
export interface Region {
  readonly bytes: number;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly u8: Uint8Array;
}

/** Memory with the kernels that work on it. */
export interface Arena {
  readonly kernels: Kernels;
  /** The raw kernels; absent in plain arenas. */
  readonly wasm?: WasmExports;
  /** Who runs them, this thread alone or several; absent in plain arenas. */
  readonly team?: Team;
  /** True for views of this arena's memory. */
  owns(view: ArrayBufferView): boolean;
  /** A view of `length` floats at a byte address of this memory as it is now (wasm arenas only). */
  view(at: number, length: number): Float32Array;
  /** Bytes that can still be had; Infinity for plain arenas. */
  room(): number;
  /** Zeros where never used before. */
  allocate(bytes: number): Region;
  /** Gives a region back for later `allocate`s; its contents are lost. */
  free(region: Region): void;
  /** Bytes handed out. */
  used(): number;
}
