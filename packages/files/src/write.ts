import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { makeFolders, removeEmpty } from "./folders.js";
import { syncFile, syncFolder, syncTree } from "./sync.js";
import { beginTemporary, endTemporary, sweep } from "./temporary.js";

function failed(path: string, remedy: string, cause: unknown): GradpoolError {
  if (isGradpoolError(cause)) return cause;
  const what = `could not be written: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new GradpoolError({ code: "failed", what, where: path, remedy, cause });
}

/**
 * Writes a file so that `path` holds either what it held before or the whole new one, after a kill and after a power cut too:
 * `fill` writes to a temporary file, which is flushed and renamed, and the folder is flushed. What a killed process left of the
 * same is taken away. Errors: `invalid-input` where `path` is a folder; `failed`, with `remedy`.
 */
export function replaceFile(path: string, remedy: string, fill: (file: number) => void): void {
  replace(path, remedy, (temporary) => {
    const file = openSync(temporary, "w");
    try {
      fill(file);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

/** Gives a file a second name, in place of what that named before: the one file or the other has it, at every moment. */
export function linkFile(from: string, path: string): void {
  replace(path, makeRoom, (temporary) => linkSync(from, temporary));
}

/** Puts what `make` makes at a temporary path, which is on the disk then, in the place of `path`. */
function replace(path: string, remedy: string, make: (temporary: string) => void): void {
  refuseFolder(path);
  sweep(path);
  const temporary = beginTemporary(path);
  try {
    make(temporary);
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (cause) {
    throw failed(path, remedy, cause);
  } finally {
    endTemporary(temporary);
  }
}

/** A folder in the place of a file is nothing to replace: it holds what somebody put there. */
function refuseFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  const remedy = "move the folder away, or give another path";
  throw new GradpoolError({ code: "invalid-input", what: "it is a folder, not a file", where: path, remedy });
}

const makeRoom = "free disk space or choose another folder";

/** A text or binary file, whole or not at all: {@link replaceFile}. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  replaceFile(path, makeRoom, (file) => writeFileSync(file, content));
}

/**
 * The same for what takes its time or is written by others: `fill` makes the file at the path that it is given, and may keep
 * working files under names that begin with it. Its own errors pass.
 */
export async function fillFile<T>(path: string, remedy: string, fill: (temporary: string) => Promise<T>): Promise<T> {
  refuseFolder(path);
  sweep(path);
  const temporary = beginTemporary(path);
  try {
    const answer = await fill(temporary);
    syncFile(temporary);
    renameSync(temporary, path);
    syncFolder(dirname(path));
    return answer;
  } catch (cause) {
    throw failed(path, remedy, cause);
  } finally {
    endTemporary(temporary);
  }
}

/**
 * Makes a folder that appears when it is whole and on the disk, or not at all: `fill` writes into the one that it is given.
 * Errors: `usage` if `folder` is there, `failed`, and those of `fill`.
 */
export async function fillFolder<T>(folder: string, fill: (temporary: string) => Promise<T>): Promise<T> {
  refuseThere(folder);
  sweep(folder);
  const made = makeFolders(dirname(folder));
  const temporary = beginTemporary(folder);
  try {
    mkdirSync(temporary);
    const answer = await fill(temporary);
    syncTree(temporary);
    refuseThere(folder);
    renameSync(temporary, folder);
    syncFolder(dirname(folder));
    return answer;
  } catch (cause) {
    endTemporary(temporary);
    if (made !== undefined) removeEmpty(dirname(folder), made);
    throw failed(folder, makeRoom, isGradpoolError(cause) ? inPlace(cause, temporary, folder) : cause);
  } finally {
    endTemporary(temporary);
  }
}

/** The error with the name that people gave, in place of that of the folder that is being filled. */
function inPlace(error: GradpoolError, temporary: string, folder: string): GradpoolError {
  if (!error.where.startsWith(temporary)) return error;
  const { code, what, where, remedy } = error;
  return new GradpoolError({ code, what, where: folder + where.slice(temporary.length), remedy, cause: error });
}

function refuseThere(folder: string): void {
  if (!existsSync(folder)) return;
  throw new GradpoolError({ code: "usage", what: "it is there already", where: folder, remedy: "give a new folder" });
}
