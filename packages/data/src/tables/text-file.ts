import { closeSync, openSync, writeSync } from "node:fs";
import { problem } from "../errors.js";

/** A growing text file, written in pieces of about a megabyte. */
export function openText(path: string): { write(text: string): void; close(): void } {
  const handle = openSync(path, "w");
  let held: string[] = [];
  let length = 0;
  const flush = (): void => {
    try {
      writeSync(handle, held.join(""));
    } catch (error) {
      const full = ["ENOSPC", "EFBIG", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
      const what = full ? "the disk is full" : `a working file cannot be written (${String(error)})`;
      throw problem("failed", what, path, "free some space, or choose another disk for `out`", error);
    }
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
