import type { GradpoolError } from "@gradpool/core";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { problem } from "../errors.js";

/** A growing file of bytes; `at` is how many it has. */
export interface OutFile {
  readonly at: number;
  write(bytes: Uint8Array): void;
  close(): void;
}

/** `named`: what errors call it, where `path` is a working file of it. */
export function openOut(path: string, named: string = path): OutFile {
  const handle = openSync(path, "w");
  let at = 0;
  return {
    get at() {
      return at;
    },
    write(bytes) {
      try {
        // Unlike writeSync it goes on until all is there: a disk that is almost full takes a part without an error.
        writeFileSync(handle, bytes);
      } catch (error) {
        throw notWritten(named, error);
      }
      at += bytes.length;
    },
    close: () => closeSync(handle),
  };
}

function notWritten(path: string, error: unknown): GradpoolError {
  const full = ["ENOSPC", "EFBIG", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
  const what = full ? "the disk is full" : `a working file cannot be written (${String(error)})`;
  return problem("failed", what, path, "free some space, or choose another disk for `out`", error);
}
