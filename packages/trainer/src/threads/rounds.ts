import type { KernelName } from "./protocol.js";

/** A kernel's name and its arguments. */
export type Call = readonly [KernelName, ...number[]];
/** Calls that one thread does, one after the other. */
export type Unit = readonly Call[];

/** Units of one memory, and what follows them. */
export interface PutOff {
  readonly arena: number;
  readonly units: readonly Unit[];
  readonly after?: (() => void) | undefined;
}

/** How rounds are asked for: at once, or put off until others join them. */
export interface Rounds {
  /**
   * Runs units that do not touch each other's results, in any order, and waits for all; what their calls returned, in the order given and
   * valid until the next round. `meanwhile` runs on this thread first. An error of a call, wherever it ran, is thrown here.
   */
  run(arena: number, units: readonly Unit[], meanwhile?: () => void): Float64Array;
  /** The same for units whose results nobody reads at once: within {@link together} they wait for others. `after` runs once they are done. */
  later(arena: number, units: readonly Unit[], after?: () => void): void;
  /** One round for all units that `work` puts off by {@link later}, which must not touch each other's results; `meanwhile` as in {@link run}. */
  together(work: () => void, meanwhile?: () => void): void;
}

/** Rounds by what does one: hands out all units, waits for them, and runs what follows them. */
export function roundsOf(round: (all: readonly PutOff[], meanwhile?: () => void) => Float64Array): Rounds {
  let putOff: PutOff[] | undefined;

  function flush(meanwhile?: () => void): void {
    const all = putOff ?? [];
    if (putOff !== undefined) putOff = [];
    if (all.length > 0) round(all, meanwhile);
  }

  return {
    run(arena, units, meanwhile) {
      // What was put off comes first: all is done in the order in which it was asked for.
      flush();
      return round([{ arena, units }], meanwhile);
    },
    later(arena, units, after) {
      if (putOff === undefined) round([{ arena, units, after }]);
      else putOff.push({ arena, units, after });
    },
    together(work, meanwhile) {
      putOff = [];
      try {
        work();
        flush(meanwhile);
      } finally {
        putOff = undefined;
      }
    },
  };
}
