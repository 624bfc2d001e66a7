import { builtin } from "./builtin.js";

/** Threads beyond which a step of a usual batch gains little. */
const most = 8;

/**
 * Cores that nobody uses at the moment, by the machine's load of the last minute; 1 at least, 8 at most. A number to begin with: results
 * do not depend on it, and more threads than free cores are slower than fewer. 1 where the machine cannot be asked.
 */
export function freeThreads(): number {
  const os = builtin<typeof import("node:os")>("node:os");
  if (os === undefined) return 1;
  const free = Math.round(os.availableParallelism() - (os.loadavg()[0] ?? 0));
  return Math.min(most, Math.max(1, free));
}
