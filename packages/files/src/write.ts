import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { GradpoolError } from "@gradpool/core";
import { syncFolder } from "./sync.js";

/**
 * Writes a file so that `path` holds either what it held before or the whole new one, after a kill and after a power cut too:
 * `fill` writes to a temporary file, which is flushed and renamed, and the folder is flushed. Error `failed`, with `remedy`.
 */
export function replaceFile(path: string, remedy: string, fill: (file: number) => void): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, "w");
    try {
      fill(file);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (cause) {
    rmSync(temporary, { force: true });
    const what = `could not be written: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new GradpoolError({ code: "failed", what, where: path, remedy, cause });
  }
}

/** A text file, whole or not at all: {@link replaceFile}. */
export function writeWhole(path: string, text: string): void {
  replaceFile(path, "free disk space or choose another folder", (file) => writeFileSync(file, text));
}

const temporaryName = /^(.+)\.\d+\.tmp$/;

/** Removes what kills left of {@link replaceFile} for these names of files; call it with the folder locked. */
export function removeLeftovers(folder: string, names: readonly string[]): void {
  for (const name of readdirSync(folder)) {
    const written = temporaryName.exec(name)?.[1];
    if (written !== undefined && names.includes(written)) rmSync(join(folder, name), { force: true });
  }
}
