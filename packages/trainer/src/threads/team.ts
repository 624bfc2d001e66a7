import type { WasmExports } from "../kernels/exports.js";
import type { Crew } from "./crew.js";
import type { Call, Unit } from "./rounds.js";

/** What runs kernels on one memory: the threads of a crew, or this one alone. */
export interface Team {
  readonly wasm: WasmExports;
  readonly threads: number;
  /** Runs units: see {@link Crew.run}. */
  readonly run: (units: readonly Unit[], meanwhile?: () => void) => Float64Array;
  /** Runs calls, any thread any of them. */
  readonly each: (calls: readonly Call[], meanwhile?: () => void) => Float64Array;
  /** The same for calls, when nobody reads their results at once: see {@link Crew.later}. */
  readonly later: (calls: readonly Call[], after?: () => void) => void;
  /** See {@link Crew.together}. */
  readonly together: (work: () => void, meanwhile?: () => void) => void;
  readonly configure: (name: "configure" | "correct", values: readonly number[]) => void;
  /**
   * Cuts work on `count` rows of so many bytes into parts [from, to), more than there are threads, since threads are not equally fast;
   * null where handing it out costs more than it saves.
   */
  readonly cut: (count: number, bytes: number) => readonly Part[] | null;
  /** The address of so many bytes that nobody else uses until another round is done. May grow the memory. */
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

const apart = (calls: readonly Call[]): readonly Unit[] => calls.map((call) => [call]);

/** A stretch of memory. */
interface Piece {
  readonly bytes: number;
  readonly f32: { readonly byteOffset: number };
}

/** Where a team's working memory comes from. */
export interface Allocator<P extends Piece = Piece> {
  allocate(bytes: number): P;
  free(piece: P): void;
}

/** Regions that are handed out one after the other, and all free again once `rounds` has moved on. */
function pieces<P extends Piece>({ allocate, free }: Allocator<P>, rounds: () => number): Team["need"] {
  const regions: P[] = [];
  let taken = 0;
  let seen = -1;
  return (bytes) => {
    if (rounds() !== seen) taken = 0;
    seen = rounds();
    let region = regions[taken];
    if (region === undefined || region.bytes < bytes) {
      if (region !== undefined) free(region);
      region = regions[taken] = allocate(1.25 * bytes);
    }
    taken++;
    return region.f32.byteOffset;
  };
}

/** `count` things in `parts` parts of about the same size. */
export function partsOf(count: number, parts: number): readonly Part[] {
  const edge = (k: number): number => Math.floor((count * k) / parts);
  return Array.from({ length: parts }, (_, k) => ({ from: edge(k), to: edge(k + 1), k }));
}

export function teamOf<P extends Piece>(crew: Crew, arena: number, wasm: WasmExports, memory: Allocator<P>): Team {
  const most = Math.min(4 * crew.threads, 128);
  return {
    wasm,
    threads: crew.threads,
    run: (units, meanwhile) => crew.run(arena, units, meanwhile),
    each: (calls, meanwhile) => crew.run(arena, apart(calls), meanwhile),
    later: (calls, after) => crew.later(arena, apart(calls), after),
    together: (work, meanwhile) => crew.together(work, meanwhile),
    configure: (name, values) => crew.configure(arena, name, values),
    cut(count, bytes) {
      const parts = Math.min(most, count, Math.floor((count * bytes) / leastBytes));
      return parts < 2 ? null : partsOf(count, parts);
    },
    need: pieces(memory, () => crew.rounds),
  };
}

type AnyKernel = (...values: readonly number[]) => number | undefined;

/** This thread, as a team of one. */
export function alone<P extends Piece>(wasm: WasmExports, memory: Allocator<P>): Team {
  let rounds = 0;
  let results = new Float64Array(16);
  function run(units: readonly Unit[], meanwhile?: () => void): Float64Array {
    meanwhile?.();
    const calls = units.reduce((sum, unit) => sum + unit.length, 0);
    if (results.length < calls) results = new Float64Array(2 * calls);
    let k = 0;
    for (const unit of units) {
      for (const [name, ...values] of unit) results[k++] = (wasm[name] as AnyKernel)(...values) ?? 0;
    }
    rounds++;
    return results;
  }
  return {
    wasm,
    threads: 1,
    run,
    each: (calls, meanwhile) => run([calls], meanwhile),
    later(calls, after) {
      run([calls]);
      after?.();
    },
    together: (work) => work(),
    configure: (name, values) => wasm[name](...(values as [number, number])),
    cut: () => null,
    need: pieces(memory, () => rounds),
  };
}
