import type { WasmExports } from "../kernels/exports.js";
import type { Call, Crew } from "./crew.js";

/** A crew at work on one arena. */
export interface Team {
  readonly wasm: WasmExports;
  readonly threads: number;
  readonly run: (calls: readonly Call[], meanwhile?: () => void) => Float64Array;
  readonly configure: (name: "configure" | "correct", values: readonly number[]) => void;
  /**
   * Cuts work on `count` rows of so many bytes into parts [from, to), more than there are threads, since threads are not equally fast;
   * null where handing it out costs more than it saves.
   */
  readonly cut: (count: number, bytes: number) => readonly Part[] | null;
  /** The address of so many bytes that nobody else uses, until the next call. May grow the memory. */
  readonly need: (bytes: number) => number;
}

export interface Part {
  readonly from: number;
  readonly to: number;
  /** Which of the parts. */
  readonly k: number;
}

/** Bytes of rows that take some ten microseconds. */
const leastBytes = 32_768;

export function teamOf(crew: Crew, arena: number, wasm: WasmExports, need: (bytes: number) => number): Team {
  const most = Math.min(2 * crew.threads, 128);
  return {
    wasm,
    threads: crew.threads,
    run: (calls, meanwhile) => crew.run(arena, calls, meanwhile),
    configure: (name, values) => crew.configure(arena, name, values),
    cut(count, bytes) {
      const parts = Math.min(most, count, Math.floor((count * bytes) / leastBytes));
      if (parts < 2) return null;
      const edge = (k: number): number => Math.floor((count * k) / parts);
      return Array.from({ length: parts }, (_, k) => ({ from: edge(k), to: edge(k + 1), k }));
    },
    need,
  };
}
