import { renameSync, rmSync, writeFileSync } from "node:fs";
import { GradpoolError } from "@gradpool/core";

/** Writes a file whole or not at all. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new GradpoolError({
      code: "failed",
      what: `could not be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: path,
      remedy: "free disk space or choose another folder",
      cause,
    });
  }
}
