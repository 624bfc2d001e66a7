const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** Prints a download's progress: one line that rewrites itself on a terminal, elsewhere a plain line every five seconds and one at the end. */
export function progressPrinter(
  stream: NodeJS.WriteStream,
  now: () => number = Date.now,
): (file: string, received: number, total: number | undefined) => void {
  let last = now();
  return (file, received, total) => {
    const whole = received === total;
    if (!whole && now() - last < (stream.isTTY ? 200 : 5000)) return;
    last = now();
    const share = total === undefined ? "" : ` of ${megabytes(total)} MB (${Math.floor((100 * received) / total)} %)`;
    const line = `gradpool-native: ${file}: ${megabytes(received)}${share === "" ? " MB" : share}`;
    stream.write(stream.isTTY ? `\r\u001B[K${line}${whole ? "\n" : ""}` : `${line}\n`);
  };
}
