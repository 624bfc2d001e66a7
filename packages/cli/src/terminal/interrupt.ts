import { exitInterrupted } from "./errors.js";
import type { Terminal } from "./terminal.js";

/**
 * One Ctrl-C comes more than once where a terminal sends it to the whole group and npm or npx passes it on: what follows
 * within so many milliseconds is no second one.
 */
const echo = 1000;

/** Ctrl-C, the polite end, and the end of the terminal. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A signal that the first Ctrl-C (or SIGTERM, or the terminal's end) sets off; a second one ends the process at once. */
export function interruptible(
  terminal: Terminal,
  note = "stopping after a checkpoint",
  now: () => number = () => performance.now(),
): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  let first = 0;
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      if (now() - first > echo) process.exit(exitInterrupted);
      return;
    }
    first = now();
    controller.abort();
    terminal.note(`${note}; once more to stop at once`);
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release() {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}

/** Runs what has nothing to save: Ctrl-C ends the process, and what was half written goes with it. */
export async function stoppable<T>(terminal: Terminal, work: () => Promise<T>): Promise<T> {
  const onSignal = (): void => {
    terminal.note("interrupted");
    process.exit(exitInterrupted);
  };
  for (const name of signals) process.on(name, onSignal);
  try {
    return await work();
  } finally {
    for (const name of signals) process.off(name, onSignal);
  }
}
