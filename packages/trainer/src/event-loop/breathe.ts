import { GradpoolError } from "@gradpool/core";

/**
 * A pause that lets the event loop turn, at most every `interval` milliseconds: a loop that awaits nothing but finished promises
 * never lets a signal (Ctrl-C), a timer or a page in.
 */
export function breather(interval = 50): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < interval) return undefined;
    return new Promise((resolve) => {
      setTimeout(() => {
        last = performance.now();
        resolve();
      }, 0);
    });
  };
}

/** A breather of work that a signal ends: then it throws, as `interrupted`. */
export function stopper(signal: AbortSignal | undefined): () => Promise<void> {
  const breathe = breather();
  return async () => {
    await breathe();
    if (signal?.aborted !== true) return;
    throw new GradpoolError({
      code: "interrupted",
      what: "the evaluation was interrupted",
      where: "evaluate",
      remedy: "run it again",
    });
  };
}
