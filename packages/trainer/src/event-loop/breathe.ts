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
