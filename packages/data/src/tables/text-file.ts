import { closeSync, openSync, writeSync } from "node:fs";

/** A growing text file, written in pieces of about a megabyte. */
export function openText(path: string): { write(text: string): void; close(): void } {
  const handle = openSync(path, "w");
  let held: string[] = [];
  let length = 0;
  const flush = (): void => {
    writeSync(handle, held.join(""));
    held = [];
    length = 0;
  };
  return {
    write(text) {
      held.push(text);
      length += text.length;
      if (length > 1 << 20) flush();
    },
    close() {
      try {
        flush();
      } finally {
        closeSync(handle);
      }
    },
  };
}
