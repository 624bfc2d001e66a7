import { existsSync, readFileSync, rmSync, statSync, utimes } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { GradpoolError } from "@gradpool/core";
import { lock } from "proper-lockfile";
import { isRunning, type Owner, thisProcess } from "./owner.js";
import { makeFolders, removeEmpty } from "./folders.js";
import { removeLeftovers } from "./temporary.js";
import { writeWhole } from "./write.js";

export interface LockOptions {
  /** Milliseconds to wait for a process that is about to end. Default 0. */
  readonly patience?: number;
}

/** A folder that this process alone writes to. */
export interface FolderLock {
  /** Ends it; of folders that were made for the lock, those that are empty go. */
  release(): void;
}

const recordName = "lock.json";
const gateName = "lock.gate";

/** A process elsewhere says that it runs by touching its record; after so long a silence it is taken to be over. */
const beat = 20_000;
const silence = 10 * beat;

/**
 * Locks a folder, which is made if it is not there, for this process; error `usage` in one line if another has it. `lock.json`
 * in the folder says who. A process that was killed holds nothing: on the same machine that is seen at once, from another one
 * (a shared disk) after some minutes.
 */
export async function lockFolder(folder: string, { patience = 0 }: LockOptions = {}): Promise<FolderLock> {
  let made = makeFolders(folder);
  const record = join(folder, recordName);
  const until = performance.now() + patience;
  while (!(await taken(folder, record))) {
    if (performance.now() >= until) throw refusal(folder, read(record));
    await pause(50);
    // Who left it may have taken the folder away with an empty run.
    made = makeFolders(folder) ?? made;
  }
  // A record that is gone, with its folder, is nobody's to mend.
  const pulse = setInterval(() => utimes(record, new Date(), new Date(), () => undefined), beat).unref();
  return {
    release() {
      clearInterval(pulse);
      rmSync(record, { force: true });
      if (made !== undefined) removeEmpty(folder, made);
    },
  };
}

/** Error `usage` if another process has the folder: a look before work that would be in vain. */
export function refuseLocked(folder: string): void {
  const record = join(folder, recordName);
  const owner = read(record);
  if (owner !== null && isHeld(record, owner)) throw refusal(folder, owner);
}

/** {@link take}; false too where the folder was taken away before it could be. */
async function taken(folder: string, record: string): Promise<boolean> {
  try {
    return await take(folder, record);
  } catch (error) {
    if (existsSync(folder)) throw error;
    return false;
  }
}

/** Looks who has it and takes it if nobody does; one process at a time does that, behind the gate. */
async function take(folder: string, record: string): Promise<boolean> {
  const open = await lock(folder, {
    lockfilePath: join(folder, gateName),
    realpath: false,
    stale: 3000,
    retries: { retries: 100, factor: 1, minTimeout: 40, maxTimeout: 80, randomize: true },
    // Nobody takes a gate that is passed through in milliseconds, unless this process was stopped in it.
    onCompromised: () => undefined,
  });
  try {
    const owner = read(record);
    if (owner !== null && isHeld(record, owner)) return false;
    removeLeftovers(folder, [recordName]);
    writeWhole(record, `${JSON.stringify(thisProcess())}\n`);
    return true;
  } finally {
    await open();
  }
}

function read(record: string): Owner | null {
  if (!existsSync(record)) return null;
  try {
    const { pid, started, machine } = JSON.parse(readFileSync(record, "utf8")) as Owner;
    return { pid, started, machine };
  } catch {
    // Written whole or not at all: what does not read is nobody's.
    return null;
  }
}

function isHeld(record: string, owner: Owner): boolean {
  const running = isRunning(owner);
  if (running !== null) return running;
  const touched = statSync(record, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched < silence;
}

function refusal(folder: string, owner: Owner | null): GradpoolError {
  const here = owner === null || owner.machine === thisProcess().machine;
  const [host] = owner?.machine.split(" ") ?? [];
  return new GradpoolError({
    code: "usage",
    what: `another process${owner === null ? "" : ` (${owner.pid}${here ? "" : ` on ${host}`})`} is writing here`,
    where: folder,
    remedy: here
      ? "wait until it ends, or choose another folder"
      : "wait until it ends; if it was killed, some minutes",
  });
}
