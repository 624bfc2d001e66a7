import { mkdirSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { GradpoolError } from "@gradpool/core";

/** Makes a folder; the first of those that were not there yet, if any. Error `failed`. */
export function makeFolders(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const what = `the folder cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new GradpoolError({ code: "failed", what, where: folder, remedy: "give one that can be written to", cause });
  }
}

/** Removes the folders from `folder` up to `top` that are empty. */
export function removeEmpty(folder: string, top: string): void {
  for (let at = folder; at.length >= top.length; at = dirname(at)) {
    try {
      rmdirSync(at);
    } catch {
      return;
    }
  }
}
