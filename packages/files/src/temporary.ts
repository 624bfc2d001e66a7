import { createHash } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isRunning, thisProcess } from "./owner.js";

// What is being written stands beside its place, under its name and this: the process, when it started, its machine, a number.
const ending = /^(.+)\.(\d+)-(\d+)-([0-9a-f]{8})-\d+\.tmp/;

const tagOf = (machine: string): string => createHash("sha256").update(machine).digest("hex").slice(0, 8);

/** What this process writes now: gone with it, should it end in the middle. */
const live = new Set<string>();
let count = 0;

/** Where this process writes what is to become `path`; whatever stands under a name that begins so is its own. */
export function beginTemporary(path: string): string {
  const { pid, started, machine } = thisProcess();
  const temporary = `${path}.${pid}-${started ?? 0}-${tagOf(machine)}-${count++}.tmp`;
  if (live.size === 0) process.on("exit", removeLive);
  live.add(temporary);
  return temporary;
}

/** It has its place, or is to be given up: what is left of it goes. */
export function endTemporary(temporary: string): void {
  removeBeginning(temporary);
  live.delete(temporary);
  if (live.size === 0) process.off("exit", removeLive);
}

/** Ctrl-C ends a process between two lines of its code: what it was writing is no use to anybody. */
function removeLive(): void {
  for (const temporary of live) removeBeginning(temporary);
}

function removeBeginning(temporary: string): void {
  const folder = dirname(temporary);
  for (const name of namesIn(folder)) {
    if (name.startsWith(basename(temporary))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Removes what processes left that were killed while they wrote `path`. One on another machine may still be at it. */
export function sweep(path: string): void {
  const here = thisProcess().machine;
  for (const name of namesIn(dirname(path))) {
    const [, of, pid, started, tag] = ending.exec(name) ?? [];
    if (of !== basename(path) || tag !== tagOf(here)) continue;
    const owner = { pid: Number(pid), started: started === "0" ? null : (started as string), machine: here };
    if (isRunning(owner) === false) rmSync(join(dirname(path), name), { recursive: true, force: true });
  }
}

/** Removes what kills left of writing these names, whoever wrote them: call it with the folder locked. */
export function removeLeftovers(folder: string, names: readonly string[]): void {
  for (const name of namesIn(folder)) {
    const written = ending.exec(name)?.[1];
    if (written !== undefined && names.includes(written)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Nothing in a folder that may not be looked into, or is not there. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
