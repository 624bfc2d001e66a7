/**
 * What the threads of a crew share. Unlike messages, which wait for an event loop, it is seen while all of them are busy.
 *
 * A *call* is one kernel with its arguments, a *unit* some calls that one thread does one after the other. The units of a round are
 * handed out by one word, the ticket: the round, the first unit that is left, and the one behind the last. The leader takes from the
 * front and workers, in turns, from the back: so a thread comes upon what it made itself in the round before, and has it in its caches.
 * The word says all: a thread that looks too late takes nothing that is not there.
 */
import type { WasmExports } from "../kernels/exports.js";
import type { Memory } from "../kernels/webassembly.js";

/** Words of `Shared.words`. */
export const TICKET = 0;
/** Units of the round that are done. */
export const DONE = 1;
/** Threads that sleep on the ticket. */
export const ASLEEP = 2;
export const STOPPED = 3;
/** 1 + the call that failed, 0: none. */
export const FAILED = 4;
/** Moves on with the optimiser's constants. */
export const CONSTANTS = 5;
/** Workers that have begun. */
export const UP = 6;
/** Whether the leader sleeps until all units are done. */
export const WAITING = 7;
export const WORDS = 16;

const unitBits = 12;
const unitMask = (1 << unitBits) - 1;
const front = 1 << unitBits;

/** Units and calls of a round at most, and the numbers of a call: arena, kernel, how many arguments, and these. */
export const mostUnits: number = unitMask;
export const mostCalls = 8192;
export const callWidth = 24;

export const leftOf = (ticket: number): number => (ticket & unitMask) - ((ticket >>> unitBits) & unitMask);
export const ticketOf = (round: number, units: number): number => ((round & 0x7f) << (2 * unitBits)) | units;

/** Kernels that a crew calls. */
export type KernelName =
  | "configure"
  | "correct"
  | "gather"
  | "gatherPooled"
  | "addPooled"
  | "scatterNext"
  | "scatterShard"
  | "tally"
  | "sortSlots"
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
  | "product"
  | "outer"
  | "scorePairs"
  | "bpr"
  | "bce"
  | "mse";

/** By number: what is shared are numbers. */
const kernelNames: readonly (KernelName & keyof WasmExports)[] = [
  "configure",
  "correct",
  "gather",
  "gatherPooled",
  "addPooled",
  "scatterNext",
  "scatterShard",
  "tally",
  "sortSlots",
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
  "product",
  "outer",
  "scorePairs",
  "bpr",
  "bce",
  "mse",
];

export const numberOf: Readonly<Record<KernelName, number>> = Object.fromEntries(
  kernelNames.map((name, k) => [name, k]),
) as Record<KernelName, number>;

/** Constants of an arena's optimiser: the arguments of `configure`, then those of `correct`. */
export const constantsOf = { configure: { at: 0, count: 9 }, correct: { at: 9, count: 2 } } as const;
export const constantsWidth = 11;
/** Arenas of one crew at most. */
export const mostArenas = 64;

export interface Shared {
  readonly words: Int32Array;
  /** mostCalls × callWidth. */
  readonly calls: Float64Array;
  /** By unit: its first call, and behind the last unit that of none. */
  readonly units: Int32Array;
  /** What each call returned. */
  readonly results: Float64Array;
  /** mostArenas × constantsWidth. */
  readonly constants: Float64Array;
  /** The compiled kernels. */
  readonly kernels: object;
}

/** What a worker is told of itself. */
export interface Role {
  /** Whether it takes units from the front. */
  readonly front: boolean;
}

/** What a worker is told: the memories that it has not heard of, by number. */
export interface NewMemory {
  readonly arena: number;
  readonly memory: Memory;
}

type AnyKernel = (...values: readonly (number | undefined)[]) => number | undefined;

/** Runs call `k` of the round on this thread's instance of the kernels. */
export function perform({ calls: c, results }: Shared, k: number, kernelsOf: (arena: number) => WasmExports): void {
  const at = k * callWidth;
  const name = kernelNames[c[at + 1] as number] as KernelName;
  const kernel = kernelsOf(c[at] as number)[name] as AnyKernel;
  const o = at + 3;
  // What a kernel does not take is passed over: cheaper than an array of just its arguments.
  results[k] =
    // prettier-ignore
    kernel(
      c[o], c[o + 1], c[o + 2], c[o + 3], c[o + 4], c[o + 5], c[o + 6], c[o + 7], c[o + 8], c[o + 9], c[o + 10],
      c[o + 11], c[o + 12], c[o + 13], c[o + 14], c[o + 15], c[o + 16], c[o + 17], c[o + 18], c[o + 19], c[o + 20],
    ) ?? 0;
}

/** Takes a unit of the round, −1 when none is left. */
export function takeUnit(words: Int32Array, fromFront: boolean): number {
  for (;;) {
    const ticket = Atomics.load(words, TICKET);
    if (leftOf(ticket) <= 0) return -1;
    const next = fromFront ? ticket + front : ticket - 1;
    if (Atomics.compareExchange(words, TICKET, ticket, next) !== ticket) continue;
    return fromFront ? (ticket >>> unitBits) & unitMask : (ticket & unitMask) - 1;
  }
}

/** Runs a unit that was taken; wakes the leader where it sleeps. */
export function finishUnit(shared: Shared, unit: number, kernelsOf: (arena: number) => WasmExports): void {
  const { words, units } = shared;
  const end = units[unit + 1] as number;
  let call = units[unit] as number;
  try {
    for (; call < end; call++) perform(shared, call, kernelsOf);
  } catch {
    // The thread that leads does the call again, and meets the error itself: here nobody could say it.
    Atomics.compareExchange(words, FAILED, 0, call + 1);
  }
  Atomics.add(words, DONE, 1);
  if (Atomics.load(words, WAITING) !== 0) Atomics.notify(words, DONE);
}

/** Looks at a word until `seen` says that it has come, for so many milliseconds; whether it has. */
export function spin(seen: () => boolean, patience: number): boolean {
  const end = performance.now() + patience;
  do {
    for (let k = 0; k < 100; k++) if (seen()) return true;
  } while (performance.now() < end);
  return false;
}
