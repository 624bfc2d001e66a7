import type { Terminal } from "./terminal.js";

/** A signal that the first Ctrl-C (or SIGTERM) sets off; a second one ends the process at once. */
export function interruptible(
  terminal: Terminal,
  note = "stopping after a checkpoint",
): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    terminal.note(`${note}; once more to stop at once`);
    controller.abort();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    release: () => void process.off("SIGINT", onSignal).off("SIGTERM", onSignal),
  };
}
