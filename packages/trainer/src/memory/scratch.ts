import type { Arena, Region } from "./arena.js";

/** A region that grows when a step needs more, and then stays: steps of one size allocate nothing. */
export interface Scratch {
  /** At least `bytes`; what it held is kept if `keep`, else lost when it has to grow. */
  need(bytes: number, keep?: boolean): Region;
  /** The region as it is. */
  readonly region: Region;
}

export function scratch(arena: Arena): Scratch {
  let held = arena.allocate(64);
  return {
    get region() {
      return held;
    },
    need(bytes, keep = false) {
      if (bytes <= held.bytes) return held;
      const next = arena.allocate(Math.ceil(bytes * 1.25));
      if (keep) next.u8.set(held.u8);
      arena.free(held);
      held = next;
      return next;
    },
  };
}
