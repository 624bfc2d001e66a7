/**
 * What the threads of a crew share. Unlike messages, which wait for an event loop, it is seen while all of them are busy.
 *
 * A *call* is one kernel with its arguments. The calls of a round are handed out by one word, the ticket: it counts down the
 * calls that are left, below the number of the round, so that a thread which looks too late can take nothing that is not there.
 */
import type { WasmExports } from "../kernels/exports.js";
import type { Memory } from "../kernels/webassembly.js";

/** Words of `Shared.words`. */
export const TICKET = 0;
/** Calls of the round that are done. */
export const DONE = 1;
/** Threads that sleep on the ticket. */
export const ASLEEP = 2;
export const STOPPED = 3;
/** 1 + the call that failed, 0: none. */
export const FAILED = 4;
/** Moves on with the optimiser's constants. */
export const CONSTANTS = 5;
/** Whether the leader sleeps until all calls are done. */
export const WAITING = 7;
/** Workers that have begun. */
export const UP = 6;
export const WORDS = 16;

/** Calls of a round at most, and the numbers of one: arena, kernel, arguments. */
export const mostCalls = 255;
export const callWidth = 24;

const leftBits = 8;
export const leftOf = (ticket: number): number => ticket & ((1 << leftBits) - 1);
export const ticketOf = (round: number, calls: number): number => (round << leftBits) | calls;

/** Kernels that a crew calls. */
export type KernelName =
  | "configure"
  | "correct"
  | "gather"
  | "gatherPooled"
  | "addPooled"
  | "scatterShard"
  | "gram"
  | "gramTerms"
  | "rowNorms"
  | "expand"
  | "combineRows"
  | "applyApart"
  | "applyTasks"
  | "applyValues"
  | "catchUp"
  | "propagate"
  | "propagatePlanes"
  | "spreadPlanes"
  | "toPlanes"
  | "bpr"
  | "bce"
  | "mse";

/** By number: what is shared are numbers. */
export const kernelNames: readonly (KernelName & keyof WasmExports)[] = [
  "configure",
  "correct",
  "gather",
  "gatherPooled",
  "addPooled",
  "scatterShard",
  "gram",
  "gramTerms",
  "rowNorms",
  "expand",
  "combineRows",
  "applyApart",
  "applyTasks",
  "applyValues",
  "catchUp",
  "propagate",
  "propagatePlanes",
  "spreadPlanes",
  "toPlanes",
  "bpr",
  "bce",
  "mse",
];

/** Constants of an arena's optimiser: the arguments of `configure`, then those of `correct`. */
export const constantsOf = { configure: { at: 0, count: 9 }, correct: { at: 9, count: 2 } } as const;
export const constantsWidth = 11;
/** Arenas of one crew at most. */
export const mostArenas = 64;

export interface Shared {
  readonly words: Int32Array;
  /** mostCalls × callWidth. */
  readonly calls: Float64Array;
  /** What each call returned. */
  readonly results: Float64Array;
  /** mostArenas × constantsWidth. */
  readonly constants: Float64Array;
  /** The compiled kernels. */
  readonly kernels: object;
}

/** What a worker is told: the memories that it has not heard of, by number. */
export interface NewMemory {
  readonly arena: number;
  readonly memory: Memory;
}

type AnyKernel = (...values: readonly number[]) => number | undefined;

/** Runs call `k` of the round on this thread's instance of the kernels. */
export function perform({ calls, results }: Shared, k: number, kernelsOf: (arena: number) => WasmExports): void {
  const at = k * callWidth;
  const name = kernelNames[calls[at + 1] as number] as KernelName;
  const count = calls[at + 2] as number;
  const kernel = kernelsOf(calls[at] as number)[name] as AnyKernel;
  const values: number[] = [];
  for (let j = 0; j < count; j++) values.push(calls[at + 3 + j] as number);
  results[k] = kernel(...values) ?? 0;
}

/** Takes a call of the round, −1 when none is left. */
export function takeCall(words: Int32Array): number {
  for (;;) {
    const ticket = Atomics.load(words, TICKET);
    const left = leftOf(ticket);
    if (left === 0) return -1;
    if (Atomics.compareExchange(words, TICKET, ticket, ticket - 1) === ticket) return left - 1;
  }
}

/** Runs a call that was taken; wakes the leader where it sleeps. */
export function finishCall(shared: Shared, k: number, kernelsOf: (arena: number) => WasmExports): void {
  try {
    perform(shared, k, kernelsOf);
  } catch {
    // The thread that leads does the call again, and meets the error itself: here nobody could say it.
    Atomics.compareExchange(shared.words, FAILED, 0, k + 1);
  }
  Atomics.add(shared.words, DONE, 1);
  if (Atomics.load(shared.words, WAITING) !== 0) Atomics.notify(shared.words, DONE);
}
